import { expect, test } from 'vitest';
import { threadOf } from '../../../shared/chat/thread.ts';
import { finding, incident } from './incidents.ts';
import { PLAN_CASES } from './plan-cases.ts';

test('the thread ends with duration and cause, refusals and who was hurt, how to prevent it, and what was done', () => {
  expect(threadOf(PLAN_CASES['final-summary'] ?? incident(), 'masked').at(-1)?.lines).toEqual([
    'Resolved after 23 min: kv-orders-prod, retry storm',
    'orders-api explains 92 % of 1,240 refused requests; 3 other callers hurt',
    'Prevent: Wait 1, 2, 4, 8, 16 s with full jitter between retries (1,240 → 35 refused, peak 152 → 61 %)',
    'Done: PagerDuty called 14:18 UTC, acknowledged by Dana Scully 14:20 UTC, Keep secrets of orders-api for 60 min (worked: 429s stopped 40 s after; 310 → 0 refused a minute)',
  ]);
});

test.each([
  ['masked', true],
  ['full', true],
  ['minimal', false],
] as const)('with privacy %s the thread names what the channel may not: %s', (privacy, names) => {
  const facts = [
    {
      label: 'Most read',
      value: 'secrets/orders-db',
      from: { kind: 'targets', column: 'target', window: 'incident' as const },
    },
  ];
  const [first] = threadOf(incident({ findings: [finding({ facts })] }), privacy);
  expect(first?.lines.includes('Most read: secrets/orders-db')).toBe(names);
});
