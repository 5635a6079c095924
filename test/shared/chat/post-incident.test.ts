import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildMessage } from '../../../shared/chat/message.ts';
import { type Deed, lookBack } from '../../../shared/chat/post-incident.ts';
import { renderPostIncident } from '../../../shared/chat/text/post-incident.ts';
import type { Incident, LedgerEntry, Privacy } from '../../../shared/model.ts';
import { CASES } from './cases.ts';
import { checkString, stringsIn } from './check-text.ts';
import { expectGolden } from './golden.ts';
import { hostileIncident, text } from './hostile.ts';
import { finding, incident } from './incidents.ts';
import { PLAN_CASES } from './plan-cases.ts';

const LEDGER: LedgerEntry[] = [
  { at: '2026-11-20T14:03:02.000Z', step: 'received' },
  { at: '2026-11-20T14:03:02.100Z', step: 'claimed', note: 'worker' },
  { at: '2026-11-20T14:03:03.000Z', step: 'posted', note: 'slack-bot:C1' },
  { at: '2026-11-20T14:03:09.000Z', step: 'diagnosed' },
  { at: '2026-11-20T14:06:09.000Z', step: 'edited', note: 'slack-bot:C1' },
  { at: '2026-11-20T14:26:01.000Z', step: 'resolved', note: 'signals' },
];

const DEEDS: Deed[] = [
  { at: '2026-11-20T14:20:00.000Z', name: 'Dana Scully', action: 'ack', outcome: 'done' },
  { at: '2026-11-20T14:21:00.000Z', name: 'Dana Scully', action: 'silence', detail: '1h', outcome: 'done' },
  {
    at: '2026-11-20T14:22:00.000Z',
    name: 'Fox Mulder',
    action: 'resolve',
    outcome: 'refused',
    reason: 'you are not among the approvers',
  },
];

function kept(given: Incident | undefined, more: Partial<Incident> = {}) {
  if (!given) throw new Error('there is no such case');
  return { ...given, ...more, ledger: LEDGER };
}

const CALLED: Partial<Incident> = {
  acknowledged: { at: '2026-11-20T14:20:00.000Z', by: 'Dana Scully' },
  escalated: [
    {
      key: 'pagerduty',
      step: 'resolve',
      count: 3,
      attempts: 0,
      calledAt: '2026-11-20T14:18:02.000Z',
      state: 'sent',
      at: '2026-11-20T14:26:02.000Z',
    },
  ],
};

describe('the post-incident report', () => {
  test('reads as its golden document', () => {
    const likely = finding({ kind: 'missing-cache', verdict: 'inconclusive', victims: [], fixes: [] });
    const record = kept(PLAN_CASES['final-summary'], { notes: [...(CASES['evidence-unavailable']?.notes ?? [])] });
    expectGolden(
      'post-incident.md',
      renderPostIncident(lookBack({ ...record, findings: [...record.findings, likely] }, DEEDS, 'masked')),
    );
  });

  test('of what nobody could read says so, and what to do', () => {
    const report = lookBack(kept(CASES['evidence-unavailable']), [], 'masked');
    expect(report.summary.map(({ value }) => value)).toEqual([
      'from 2026-11-20 14:03 UTC and not over yet',
      'none was found',
      'not known: no log could be read',
      'not known',
      'nothing by a person',
      'first told 3 s after the alert; the evidence was read 9 s after the alert',
    ]);
    expect(report.nextSteps).toEqual(['Give the identity headroom-reader the role Log Analytics Reader on law-ops.']);
    expect(report.questions[0]?.text).toBe('What caused it? Nothing that was read tells.');
  });

  test('sets what was predicted of an action beside what came of it, and says how fast all went', () => {
    const report = lookBack(kept(PLAN_CASES['final-summary']), DEEDS, 'masked');
    expect(report.outcomes).toEqual([
      {
        what: 'Keep secrets of orders-api for 60 min (7f3aqwer-1)',
        predicted: '1,240 → 0 refused, peak 152 → 8 % of the limit',
        happened: 'worked: 429s stopped 40 s after; 310 → 0 refused a minute',
      },
    ]);
    expect(report.summary.slice(-2)).toEqual([
      { label: 'What was done', value: 'Keep secrets of orders-api for 60 min; 3 actions by people' },
      {
        label: 'How fast',
        value:
          'the alert fired 20 s after it began; first told 3 s after the alert; the evidence was read 9 s after the alert; acknowledged 17 min after the alert',
      },
    ]);
    expect(lookBack(kept(PLAN_CASES['plan-offered']), [], 'masked').outcomes).toEqual([]);
  });

  test.each<[Privacy, boolean]>([
    ['full', true],
    ['masked', true],
    ['minimal', false],
  ])('with privacy %s names who acted: %s', (privacy, names) => {
    const document = renderPostIncident(lookBack(kept(CASES['resolved'], CALLED), DEEDS, privacy));
    expect(document.includes('Dana Scully')).toBe(names);
    expect(document.includes('Fox Mulder')).toBe(names);
  });

  test('asks to confirm what is only likely, and names who owns the caller of a fix', () => {
    const caller = { ...finding().caller, id: 'app', kind: 'application' as const, addresses: 1, owner: 'payments' };
    const record = kept(incident({ findings: [finding({ verdict: 'likely', caller })] }));
    const { nextSteps } = lookBack(record, [], 'masked');
    expect(nextSteps[0]).toContain('(payments)');
    expect(nextSteps).toContain('Confirm the cause: it is likely, not confirmed');
  });

  test('holds nothing but clean text below its bound, whatever came from outside', () => {
    const deed = fc.record({
      at: fc.constant('2026-11-20T14:20:00.000Z'),
      name: text,
      action: text,
      detail: text,
      outcome: text,
    });
    fc.assert(
      fc.property(hostileIncident, fc.array(deed, { maxLength: 5 }), (any, deeds) => {
        const report = lookBack({ ...any, ledger: LEDGER }, deeds, 'masked');
        const { message: _message, ...said } = report;
        expect(stringsIn(said).flatMap(([path, string]) => checkString(string, path))).toEqual([]);
        const document = renderPostIncident(report);
        expect(document.length).toBeLessThanOrEqual(60_001);
        expect(checkString(document, 'document')).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

test('the last edit of a message says what was done', () => {
  const facts = (given: Incident) => buildMessage(given).facts.find(({ label }) => label === 'What was done')?.value;
  expect(facts(kept(CASES['resolved'], CALLED))).toBe(
    'PagerDuty called 14:18 UTC, acknowledged by Dana Scully 14:20 UTC',
  );
  expect(facts(kept(CASES['resolved']))).toBeUndefined();
  expect(facts(kept(CASES['retry-storm'], CALLED))).toBeUndefined();
});
