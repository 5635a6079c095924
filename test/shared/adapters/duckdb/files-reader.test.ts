import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createFilesReader } from '../../../../shared/adapters/duckdb/files-reader.ts';
import { coverage } from '../../../../shared/evidence/coverage.ts';
import { composeSql } from '../../../../shared/evidence/languages/sql.ts';
import { rowsOf } from '../../../../shared/evidence/rows.ts';
import type { Reading } from '../../../../shared/model.ts';
import { FROM, gatherFrom, line, TO, VAULT, withFiles } from '../../evidence/kit.ts';

const A = line({ at: 1 });
const B = line({ at: 2 });
const C = line({ at: 3 });
const LINES = `${A}\n${B}\n${C}\n`;
const ENVELOPE = `{"records":[${A},${B},${C}]}`;
const PRETTY = JSON.stringify({ records: [A, B, C].map((each) => JSON.parse(each)) }, null, 2);

async function held(
  paths: readonly string[],
): Promise<{ requests: number; unreadable: number; skippedFiles: number } | string> {
  const evidence = await gatherFrom(paths, { kinds: [coverage.kind] });
  const [row] = rowsOf(evidence, coverage) ?? [];
  if (row !== undefined) return { requests: row.requests, unreadable: row.unreadable, skippedFiles: row.skippedFiles };
  const [reading] = evidence.readings;
  return reading?.state === 'unavailable' ? `${reading.why}: ${reading.nextStep}` : 'nothing';
}

describe('exported logs', () => {
  test.each([
    ['JSON lines', { 'a.json': LINES }],
    ['JSON lines without a last line end', { 'a.json': LINES.trim() }],
    ['JSON lines that end as on Windows', { 'a.json': LINES.replaceAll('\n', '\r\n') }],
    ['gzip', { 'a.json.gz': gzipSync(LINES) }],
    ['gzip under another name', { 'a.json': gzipSync(LINES) }],
    ['plain lines under the name of a gzip', { 'a.json.gz': LINES }],
    ['an envelope', { 'a.json': ENVELOPE }],
    ['a pretty envelope', { 'a.json': PRETTY }],
    ['an envelope in gzip', { 'a.json.gz': gzipSync(ENVELOPE) }],
    ['an envelope a line', { 'a.json': `{"records":[${A}]}\n{"records":[${B},${C}]}\n` }],
    ['a list', { 'a.json': `[${A},${B},${C}]` }],
    ['a byte order mark', { 'a.json': `\uFEFF${LINES}` }],
    ['several files of several kinds', { 'a.json': A, 'deep/er/b.jsonl': B, 'c.ndjson.gz': gzipSync(ENVELOPE) }],
    ['the folders of a storage account', { 'y=2026/m=01/d=05/h=10/m=00/PT1H.json': LINES }],
    ['names that look like patterns and quotes', { "it's [1]*.json": A, 'b?.json': `${B}\n${C}` }],
  ])('are read from %s', async (_what, files) => {
    await withFiles(files, async (folder) => {
      expect(await held([folder])).toEqual({ requests: 3, unreadable: 0, skippedFiles: 0 });
    });
  });

  test('are found by file, folder and glob, each file once', async () => {
    const files = { 'one/a.json': A, 'two/b.json': B, 'two/c.txt': C, 'two/d.log': 'ignored' };
    await withFiles(files, async (folder) => {
      const requests = async (...paths: string[]) =>
        (await held(paths.map((path) => join(folder, path)))) as { requests: number };
      expect(await requests('one')).toMatchObject({ requests: 1 });
      expect(await requests('one', 'one/a.json')).toMatchObject({ requests: 1 });
      expect(await requests('*/*.json')).toMatchObject({ requests: 2 });
      expect(await requests('**/*.json', 'two/c.txt')).toMatchObject({ requests: 3 });
    });
  });

  test('that break off give what they hold up to there, and are named as read in part', async () => {
    const whole = gzipSync(Array.from({ length: 2000 }, (_, index) => line({ at: index / 2 })).join('\n'));
    await withFiles({ 'a.json.gz': whole.subarray(0, whole.length / 2), 'b.json': LINES }, async (folder) => {
      const found = await held([folder]);
      expect(found).toMatchObject({ unreadable: 1 });
      expect(typeof found !== 'string' && found.requests).toBeGreaterThan(500);
    });
  });

  test('one of which is damaged leave that one out', async () => {
    const damaged = Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), Buffer.alloc(500, 7)]);
    await withFiles({ 'a.json.gz': damaged, 'b.json': LINES }, async (folder) => {
      expect(await held([folder])).toEqual({ requests: 3, unreadable: 0, skippedFiles: 1 });
    });
  });

  test('with text that is no UTF-8 are read line by line', async () => {
    const bytes = Buffer.concat([
      Buffer.from(`${A}\n{"time":"`),
      Buffer.from([0xff, 0xfe, 0xc3]),
      Buffer.from(`"}\n${B}\n`),
    ]);
    await withFiles({ 'a.json': bytes }, async (folder) => {
      expect(await held([folder])).toEqual({ requests: 2, unreadable: 1, skippedFiles: 0 });
    });
  });

  test('that are empty are a valid answer', async () => {
    await withFiles({ 'a.json': '', 'b.json': '\n\n' }, async (folder) => {
      expect(await held([folder])).toEqual({ requests: 0, unreadable: 0, skippedFiles: 0 });
    });
  });

  test('count lines that are no record, a third of them if need be', async () => {
    const lines = Array.from({ length: 90 }, (_, index) => (index % 3 === 0 ? '{"time":' : line({ at: index })));
    await withFiles({ 'a.json': lines.join('\n') }, async (folder) => {
      expect(await held([folder])).toEqual({ requests: 60, unreadable: 30, skippedFiles: 0 });
    });
  });
});

