import { describe, expect, test } from 'vitest';
import type { TimelineRow } from '../../../shared/evidence/timeline.ts';
import type { Evidence } from '../../../shared/model.ts';
import { errorBudgetBurn } from '../../../shared/pipeline/error-budget.ts';
import { measureImpact } from '../../../shared/pipeline/impact.ts';
import { FROM, TO, VAULT } from '../evidence/kit.ts';

const OBJECTIVE = { target: 0.99 };

/** Requests a minute, all in its first second, by outcome. */
function evidenceOf(perMinute: Partial<Record<TimelineRow['outcome'], readonly number[]>>): Evidence {
  const rows = Object.entries(perMinute).map(([outcome, minutes]) => ({
    class: 'secret',
    outcome,
    fromSecond: Date.parse(FROM) / 1000,
    perSecond: minutes.flatMap((count) => [count, ...new Array<number>(59).fill(0)]),
  }));
  const reading = { kind: 'timeline', store: 'files', window: 'incident', readAt: TO } as const;
  return {
    resource: VAULT,
    from: FROM,
    to: TO,
    readings: [{ ...reading, state: 'read', rows, truncated: false, completeness: null }],
  };
}

const minutes = (count: number, each: number): number[] => new Array<number>(count).fill(each);

describe('the burn of an error budget', () => {
  test.each([
    ['one error in a hundred against 99 % uses up exactly the budget', { served: [99], refused: [1] }, 1],
    ['ten in a hundred burn ten times as fast', { served: [90], refused: [10] }, 10],
    ['a failed request is an error as a refused one is', { served: [90], failed: [10] }, 10],
    [
      'what is forbidden or not there was answered as it should be',
      { served: [80], forbidden: [10], 'not-found': [10] },
      0,
    ],
    ['a challenge counts on neither side', { served: [90], refused: [10], challenged: [1000] }, 10],
    ['nothing refused burns nothing', { served: minutes(120, 50) }, 0],
    // 5 of 60 minutes are refused to a half: 2.5 of 60 is 4.2 %.
    [
      'a burst is held against its hour',
      { served: [...minutes(55, 10), ...minutes(5, 5)], refused: [...minutes(55, 0), ...minutes(5, 5)] },
      4.17,
    ],
    [
      'the worst hour counts, not the average of all',
      { served: [...minutes(60, 10), ...minutes(60, 9)], refused: [...minutes(60, 0), ...minutes(60, 1)] },
      10,
    ],
    ['what is shorter than an hour is taken as it is', { served: [0, 0, 30], refused: [10, 0, 0] }, 25],
  ])('%s', (_what, perMinute, burn) => {
    expect(errorBudgetBurn(evidenceOf(perMinute), OBJECTIVE)).toBe(burn);
  });

  test('is unknown without an objective, without a log and without requests', () => {
    const served = evidenceOf({ served: [10] });
    expect(errorBudgetBurn(served, null)).toBeNull();
    expect(errorBudgetBurn({ ...served, readings: [] }, OBJECTIVE)).toBeNull();
    expect(errorBudgetBurn(evidenceOf({ challenged: [3] }), OBJECTIVE)).toBeNull();
    expect(errorBudgetBurn(evidenceOf({}), OBJECTIVE)).toBeNull();
  });

  test('stands in the impact where there is an objective', () => {
    const evidence = evidenceOf({ served: [90], refused: [10] });
    expect(measureImpact(evidence, new Set(), OBJECTIVE)?.errorBudgetBurn).toBe(10);
    expect(measureImpact(evidence, new Set())?.errorBudgetBurn).toBeNull();
  });
});
