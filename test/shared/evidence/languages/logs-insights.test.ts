import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compose } from '../../../../shared/evidence/languages/compose.ts';
import { insightsText } from '../../../../shared/evidence/languages/logs-insights.ts';
import type { Resource } from '../../../../shared/model.ts';
import { EVIDENCE_KINDS } from '../../../../shared/registry.ts';
import { MalformedQuery, runInsights } from '../../../../simulation/servers/logs-insights-query.ts';

const QUEUE: Resource = {
  cloud: 'aws',
  id: 'arn:aws:sqs:eu-west-1:123456789012:jobs',
  name: 'jobs',
  type: 'AWS::SQS::Queue',
  scope: '123456789012',
};
const REQUEST = { resource: QUEUE, from: '2026-11-20T13:00:00.000Z', to: '2026-11-20T14:00:00.000Z' };

test('every kind that it can say is a query of its own, which runs, of resources of AWS alone', () => {
  const { statements, ...rest } = compose('logs-insights', EVIDENCE_KINDS, REQUEST);
  expect(rest).toEqual({ setup: [], parameters: {} });
  expect(statements.map(({ kind }) => kind)).toEqual(['log-lines']);
  for (const { text } of statements) {
    const [row] = runInsights(text, [{ atMs: Date.parse(REQUEST.from), message: 'Rate Exceeded' }]);
    expect(Object.fromEntries(row ?? [])).toEqual({ atMs: '2026-11-20 13:00:00.000', lines: 1, throttled: 1 });
  }
  const resource: Resource = { ...QUEUE, cloud: 'azure' };
  expect(compose('logs-insights', EVIDENCE_KINDS, { ...REQUEST, resource }).statements).toEqual([]);
});

test.each([
  ['a query that ends within a literal', 'fields strcontains(@message, "x) as a'],
  ['a command that is none', 'drop table'],
  ['what stands behind a command', 'limit 5 6'],
])('the simulated service refuses %s', (_what, text) => {
  expect(() => runInsights(text, [])).toThrow(MalformedQuery);
});

test('a value comes out of a query as it went in, save for what no line of text can hold', () => {
  const nasty = fc.constantFrom(
    '"',
    '\\',
    '" | fields x',
    '*/',
    "'; drop",
    '\n',
    '\u2028',
    '/.*/',
    '#',
    '|',
    '𝄞',
    '\ud800',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(nasty, fc.string({ unit: 'binary' })), { minLength: 1 }), (parts) => {
      const value = parts.join('');
      const said = value.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu, ' ');
      const query = `fields strcontains(@message, ${insightsText(value)}) as found | limit 1`;
      const found = (message: string) => runInsights(query, [{ atMs: 0, message }])[0]?.get('found');
      expect(found(`<${said}>`)).toBe(1);
      expect(found(said.slice(1))).toBe(said.slice(1).includes(said) ? 1 : 0);
    }),
    { numRuns: 300 },
  );
});
