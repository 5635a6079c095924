import { describe, expect, test } from 'vitest';
import { buildMessage } from '../../../shared/chat/message.ts';
import type { Finding, Incident } from '../../../shared/model.ts';
import { finding, hitsSignal, IMPACT, incident, refusedSignal } from './incidents.ts';

const DIAGNOSED = { diagnosedAt: '2026-11-20T14:10:00.000Z' };
const CONFIRMED = { ...DIAGNOSED, findings: [finding()], impact: IMPACT };

describe('the status', () => {
  test.each<[string, Partial<Incident>, string]>([
    ['an open incident', {}, 'Severity 3 (informational) · open since 2026-11-20 14:03 UTC'],
    ['flaps', { flaps: 3 }, 'flapped 3 times'],
    ['one flap', { flaps: 1 }, 'flapped once'],
    ['who acknowledged', { acknowledged: { at: '2026-11-20T14:05:00.000Z', by: 'U1' } }, 'acknowledged by U1'],
    ['whom it is assigned to', { assigned: { at: '2026-11-20T14:05:00.000Z', by: 'U1', to: 'U2' } }, 'assigned to U2'],
    ['silence', { silencedUntil: '2026-11-20T16:00:00.000Z' }, 'silenced until 2026-11-20 16:00 UTC'],
    ['that it is unverified', { verified: false }, 'unverified'],
    ['a test', { synthetic: 'test' }, 'test notification'],
    [
      'how it ended',
      { lifecycle: { state: 'resolved', at: '2026-11-21T00:26:00.000Z', by: 'metric' } },
      '2026-11-20 14:03 UTC to 2026-11-21 00:26 UTC, resolved by re-reading the metric',
    ],
  ])('shows %s', (_what, more, expected) => {
    expect(buildMessage(incident(more)).status).toContain(expected);
  });
});

describe('a mention', () => {
  const likely: Finding = finding({ verdict: 'likely' });
  test.each<[string, Partial<Incident>, boolean]>([
    ['a likely cause with victims', { findings: [likely] }, true],
    ['one of severity 2', { findings: [likely], severity: 2 }, true],
    ['one of severity 3, which a single refusal makes', { findings: [likely], severity: 3 }, false],
    ['a confirmed one that is unverified', { findings: [finding()], verified: false }, false],
    ['a confirmed cause with victims', { findings: [finding()] }, true],
    ['a cause without victims', { findings: [finding({ victims: [] })] }, false],
    ['an inconclusive one', { findings: [finding({ verdict: 'inconclusive' })] }, false],
    ['no finding at all', { severity: 0 }, false],
    ['a test notification', { findings: [finding()], synthetic: 'test' }, false],
    ['the canary', { findings: [finding()], synthetic: 'canary' }, false],
    [
      'what is over',
      { findings: [finding()], lifecycle: { state: 'resolved', at: '2026-11-20T14:26:00.000Z', by: 'signals' } },
      false,
    ],
    ['what somebody has', { findings: [finding()], acknowledged: { at: '2026-11-20T14:05:00.000Z', by: 'U1' } }, false],
    ['what is silenced', { findings: [finding()], silencedUntil: '2026-11-20T16:00:00.000Z' }, false],
    ['what was silenced until before', { findings: [finding()], silencedUntil: '2026-11-20T14:09:00.000Z' }, true],
  ])('for %s: %s', (_what, more, expected) => {
    expect(buildMessage(incident({ ...DIAGNOSED, severity: 1, ...more })).mention).toBe(expected);
  });
});

describe('buttons', () => {
  const actions = [{ id: 'ack', label: 'Acknowledge', style: 'primary' as const }];
  test('carry the incident and nothing else', () => {
    expect(buildMessage(incident(), { actions }).actions).toEqual([{ ...actions[0], value: 'inc-20261120-7f3a' }]);
  });

  test.each<[string, Partial<Incident>]>([
    ['an unverified incident', { verified: false }],
    ['a test', { synthetic: 'test' }],
    ['one that is over', { lifecycle: { state: 'resolved', at: '2026-11-20T14:26:00.000Z', by: 'signals' } }],
  ])('are not on %s', (_what, more) => {
    expect(buildMessage(incident(more), { actions }).actions).toEqual([]);
  });
});

