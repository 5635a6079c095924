import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFilesReader } from '../../../shared/adapters/duckdb/files-reader.ts';
import { composeSql } from '../../../shared/evidence/languages/sql.ts';
import { EVIDENCE_KINDS } from '../../../shared/registry.ts';
import { FROM, gatherFrom, line, TO, VAULT, withFiles } from './kit.ts';

const HOSTILE = [
  `'; DROP TABLE requests; --`,
  `"; ATTACH '/etc/passwd'; --`,
  '$from_us',
  '\u001b[31m',
  '%_\\',
  '#{x}',
  '`',
];

test.each(HOSTILE)('a resource named %j reaches the store as a parameter, never as text', (name) => {
  const resource = { ...VAULT, id: `${VAULT.id}${name}`, name };
  const query = composeSql(EVIDENCE_KINDS, { resource, from: FROM, to: TO });
  const texts = [...query.setup, ...query.statements.map(({ text }) => text)];
  expect(texts.filter((text) => text.includes(name) && name !== '$from_us')).toEqual([]);
  expect(query.parameters['resource']).toBe(resource.id.toLowerCase());
  expect(texts).toEqual([
    ...composeSql(EVIDENCE_KINDS, { resource: VAULT, from: FROM, to: TO }).setup,
    ...composeSql(EVIDENCE_KINDS, { resource: VAULT, from: FROM, to: TO }).statements.map(({ text }) => text),
  ]);
});

test.each(HOSTILE)('a row that holds %j in every text is read like any other', async (text) => {
  const record = JSON.parse(line({ at: 1, status: 429 }));
  const hostile = JSON.stringify({
    ...record,
    callerIpAddress: text,
    correlationId: text,
    identity: { claim: { appid: text } },
    operationName: text,
    properties: { ...record.properties, clientInfo: text, id: `https://kv-contoso.vault.azure.net/secrets/${text}` },
  });
  const evidence = await withFiles({ 'log.json': `${hostile}\n${line({ at: 2 })}\n` }, (folder) =>
    gatherFrom([folder]),
  );
  expect(evidence.readings.filter(({ state }) => state !== 'read')).toEqual([]);
  const callers = evidence.readings.find(({ kind }) => kind === 'callers');
  expect(callers?.state === 'read' && callers.rows.map((row) => row['caller'])).toEqual(
    [text.toLowerCase(), 'app-a'].sort(),
  );
});

test('whatever callers, clients and secrets are called, their names come out as data', async () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "'",
      '"',
      ';',
      '--',
      '/*',
      '*/',
      '$1',
      '$resource',
      '\\',
      '%',
      '_',
      '||',
      '{{',
      '${',
      'SELECT 1',
      ')',
    ),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }),
  );
  const hostile = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(' '));
  // Shown without what a terminal would act on, and bounded: both are asked of other tests.
  const plain = hostile.map((text) => text.replaceAll(/[\p{C}\p{Z}/]+/gu, ' ').trim()).filter((text) => text !== '');
  const names = [...new Set(fc.sample(plain, { numRuns: 80, seed: 7 }).map((name) => name.toLowerCase()))];
  const record = JSON.parse(line({ at: 1, status: 429 }));
  const lines = names.map((name, i) =>
    JSON.stringify({
      ...record,
      correlationId: `c-${i}`,
      identity: { claim: { appid: name } },
      properties: { ...record.properties, clientInfo: name, id: `https://kv-contoso.vault.azure.net/secrets/${name}` },
    }),
  );
  const evidence = await withFiles({ 'log.json': `${lines.join('\n')}\n` }, (folder) => gatherFrom([folder]));
  expect(evidence.readings.filter(({ state }) => state !== 'read')).toEqual([]);
  const callers = evidence.readings.find(({ kind }) => kind === 'callers');
  const found = callers?.state === 'read' ? callers.rows.map((row) => String(row['caller'])) : [];
  expect(found.sort()).toEqual(names.sort());
});

test('asks baselines of kinds that have one, each of its own window', () => {
  const { statements } = composeSql(EVIDENCE_KINDS, { resource: VAULT, from: FROM, to: TO });
  const windows = (kind: string) =>
    statements.filter((statement) => statement.kind === kind).map(({ window }) => window);
  expect(windows('callers')).toEqual(['incident', 'day-before', 'week-before', 'hour-before']);
  expect(windows('load')).toEqual(['incident']);
});

test('what is not asked, as what it rests on is empty, would have had no rows', async () => {
  const asked = { resource: VAULT, from: FROM, to: TO };
  const { held, ...query } = composeSql(EVIDENCE_KINDS, asked);
  // Left out of the query, so that the reader asks everything.
  expect(held).toContain('FROM');
  // Nothing is refused, and no other day is held.
  const lines = [line({ at: 1, status: 200 }), line({ at: 2, operation: 'SecretList' }), line({ at: 3, status: 404 })];
  const rows = await withFiles({ 'log.json': lines.join('\n') }, async (folder) => {
    const reader = createFilesReader({ paths: [folder], now: () => 0 });
    const readings = await reader.read({ ...asked, window: 'incident', query });
    return readings.map((reading) => (reading.state === 'read' ? reading.rows.length : null));
  });
  const resting = query.statements.map(({ of }) => of !== undefined && of !== 'incident');
  expect(resting).toContain(true);
  expect(resting).toContain(false);
  expect(rows.filter((_, index) => resting[index])).toEqual(resting.filter(Boolean).map(() => 0));
});

test('leaves out kinds that it cannot say', () => {
  const silent = EVIDENCE_KINDS.map(({ sql: _sql, ...kind }) => kind);
  expect(composeSql(silent, { resource: VAULT, from: FROM, to: TO }).statements).toEqual([]);
});