describe('a store that gives no answer', () => {
  test('is one without files: the next step names the path', async () => {
    await withFiles({}, async (folder) => {
      const path = join(folder, 'missing.json');
      expect(await held([path])).toBe(
        `not-configured: No log file matches ${path}: check the path, or export the audit log there`,
      );
      expect(await held([join(folder, '*.json')])).toContain('not-configured');
      expect(await held([folder])).toContain('not-configured');
    });
  });

  test('is a dead one: a link that leads nowhere', async () => {
    await withFiles({}, async (folder) => {
      await symlink(join(folder, 'gone'), join(folder, 'a.json'));
      expect(await held([join(folder, 'a.json')])).toContain('not-configured');
    });
  });

  test('is a slow one: asked to stop, it says so for every kind that was asked', async () => {
    await withFiles({ 'a.json': LINES }, async (folder) => {
      const reader = createFilesReader({ paths: [folder], now: () => 0 });
      const query = composeSql([coverage], { resource: VAULT, from: FROM, to: TO });
      const readings = await reader.read(
        { resource: VAULT, from: FROM, to: TO, window: 'incident', query },
        AbortSignal.abort(),
      );
      expect(readings.map(describeReading)).toEqual(query.statements.map(() => 'timed-out'));
    });
  });

  test('is one whose memory does not suffice', async () => {
    const lines = Array.from({ length: 40_000 }, (_, index) =>
      line({ at: index / 40, secret: `s${index}`, client: `c${index}` }),
    );
    await withFiles({ 'a.json': lines.join('\n') }, async (folder) => {
      const reader = createFilesReader({ paths: [folder], now: () => 0, memoryLimitMegabytes: 8 });
      const query = composeSql([coverage], { resource: VAULT, from: FROM, to: TO });
      const readings = await reader.read({ resource: VAULT, from: FROM, to: TO, window: 'incident', query });
      expect(readings.map(describeReading)).toEqual(query.statements.map(() => 'over-budget'));
    });
  });
});

function describeReading(reading: Reading): string {
  return reading.state === 'unavailable' ? reading.why : reading.state;
}

test.each([
  ['a vault', VAULT, true],
  ['a vault below which the alert points', { ...VAULT, id: `${VAULT.id}/secrets/x` }, false],
  ['another type', { ...VAULT, id: '/subscriptions/s/resourcegroups/r/providers/microsoft.web/sites/x' }, false],
  [
    'a function of another cloud',
    { ...VAULT, cloud: 'aws', id: 'arn:aws:lambda:eu-west-1:1:function:x' } as const,
    false,
  ],
])('covers %s: %s', (_what, resource, covers) => {
  expect(createFilesReader({ paths: ['x'], now: () => 0 }).covers(resource)).toBe(covers);
  expect(createFilesReader({ paths: [], now: () => 0 }).covers(resource)).toBe(false);
});

test.each<[string, (other: string) => string]>([
  ['reads another file', (other) => `SELECT * FROM read_csv('${other}')`],
  ['opens a database', (other) => `ATTACH '${other}.duckdb'`],
  ['writes', (other) => `COPY (SELECT 1) TO '${other}'`],
  ['allows itself everything', () => 'SET enable_external_access = true'],
  ['allows itself a file', (other) => `SET allowed_paths = ['${other}']`],
  ['allows itself a folder', () => `SET allowed_directories = ['/']`],
  ['spills elsewhere', () => `SET temp_directory = '/'`],
])('reads nothing but its files, whatever the query says: one that %s gets no answer', async (_what, text) => {
  await withFiles({ 'a.json': LINES, 'secret/b.csv': 'x\n1' }, async (folder) => {
    const reader = createFilesReader({ paths: [join(folder, 'a.json')], now: () => 0 });
    const query = {
      setup: [],
      statements: [{ kind: 'x', text: text(join(folder, 'secret/b.csv')) }],
      parameters: {},
    };
    const [reading] = await reader.read({ resource: VAULT, from: FROM, to: TO, window: 'incident', query });
    expect(reading?.state).toBe('unavailable');
  });
});
