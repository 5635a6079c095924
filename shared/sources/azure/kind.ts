import { type Fields, fieldsOf, listOf } from '../read.ts';
import { readActivity } from './activity.ts';
import { readBudget } from './budget.ts';
import type { ReadDetails } from './details.ts';
import { readLog } from './log.ts';
import { readMetric } from './metric.ts';
import { readOther } from './other.ts';
import { readPrometheus } from './prometheus.ts';
import { readResourceHealth } from './resource-health.ts';
import { readServiceHealth } from './service-health.ts';
import { readSmartDetector } from './smart-detector.ts';

/** By `monitoringService` without spaces, in lower case: official samples spell `Resource Health` both ways. */
const BY_SERVICE: Readonly<Record<string, ReadDetails>> = {
  platform: readMetric,
  logalertsv2: readLog,
  simplelogalert: readLog,
  loganalytics: readLog,
  applicationinsights: readLog,
  'activitylog-administrative': readActivity,
  'activitylog-policy': readActivity,
  'activitylog-autoscale': readActivity,
  'activitylog-security': readActivity,
  'activitylog-recommendation': readActivity,
  servicehealth: readServiceHealth,
  'activitylog-servicehealth': readServiceHealth,
  resourcehealth: readResourceHealth,
  'activitylog-resourcehealth': readResourceHealth,
  smartdetector: readSmartDetector,
  prometheus: readPrometheus,
  costalerts: readBudget,
};

/** For services that the table does not know. */
const BY_SHAPE: readonly (readonly [fits: (context: Fields) => boolean, read: ReadDetails])[] = [
  [(context) => 'SearchQuery' in context || 'searchQuery' in firstCriterion(context), readLog],
  [(context) => 'metricName' in firstCriterion(context), readMetric],
  [(context) => 'SmartDetectorId' in context || 'SmartDetectorName' in context, readSmartDetector],
  [(context) => 'expression' in context && 'labels' in context, readPrometheus],
  [(context) => 'AlertData' in context, readBudget],
  [(context) => 'trackingId' in fieldsOf(context['properties']), readServiceHealth],
  [(context) => 'currentHealthStatus' in fieldsOf(context['properties']), readResourceHealth],
  [(context) => 'eventDataId' in context && 'operationName' in context, readActivity],
];

/** The reader for an alert: by the service that sent it, else by the shape of its context, else the readable minimum. */
export function readerOf(service: string | null | undefined, context: Fields): ReadDetails {
  const key = service?.replace(/\s+/g, '').toLowerCase() ?? '';
  const known = Object.hasOwn(BY_SERVICE, key) ? BY_SERVICE[key] : undefined;
  // Legacy log alerts may come from `Platform` too, so that name alone decides nothing.
  if (known !== undefined && known !== readMetric) return known;
  for (const [fits, read] of BY_SHAPE) if (fits(context)) return read;
  return known ?? readOther;
}

function firstCriterion(context: Fields): Fields {
  return fieldsOf(listOf(fieldsOf(context['condition'])['allOf'])[0]);
}
