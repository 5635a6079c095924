import { describe, expect, test } from 'vitest';
import { describeOutlook, describeReplayed } from '../../../cli/replay/text.ts';
import type { FindingLine, IncidentOutlook } from '../../../shared/pipeline/replay-dry-run.ts';

const STORM: FindingLine = { kind: 'retry-storm', verdict: 'likely', caller: 'checkout', explainsPercent: 93 };
const CACHE: FindingLine = { kind: 'missing-cache', verdict: 'confirmed', caller: null, explainsPercent: 40 };

function incident(before: FindingLine[], after: FindingLine[] | null, from: IncidentOutlook['from']): string {
  const outlook = { id: 'abcdefgh', resource: 'kv-shop', before, after, from };
  return describeOutlook({ payloads: [], incidents: [outlook] });
}

describe('a dry run in words', () => {
  test('shows what stays, what goes and what comes', () => {
    expect(incident([STORM], [{ ...STORM, verdict: 'confirmed' }, CACHE], 'now')).toBe(
      [
        'incident abcdefgh  kv-shop  findings from the logs at hand',
        '  - retry-storm likely, checkout, explains 93 %',
        '  + retry-storm confirmed, checkout, explains 93 %',
        '  + missing-cache confirmed, explains 40 %',
        'dry run: nothing was written',
        '',
      ].join('\n'),
    );
    expect(incident([STORM, CACHE], [CACHE], 'kept')).toContain(
      'findings from the evidence kept\n    missing-cache confirmed, explains 40 %\n  - retry-storm',
    );
  });

  test.each([
    [[STORM], [STORM], 'the same\n    retry-storm likely'],
    [[], [], 'none, as before\n'],
    [[STORM], null, 'no log to read and no evidence kept'],
  ] as const)('says that nothing would change, or cannot be told (%#)', (before, after, words) => {
    expect(incident([...before], after && [...after], after ? 'kept' : null)).toContain(words);
  });

  test('breaks no line for what came from outside', () => {
    const payload = { id: 'dead~1', receivedAt: '2026-11-20T14:00:00.000Z', source: 'azure', state: 'dead' as const };
    const alert = {
      id: 'a',
      state: 'fired' as const,
      rule: 'rule\n\u001b[31mred',
      resource: 'kv',
      family: 'throttle',
      incident: 'abcdefgh',
      would: 'open' as const,
      outcome: 'posted' as const,
    };
    const text = describeOutlook({ payloads: [{ ...payload, understood: true, alerts: [alert] }], incidents: [] });
    expect(text.split('\n')).toHaveLength(4);
    expect(text).not.toContain('\u001b');
  });
});

describe('a replay in words', () => {
  test('says what became of each payload and incident', () => {
    const at = { receivedAt: '2026-11-20T14:00:00.000Z' };
    expect(
      describeReplayed({
        payloads: [
          { ...at, id: 'p1', done: 'taken-in', incidents: ['abcdefgh'] },
          { ...at, id: 'p2', done: 'known', incidents: ['abcdefgh', 'bcdefghi'] },
          { ...at, id: 'p3', done: 'refused', error: 'it is not JSON' },
        ],
        incidents: [{ id: 'abcdefgh', letters: 2 }],
      }),
    ).toBe(
      [
        'payload p1  is taken in: abcdefgh',
        'payload p2  was taken in before: abcdefgh bcdefghi',
        'payload p3  not understood: it is not JSON',
        'incident abcdefgh  is worked out anew; 2 of its work had failed for good and is tried again',
        '',
      ].join('\n'),
    );
  });

  test('says that nothing is left of what was asked for', () => {
    expect(describeReplayed({ payloads: [], incidents: [] })).toBe('nothing is kept of it any more\n');
  });
});
