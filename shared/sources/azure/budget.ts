import { factsOf } from '../custom.ts';
import { type Fields, fieldsOf, leadingNumberOf, textOf } from '../read.ts';
import { readSignal } from '../signal.ts';
import type { Details } from './details.ts';

/** Budget alerts: amounts come as money text (`$11,111.00`); rule, severity and targets are null in the essentials. */
export function readBudget(context: Fields): Details {
  const data = fieldsOf(context['AlertData']);
  const forecast = leadingNumberOf(data['ForecastedTotalForPeriod']);
  const spent = leadingNumberOf(data['SpentAmount']);
  const isForecast = textOf(data['ThresholdType'])?.toLowerCase() === 'forecasted';
  return {
    category: 'budget',
    signals: [
      readSignal({
        metric: textOf(data['BudgetType']) ?? 'Cost',
        threshold: leadingNumberOf(data['NotificationThresholdAmount']) ?? leadingNumberOf(data['BudgetThreshold']),
        value: isForecast ? (forecast ?? spent) : (spent ?? forecast),
        aggregation: data['ThresholdType'],
        dimensions: Object.entries(factsOf({ unit: textOf(data['Unit']) })),
      }),
    ],
    facts: factsOf({
      budget: textOf(data['BudgetName']),
      budgetThreshold: textOf(data['BudgetThreshold']),
      spentAmount: textOf(data['SpentAmount']),
      forecastedTotal: textOf(data['ForecastedTotalForPeriod']),
      unit: textOf(data['Unit']),
    }),
    rule: textOf(data['BudgetName']),
    scopeId: data['Scope'],
  };
}
