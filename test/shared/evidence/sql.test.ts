import { expect, test } from 'vitest';
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

test('asks baselines of kinds that have one, each of its own window', () => {
  const { statements } = composeSql(EVIDENCE_KINDS, { resource: VAULT, from: FROM, to: TO });
  const windows = (kind: string) =>
    statements.filter((statement) => statement.kind === kind).map(({ window }) => window);
  expect(windows('callers')).toEqual(['incident', 'day-before', 'week-before', 'hour-before']);
  expect(windows('load')).toEqual(['incident']);
});

test('leaves out kinds that it cannot say', () => {
  const silent = EVIDENCE_KINDS.map(({ sql: _sql, ...kind }) => kind);
  expect(composeSql(silent, { resource: VAULT, from: FROM, to: TO }).statements).toEqual([]);
});
