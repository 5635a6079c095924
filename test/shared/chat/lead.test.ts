import { describe, expect, test } from 'vitest';
import { buildMessage } from '../../../shared/chat/message.ts';
import type { Finding, Incident } from '../../../shared/model.ts';
import { CASES } from './cases.ts';
import { finding, hitsSignal, IMPACT, incident, refusedSignal } from './incidents.ts';
import { PLAN_CASES } from './plan-cases.ts';

const DIAGNOSED = { diagnosedAt: '2026-11-20T14:10:00.000Z' };
const CONFIRMED = { ...DIAGNOSED, findings: [finding()], impact: IMPACT };

describe('the lead', () => {
  test('before diagnosis says what is wrong, since when, by which rule, and what follows', () => {
    expect(buildMessage(incident()).lead).toEqual([
      'kv-orders-prod: 412 requests refused with 429 in 5 min',
      'Since 2026-11-20 14:03 UTC, alert rule Key Vault requests refused',
      'Reading the evidence: who and why follow as the logs arrive, usually in 3-10 min',
    ]);
  });

  test('with a cause says resource and cause, caller and share, and the first fix with its effect', () => {
    expect(buildMessage(incident(CONFIRMED)).lead).toEqual([
      'kv-orders-prod: retry storm. Refused requests are retried at once and keep the…',
      'orders-api explains 92 % of 1,240 refused requests; 3 other callers hurt',
      'Fix: Wait 1, 2, 4, 8, 16 s with full jitt… (1,240 → 35 refused, peak 152 → 61 %)',
    ]);
  });

  test('promises what the first fix does that helps, and promises nothing of one that does not', () => {
    const [first, second] = finding().fixes;
    if (!first?.predicted || !second) throw new Error('two fixes are needed');
    const useless = { ...first, predicted: { ...first.predicted, throttledAfter: 1239, peakUtilisationAfter: 1.52 } };
    const told = (fixes: Finding['fixes']) => buildMessage(incident({ ...CONFIRMED, findings: [finding({ fixes })] }));
    expect(told([useless, second]).lead[2]).toMatch(/^Fix: Cache secrets for an hour/);
    expect(told([useless, second]).findings[0]?.fixes.map(({ effect }) => effect)).toEqual([
      '1,240 → 0 refused, peak 152 → 8 % of the limit',
      'helps little: 1,240 → 1,239 refused, peak still 152 % of the limit',
    ]);
    expect(told([useless]).lead[2]).toContain('helps little: 1,240 → 1,239 refused');
  });

  test('marks a cause that is only likely', () => {
    const lead = buildMessage(incident({ ...CONFIRMED, findings: [finding({ verdict: 'likely' })] })).lead;
    expect(lead[0]).toContain('retry storm (likely)');
  });

  test('keeps caller, share, cause and effect however long the names are', () => {
    const long = 'n'.repeat(120);
    const lead = buildMessage(
      incident({
        ...CONFIRMED,
        resource: { ...incident().resource, name: long },
        findings: [
          finding({
            caller: { id: 'x', kind: 'application', displayName: long, addresses: 1 },
            fixes: finding().fixes.map((fix) => ({ ...fix, title: long })),
          }),
        ],
      }),
    ).lead;
    expect(lead[0]).toContain(': retry storm. ');
    expect(lead[1]).toContain('nnn explains 92 % of 1,240 refusals; 3 others hurt');
    expect(lead[2]).toContain('(1,240 → 35 refused');
    expect(lead.filter((line) => line.length > 80)).toEqual([]);
  });

  test('with an inconclusive finding names the candidate and the next step', () => {
    const lead = buildMessage(CASES['evidence-unavailable'] ?? incident()).lead;
    expect(lead[1]).toContain('Cause not settled; it may be missing cache. Refused');
    expect(lead[2]).toContain('Next: Give the identity headroom-reader the role');
  });

  test('without any finding says so and when it is read again', () => {
    expect(buildMessage(incident(DIAGNOSED)).lead.slice(1)).toEqual([
      'No cause found in what could be read',
      'Next: it is read again as the logs arrive, up to 20 min after the start',
    ]);
  });

  test('says that nothing was refused instead of a share of nothing', () => {
    const lead = buildMessage(incident({ ...CONFIRMED, impact: { ...IMPACT, requestsFailed: 0 } })).lead;
    expect(lead[1]).toBe('orders-api: no request was refused so far');
    const rule = finding({ kind: 'alert-mismatch', role: 'condition', explains: 0, victims: [] });
    delete rule.caller;
    expect(buildMessage(incident({ ...DIAGNOSED, findings: [rule] })).lead[1]).toBe(
      'No request is known to have been refused',
    );
  });

  test('after the end says how long, what it was, what was refused and how to prevent it', () => {
    const resolved = { lifecycle: { state: 'resolved', at: '2026-11-20T14:26:00.000Z', by: 'signals' } } as const;
    expect(buildMessage(incident({ ...CONFIRMED, ...resolved })).lead).toEqual([
      'Resolved after 23 min: kv-orders-prod, retry storm',
      'orders-api explains 92 % of 1,240 refused requests; 3 other callers hurt',
      'Prevent: Wait 1, 2, 4, 8, 16 s with full jitter between re… (1,240 → 35 refused)',
    ]);
    expect(buildMessage(incident({ impact: IMPACT, ...resolved })).lead).toEqual([
      'Resolved after 23 min: kv-orders-prod, no cause was found',
      '1,240 requests of 5 callers refused',
      'Nothing is left to do here',
    ]);
  });
});

