import { describe, expect, test } from 'vitest';
import { buildReport } from '../../../../shared/chat/analysis/report.ts';
import { renderReportText } from '../../../../shared/chat/analysis/text.ts';
import type { AnalysedResource, LogAnalysis, Privacy } from '../../../../shared/model.ts';
import { VAULT } from '../../evidence/kit.ts';

const WHOLE: Pick<LogAnalysis, 'skipped' | 'foreign' | 'left'> = {
  skipped: { lines: 0, files: [] },
  foreign: [],
  left: { resources: 0, throttled: 0 },
};

function told(given: Partial<AnalysedResource> = {}): AnalysedResource {
  return {
    resource: VAULT,
    window: { from: '2026-01-05T23:50:00.000Z', to: '2026-01-06T00:20:00.000Z' },
    totals: { requests: 1000, throttled: 0 },
    peak: null,
    ceilings: [],
    callers: [],
    impact: {
      callersRefused: 0,
      requestsFailed: 0,
      minutesOver: 0,
      pattern: 'intermittent',
      dependents: [],
      errorBudgetBurn: null,
    },
    findings: [],
    ...given,
  };
}

function reportOf(given: Partial<AnalysedResource>, intake = WHOLE, privacy: Privacy = 'full') {
  return buildReport({ told: told(given), charts: [], notes: [] }, { privacy, intake, tellsIntake: true });
}

describe('the limits of a report', () => {
  const ceiling = { class: 'secret', windowSeconds: 10, published: 4000 };
  const of = (median: number, intake = WHOLE) =>
    reportOf({ ceilings: [{ ...ceiling, observed: { median, p10: median - 10, p90: median } }] }, intake).ceilings[0]
      ?.text;

  test.each([
    [4000, 'secret 4,000 in 10 s published, 4,000 observed (3,990 to 4,000)'],
    [3400, 'secret 4,000 in 10 s published, 3,400 observed (3,390 to 3,400)'],
    [3399, 'secret 4,000 in 10 s published, 3,399 observed (3,389 to 3,399): they disagree'],
    [4601, 'secret 4,000 in 10 s published, 4,601 observed (4,591 to 4,601): they disagree'],
  ])('published beside %d observed', (median, text) => {
    expect(of(median)).toBe(text);
  });

  test('do not disagree where lines of the log were lost', () => {
    const lost = (lines: number) => ({ ...WHOLE, skipped: { lines, files: [] } });
    expect(of(2000, lost(50))).toMatch(/they disagree$/);
    expect(of(2000, lost(51))).not.toMatch(/disagree/);
  });
});

describe('the lead of a report', () => {
  const person = { id: 'p', kind: 'user', displayName: 'dana@contoso.com', addresses: 1 } as const;
  const caller = { ...person, requests: 900, throttled: 30, share: 0.9 };

  test('says who was refused most where no cause is known, and masks a person where it is passed on', () => {
    const given = { totals: { requests: 1000, throttled: 40 }, callers: [caller] };
    expect(reportOf(given).lead).toEqual([
      'kv-contoso: 40 of 1,000 requests refused, and no known cause fits',
      'Most refused: dana@contoso.com, 30 of 40',
      'Next: look at who was refused most, and when',
    ]);
    expect(reportOf(given, WHOLE, 'masked').lead[1]).toBe('Most refused: d…@contoso.com, 30 of 40');
    expect(JSON.stringify(reportOf(given, WHOLE, 'minimal'))).not.toContain('contoso.com');
  });

  test('says how near the limit was where nothing was refused, rounded up', () => {
    const peak = {
      class: 'secret',
      windowSeconds: 10,
      requests: 2401,
      utilisation: 0.60025,
      at: '2026-01-05T23:55:00.000Z',
    };
    expect(reportOf({ peak, callers: [caller] }).lead).toEqual([
      'kv-contoso: nothing was refused; at most 61 % of the secret limit used',
      'Busiest caller: dana@contoso.com, 90 % of 1,000 requests',
      'Nothing to mend',
    ]);
  });

  test('promises nothing about what could not be read', () => {
    const lost = { ...WHOLE, skipped: { lines: 0, files: [{ path: 'a.json.gz', error: 'its gzip breaks off' }] } };
    const report = reportOf({ callers: [caller] }, lost);
    expect(report.lead[2]).toBe('Nothing to mend in what could be read of the log');
    expect(report.notes).toEqual([{ text: 'a.json.gz: its gzip breaks off' }]);
  });

  test('says so where nothing was asked at all', () => {
    expect(reportOf({ totals: { requests: 0, throttled: 0 } }).lead[0]).toBe('kv-contoso: no request in this time');
  });
});

test('a report says what was left out of the files even where little fits', () => {
  const finding = {
    kind: 'missing-cache',
    verdict: 'likely',
    role: 'trigger',
    confidence: 0.8,
    explains: 0.9,
    victims: [],
    facts: [],
    summary: 'x'.repeat(300),
    fixes: [],
  } as const;
  const findings = Array.from({ length: 12 }, () => ({ ...finding, victims: [], facts: [], fixes: [] }));
  const lost = { ...WHOLE, skipped: { lines: 7, files: [] } };
  const text = renderReportText(reportOf({ totals: { requests: 9, throttled: 5 }, findings }, lost));
  expect(text).toContain('! 7 lines in the files are no audit records and were left out.');
  expect(text.split('\n').at(-1)).toBe('Shortened to fit; --format markdown shows all of it');
  expect(text.split('\n').length).toBeLessThanOrEqual(40);
});
