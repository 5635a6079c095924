import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SAMPLE_FILE } from '../../samples/make.ts';
import { FROM, TO, VAULT } from '../shared/evidence/kit.ts';
import { generatedLog } from './generated-log.ts';
import { difference, KINDS, kqlRows, sqlRows } from './readings.ts';

/** `FC_NUM_RUNS=100` tries more logs, `FC_SEED` others. */
const RUNS = Number(process.env['FC_NUM_RUNS'] ?? 3);

/** Far more than it takes: other tests may have the machine. */
const LONG_MS = 300_000;

const REQUEST = { resource: VAULT, from: FROM, to: TO };

test('every kind that the audit log answers is asked in both languages', () => {
  expect(KINDS.map(({ kind }) => kind)).toContain('load');
  expect(KINDS.length).toBeGreaterThanOrEqual(14);
});

test(
  'the workspace says of any log what the database says of its export, from either table and from both at once',
  async () => {
    await fc.assert(
      fc.asyncProperty(generatedLog, async (lines) => {
        const exported = await sqlRows(lines, REQUEST);
        const some = lines.filter((_, index) => index % 3 !== 0);
        for (const [diagnostics, auditLogs] of [
          [lines, []],
          [[], lines],
          [some, lines],
          [lines, lines],
        ] as const)
          expect(difference(kqlRows({ diagnostics, auditLogs }, REQUEST), exported)).toBeNull();
        const twice = [...lines, ...some];
        const once = kqlRows({ diagnostics: twice, auditLogs: some }, REQUEST);
        expect(difference(once, await sqlRows(twice, REQUEST))).toBeNull();
      }),
      { numRuns: RUNS },
    );
  },
  LONG_MS,
);

test(
  'the workspace says of the shipped sample what the database says of it',
  async () => {
    const lines = gunzipSync(readFileSync(SAMPLE_FILE)).toString().trimEnd().split('\n');
    const [first = ''] = lines;
    const { resourceId }: { resourceId: string } = JSON.parse(first);
    const resource = { ...VAULT, id: resourceId.toLowerCase() };
    const request = { resource, from: '2026-03-02T08:44:00.000Z', to: '2026-03-02T09:44:00.000Z' };
    expect(
      difference(kqlRows({ diagnostics: lines, auditLogs: [] }, request), await sqlRows(lines, request)),
    ).toBeNull();
  },
  LONG_MS,
);

test.each<[string, unknown, unknown, boolean]>([
  ['another number', { n: 1 }, { n: 2 }, true],
  ['the last digit of a fraction', { n: 0.1 + 0.2 }, { n: 0.3 }, false],
  ['a column that is not there', { n: 1 }, {}, true],
  ['an element of a list', { list: [1, 2] }, { list: [1, 3] }, true],
  ['nothing instead of zero', { n: null }, { n: 0 }, true],
])('holds %s for what it is', (_what, ours, theirs, differs) => {
  const rowsOf = (row: unknown): Parameters<typeof difference>[0] => new Map([['kind', [Object(row)]]]);
  expect(difference(rowsOf(ours), rowsOf(theirs)) !== null).toBe(differs);
  expect(difference(rowsOf(ours), new Map())).toContain('1 rows, not 0');
});