describe('notes', () => {
  const notesOf = (more: Partial<Incident>) =>
    buildMessage(incident(more))
      .notes.map((note) => note.text)
      .join('\n');

  test('say what a rule on many requests means beside the limit', () => {
    expect(notesOf({ signals: [hitsSignal()] })).toBe(
      'The rule on 1,500 requests in 1 min means 25 requests a second, 6 % of the published limit of 4,000 in 10 s: by itself it is no sign of throttling.',
    );
  });

  test('say that a rule on refusals fires on one, until the cause is known', () => {
    expect(notesOf({})).toContain('fires on a single one');
    expect(notesOf(DIAGNOSED)).not.toContain('fires on a single one');
  });

  test('mark what is unverified, with the next step', () => {
    const note = buildMessage(incident({ verified: false })).notes[0];
    expect(note?.text).toContain('Unverified');
    expect(note?.nextStep).toContain('scopes');
  });

  test('say that a post may be a repeat', () => {
    const effect = {
      key: 'slack-webhook',
      revision: 1,
      reason: 'post',
      attempts: 2,
      possibleRepeat: true,
      state: 'sent',
      ref: null,
      hash: 'h',
    } as const;
    expect(notesOf({ effects: [effect] })).toContain('may be a repeat');
  });

  test('say what the source could not take', () => {
    const custom = { headroom_truncated: '3 more alerts of this group were cut off by max_alerts' };
    expect(notesOf({ signals: [refusedSignal({ custom })] })).toContain('3 more alerts of this group');
  });

  test('hand on what could not be read', () => {
    const note = { text: 'Log Analytics refused the question.', nextStep: 'Give the role.' };
    expect(buildMessage(incident({ notes: [note] })).notes).toContainEqual(note);
  });
});

describe('findings', () => {
  test('leave out what was ruled out and keep the order', () => {
    const message = buildMessage(
      incident({
        ...DIAGNOSED,
        findings: [finding({ kind: 'a' }), finding({ kind: 'b', verdict: 'ruled-out' }), finding({ kind: 'c' })],
      }),
    );
    expect(message.findings.map(({ kind }) => kind)).toEqual(['a', 'c']);
  });

  test('show a value beside what it was the day before', () => {
    const facts = buildMessage(incident(CONFIRMED)).findings[0]?.facts;
    expect(facts?.[0]).toEqual({ label: 'Attempts per success', value: '6.2 (1.02 a day before)' });
  });

  test('name five victims and count the rest', () => {
    const victims = Array.from({ length: 8 }, (_, index) => ({
      id: `${index}`,
      kind: 'application' as const,
      displayName: `app-${index}`,
      addresses: 1,
    }));
    const shown = buildMessage(incident({ ...DIAGNOSED, findings: [finding({ victims })] })).findings[0]?.victims;
    expect(shown).toEqual(['app-0', 'app-1', 'app-2', 'app-3', 'app-4', '3 more']);
  });
});

describe('facts and links', () => {
  test('show team and what the alert says, and make a link of the runbook', () => {
    const message = buildMessage(incident(), { links: [{ label: 'Incident', url: 'https://headroom.example/i/1' }] });
    expect(message.facts).toContainEqual({ label: 'team', value: 'orders' });
    expect(message.facts).toContainEqual({
      label: 'The alert says',
      value: 'More than 0 requests were refused in 5 minutes.',
    });
    expect(message.links.map(({ url }) => url)).toEqual([
      'https://headroom.example/i/1',
      'https://wiki.example.com/runbooks/key-vault',
      'https://portal.azure.com/#view/Microsoft_Azure_Monitoring/AlertDetails',
    ]);
  });

  test('never show custom properties that sound secret, nor those of our own', () => {
    const custom = {
      apiKey: 'v1',
      'db password': 'v2',
      accessToken: 'v3',
      headroom_family: 'throttle',
      owner: 'orders',
    };
    const labels = buildMessage(incident({ signals: [refusedSignal({ custom })] })).facts.map(({ label }) => label);
    expect(labels).toContain('owner');
    for (const name of ['apiKey', 'db password', 'accessToken', 'headroom_family']) expect(labels).not.toContain(name);
  });
});

test('the timeline keeps the beginning and the end of a long story', () => {
  const signals = Array.from({ length: 30 }, (_, index) =>
    refusedSignal({ rule: `rule ${index}`, firedAt: `2026-11-20T14:${String(index + 10).padStart(2, '0')}:00.000Z` }),
  );
  const { timeline } = buildMessage(incident({ signals }));
  expect(timeline).toHaveLength(13);
  expect(timeline[0]?.text).toBe('fired: rule 0');
  expect(timeline[4]?.text).toBe('… 18 more');
  expect(timeline.at(-1)?.text).toBe('fired: rule 29');
});
