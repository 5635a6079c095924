import { describe, expect, test } from 'vitest';
import type { Evidence, Finding, Impact, Reading } from '../../../shared/model.ts';
import { withWhatStillHolds } from '../../../shared/pipeline/still-holds.ts';
import { FROM, TO, VAULT } from '../evidence/kit.ts';

function finding(kind: string, restsOn: string, summary = 'earlier'): Finding {
  const fact = { label: 'l', value: 1, from: { kind: restsOn, column: 'c', window: 'incident' as const } };
  return {
    kind,
    verdict: 'likely',
    role: 'trigger',
    confidence: 1,
    explains: 1,
    victims: [],
    facts: [fact],
    summary,
    fixes: [],
  };
}

function read(...kinds: string[]): Evidence {
  const readings = kinds.map(
    (kind): Reading => ({
      kind,
      store: 's',
      window: 'incident',
      readAt: FROM,
      state: 'read',
      rows: [],
      truncated: false,
      completeness: null,
    }),
  );
  return { resource: VAULT, from: FROM, to: TO, readings };
}

const IMPACT: Impact = {
  callersRefused: 1,
  requestsFailed: 2,
  minutesOver: 3,
  pattern: 'persistent',
  dependents: [],
  errorBudgetBurn: null,
};
const NOTHING = { findings: [], ruledOut: [], notes: [] };
const KNOWN = { findings: [finding('retry-storm', 'callers')], impact: IMPACT };

describe('what an earlier answer said', () => {
  test('holds as long as what it rests on cannot be read again', () => {
    expect(withWhatStillHolds(KNOWN, NOTHING, read('results'))).toEqual(KNOWN);
  });

  test('is over once it could be read and shows nothing', () => {
    expect(withWhatStillHolds(KNOWN, NOTHING, read('callers'))).toEqual({ findings: [] });
  });

  test('stands beside what is new', () => {
    const event = finding('platform-event', 'platform', 'now');
    const { findings } = withWhatStillHolds(KNOWN, { ...NOTHING, findings: [event] }, read('platform'));
    expect(findings).toEqual([...KNOWN.findings, event]);
  });

  test('goes before the same cause told from less', () => {
    const again = finding('retry-storm', 'results', 'now');
    const { findings } = withWhatStillHolds(KNOWN, { ...NOTHING, findings: [again] }, read('results'));
    expect(findings).toEqual(KNOWN.findings);
  });
});