describe('what stands below the title', () => {
  const below = (more: Partial<Incident>) => buildMessage(incident(more)).belowTitle;

  test('says the cause in whole sentences, without what the title has said', () => {
    expect(below(CONFIRMED)).toEqual([
      'Refused requests are retried at once and keep the overload alive.',
      'orders-api explains 92 % of 1,240 refused requests; 3 other callers hurt',
      'Fix: Wait 1, 2, 4, 8, 16 s with full jitter between retries (1,240 → 35 refused, peak 152 → 61 %)',
    ]);
  });

  test.each([
    [
      'what waits for a word',
      'plan-offered',
      /^To approve: Keep secrets of orders-api for 60 min \(1,240 → 0 refused, peak/,
    ],
    ['that a second person is needed', 'plan-second-person', /^Needs a second person: Keep secrets/],
    ['what came of it', 'plan-verified', /^Keep secrets of orders-api for 60 min: worked: 429s stopped 40 s after/],
    ['what to offer next before what failed', 'plan-without-effect', /^To approve: Pause the background refresh/],
    ['the fix where the offer was rejected', 'plan-rejected', /^Fix: Wait 1, 2, 4, 8, 16 s/],
    ['how to prevent it once it is over', 'final-summary', /^Prevent: Wait 1, 2, 4, 8, 16 s/],
  ])('says last %s', (_what, name, expected) => {
    expect(buildMessage(PLAN_CASES[name] ?? incident()).belowTitle[2]).toMatch(expected);
  });

  test('says before a cause is known what was measured', () => {
    expect(below({})[0]).toBe('412 requests refused with 429 in 5 min');
  });

  test('cuts no next step', () => {
    expect(buildMessage(CASES['evidence-unavailable'] ?? incident()).belowTitle[2]).toBe(
      'Next: Give the identity headroom-reader the role Log Analytics Reader on law-ops.',
    );
  });

  test.each<[string, Partial<Incident>, string]>([
    ['with a cause', CONFIRMED, 'Lasted 23 min. Refused requests are retried at once and keep the overload alive.'],
    ['without one', {}, 'Lasted 23 min. No cause was found'],
    ['whose beginning never came', { openedAt: '2026-11-20T14:26:00.000Z' }, 'No cause was found'],
  ])('says of one that is over %s how long it was', (_what, more, expected) => {
    const lifecycle = { state: 'resolved', at: '2026-11-20T14:26:00.000Z', by: 'signals' } as const;
    expect(below({ ...more, lifecycle })[0]).toBe(expected);
  });

  test('says of one that was merged that it goes on elsewhere', () => {
    const lifecycle = { state: 'resolved', at: '2026-11-20T14:26:00.000Z', by: 'merge' } as const;
    expect(below({ ...CONFIRMED, lifecycle })[0]).toMatch(/^Goes on in the first region\. Refused requests/);
  });
});

describe('what was seen before a cause is known', () => {
  const query = {
    metric: 'AzureDiagnostics | where httpStatusCode_d == 429',
    value: 42,
    windowSeconds: 600,
    dimensions: {},
  };
  test.each<[string, Partial<Incident>, string]>([
    [
      'a query by its rule',
      { signals: [refusedSignal({ signals: [query] })] },
      "kv-orders-prod: Key Vault requests refused, 42 from the alert's query in 10 min",
    ],
    [
      'an event by what it says',
      {
        signals: [
          refusedSignal({
            rule: 'service-health',
            description: 'Vaults are slow.',
            signals: [{ metric: 'Incident', dimensions: {} }],
          }),
        ],
      },
      'kv-orders-prod: service-health. Vaults are slow.',
    ],
    [
      'a subscription without a name by its kind',
      {
        resource: {
          ...incident().resource,
          name: incident().resource.scope,
          type: 'microsoft.resources/subscriptions',
        },
      },
      'subscription 0f5d8a1c…: 412 requests refused with 429 in 5 min',
    ],
  ])('is told of %s', (_what, more, expected) => {
    expect(buildMessage(incident(more)).lead[0]).toBe(expected);
  });
});

describe('the title', () => {
  test.each<[string, Partial<Incident>, string]>([
    ['what is refused', {}, 'kv-orders-prod: requests refused with 429'],
    ['the cause', CONFIRMED, 'kv-orders-prod: retry storm'],
    ['the rule where the metric says little', { signals: [hitsSignal()] }, 'kv-orders-prod: Key Vault hits'],
    ['that it is a test', { synthetic: 'test' }, 'Test notification: kv-orders-prod: requests refused with 429'],
    ['that it is the canary', { synthetic: 'canary' }, 'Canary: kv-orders-prod: requests refused with 429'],
    [
      'that data is missing',
      { signals: [refusedSignal({ state: 'no-data' })] },
      'kv-orders-prod: no data for alert rule Key Vault requests refused',
    ],
    [
      'that it is over',
      { lifecycle: { state: 'resolved', at: '2026-11-20T14:26:00.000Z', by: 'metric' } },
      'Resolved: kv-orders-prod: requests refused with 429',
    ],
  ])('says %s', (_what, more, expected) => {
    expect(buildMessage(incident(more)).title).toBe(expected);
  });
});
