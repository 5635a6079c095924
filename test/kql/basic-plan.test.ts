import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { answered } from '../../shared/evidence/answered.ts';
import { callers } from '../../shared/evidence/callers.ts';
import { coverage } from '../../shared/evidence/coverage.ts';
import type { EvidenceKind } from '../../shared/evidence/kind.ts';
import { composeKql } from '../../shared/evidence/languages/kql.ts';
import { rowsOf } from '../../shared/evidence/rows.ts';
import { timeline } from '../../shared/evidence/timeline.ts';
import type { Evidence, Row } from '../../shared/model.ts';
import { answer } from '../../shared/pipeline/answer.ts';
import { gather } from '../../shared/pipeline/gather.ts';
import { EVIDENCE_KINDS } from '../../shared/registry.ts';
import { auditLogsRow, diagnosticsRow } from '../../simulation/log-tables.ts';
import { type LogAnalyticsServer, startLogAnalytics } from '../../simulation/servers/log-analytics.ts';
import { badQuery, type Refusal } from '../../simulation/servers/log-analytics-protocol.ts';
import { fakeClock } from '../kit.ts';
import { logsReader } from '../shared/adapters/azure/logs-kit.ts';
import { FROM, gatherFrom, line, published, TO, VAULT, withFiles } from '../shared/evidence/kit.ts';
import { execute, executeOver, store } from './execute.ts';
import { generatedLog } from './generated-log.ts';
import { sqlRows } from './readings.ts';
import { AZKV_AUDIT_LOGS, AZURE_DIAGNOSTICS } from './tables.ts';

const WORKSPACE = '11111111-0000-4000-8000-000000000001';
const REQUEST = { resource: VAULT, from: FROM, to: TO };
const KINDS: readonly EvidenceKind[] = [coverage, timeline, callers, answered];

/** Two applications, of which one is refused; in pairs ten seconds apart, so that no ten seconds hold more than others. */
const LINES = Array.from({ length: 120 }, (_, nth) =>
  line({
    at: 10 * Math.floor(nth / 2) + 1 + nth / 1_000,
    appId: nth % 2 === 0 ? 'app-a' : 'app-b',
    address: `10.0.0.${nth % 6}`,
    secret: `s${nth % 4}`,
    status: nth % 4 === 2 ? 429 : 200,
    correlationId: `c-${nth}`,
  }),
);

const servers: LogAnalyticsServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A workspace whose table of vaults is on the Basic plan; `elsewhere`: what the table of all resources holds besides. */
async function workspace(
  basicPlan: 'one-table' | 'all',
  options: { plan?: 'Basic'; elsewhere?: readonly string[] } = { plan: 'Basic' },
): Promise<LogAnalyticsServer> {
  const server = await startLogAnalytics({ execute: executeOver, now: () => 0, basicPlan });
  servers.push(server);
  const { plan, elsewhere = [] } = options;
  server.addWorkspace({ id: WORKSPACE, tables: [{ ...AZKV_AUDIT_LOGS, ...(plan && { plan }) }, AZURE_DIAGNOSTICS] });
  const arrived = (row: Readonly<Record<string, unknown>>) => ({ row, availableAtMs: 0 });
  server.addRows(WORKSPACE, AZKV_AUDIT_LOGS.name, LINES.map(auditLogsRow).map(arrived));
  server.addRows(WORKSPACE, AZURE_DIAGNOSTICS.name, elsewhere.map(diagnosticsRow).map(arrived));
  return server;
}

function read(
  server: LogAnalyticsServer,
  { reader = logsReader(server.origin, { workspaceId: WORKSPACE }), left = 12, kinds = KINDS } = {},
): Promise<Evidence> {
  const asked = { resource: VAULT, from: FROM, to: TO, kinds: kinds.map(({ kind }) => kind) };
  return gather({ readers: [reader], clock: fakeClock() }, { ...asked, budget: { left } });
}

function fromFiles(): Promise<Evidence> {
  return withFiles({ 'log.json': `${LINES.join('\n')}\n` }, (folder) => gatherFrom([folder]));
}

function rowsIn(evidence: Evidence, kind: EvidenceKind): Row[] | string[] | null {
  const rows = rowsOf(evidence, kind);
  if (rows !== null) return rows;
  return evidence.readings.flatMap((reading) =>
    reading.state === 'unavailable' && reading.kind === kind.kind ? [reading.nextStep] : [],
  );
}

const through = (server: LogAnalyticsServer): string[] => server.queries.map((query) => query.through);

describe('a table of the Basic plan that takes no more than one table', () => {
  test('is asked who, when and how much, and says so what its export says', async () => {
    const server = await workspace('one-table');
    const [coarse, exported] = [await read(server), await fromFiles()];
    for (const kind of KINDS) expect([kind.kind, rowsIn(coarse, kind)]).toEqual([kind.kind, rowsIn(exported, kind)]);
    expect(through(server)).toEqual(['query', 'search', 'search', 'search', 'search', 'search']);
    expect(server.failures).toEqual([]);
  });

  test('is asked in this way from then on', async () => {
    const server = await workspace('one-table');
    const reader = logsReader(server.origin, { workspaceId: WORKSPACE });
    await read(server, { reader });
    await read(server, { reader });
    expect(through(server).slice(6)).toEqual(['search', 'search', 'search', 'search']);
  });

  test.each([
    [1, 1, []],
    [2, 2, []],
    [4, 4, ['coverage', 'timeline']],
    [6, 6, ['coverage', 'timeline', 'callers', 'answered']],
  ])('costs no more than the %i questions that are left', async (left, asked, kinds) => {
    const server = await workspace('one-table');
    const { readings } = await read(server, { left });
    expect(through(server)).toHaveLength(asked);
    expect(readings.filter(({ state }) => state === 'read').map(({ kind }) => kind)).toEqual(kinds);
    expect(readings.filter(({ state }) => state !== 'read').length > 0).toBe(kinds.length < KINDS.length);
  });

  test('lets the answer name who was refused, and say that it is coarse instead of that no cause fits', async () => {
    const server = await workspace('one-table');
    const reader = logsReader(server.origin, { workspaceId: WORKSPACE });
    const clock = fakeClock();
    const evidence = await gather({ readers: [reader], clock }, { resource: VAULT, from: FROM, to: TO });
    const { findings, impact, chart, notes } = answer({ resource: VAULT, evidence, limits: published() });
    expect(findings).toEqual([]);
    expect(impact).toMatchObject({ callersRefused: 1, requestsFailed: 30, dependents: [{ id: 'app-a' }] });
    expect(chart).toMatchObject({ unit: 'requests per 10 s', stepSeconds: 10, limit: { value: 4000 } });
    const refused = chart?.series.find(({ role }) => role === 'refused')?.values.map(Number) ?? [];
    expect(refused.reduce((sum, count) => sum + count, 0)).toBe(30);
    const served = chart?.series.find(({ role }) => role === 'served')?.values.map(Number) ?? [];
    expect(Math.max(...served)).toBe(2);
    const text = notes.map((note) => `${note.text} ${note.nextStep ?? ''}`).join('\n');
    expect(text).toContain('Set the table AZKVAuditLogs to the Analytics plan');
    expect(text).not.toContain('No known cause');
    expect(text).not.toContain('reaches back');
  });

  test('answers to its workspace alone: who asked the resource is told to name it', async () => {
    const server = await workspace('one-table');
    const { readings } = await read(server, { reader: logsReader(server.origin) });
    expect(through(server)).toEqual(['query']);
    expect(readings[0]).toMatchObject({ state: 'unavailable', why: 'unsupported' });
    expect(JSON.stringify(readings[0])).toContain('as workspaceId in resources of headroom.json');
  });
});

test('a table of the Basic plan that takes the whole language is asked the whole, through its own way', async () => {
  const server = await workspace('all');
  const kinds = [coverage, callers];
  const [evidence, exported] = [await read(server, { kinds }), await fromFiles()];
  for (const kind of kinds) expect(rowsIn(evidence, kind)).toEqual(rowsIn(exported, kind));
  expect(through(server)).toEqual(['query', 'search']);
  expect(server.queries[1]?.text).toContain('join');
});

test('the coarse question says of any log what the database says of its export, but for whom refusals without identity were given', async () => {
  const tableOf = composeKql(EVIDENCE_KINDS, REQUEST).coarse?.together ?? '';
  await fc.assert(
    fc.asyncProperty(generatedLog, async (lines) => {
      const exported = await sqlRows(lines, REQUEST);
      const [some, rest] = [lines.filter((_, nth) => nth % 3 === 0), lines.filter((_, nth) => nth % 3 !== 0)];
      for (const [diagnostics, auditLogs] of [
        [[], lines],
        [some, rest],
        [lines, some],
      ] as const) {
        const { rows } = execute(tableOf, [
          store(AZURE_DIAGNOSTICS, diagnostics.map(diagnosticsRow)),
          store(AZKV_AUDIT_LOGS, auditLogs.map(auditLogsRow)),
        ]);
        const said = (kind: string): Row[] =>
          rows.flatMap(([name, , row]) => (name === kind ? [JSON.parse(String(row))] : []));
        expect(said('timeline')).toEqual(exported.get('timeline incident'));
        expect(said('answered')).toEqual(exported.get('answered incident') ?? []);
        const told = (kind: readonly Row[] | undefined) =>
          (kind ?? []).map(({ caller, served, forbidden, notFound, failed, client: _, ...row }) => ({
            ...{ caller, served, forbidden, notFound, failed },
            kind: row['kind'],
          }));
        // Who was only ever refused, and never by name, is nobody here.
        const named = new Set(said('callers').map(({ caller }) => caller));
        const known = (exported.get('callers incident') ?? []).filter(({ caller }) => named.has(caller));
        expect(sorted(told(said('callers')))).toEqual(sorted(told(known)));
        const [held, before] = [said('coverage')[0], exported.get('coverage incident')?.[0]];
        expect(held?.['requests']).toBe(before?.['requests']);
      }
    }),
    { numRuns: 2 },
  );
}, 120_000);

function sorted(rows: readonly { caller: unknown }[]): unknown[] {
  return rows.toSorted((a, b) => (String(a.caller) < String(b.caller) ? -1 : 1));
}

test.each<[string, Refusal]>([
  ['too complex', badQuery('SEM0260', 'The query is too complex')],
  ['too long', { status: 413 }],
])('a workspace that finds the whole %s is asked coarsely, of both tables', async (_what, refusal) => {
  const server = await workspace('one-table', { elsewhere: LINES.slice(0, 30) });
  server.faults.push(refusal);
  const [coarse, exported] = [await read(server), await fromFiles()];
  expect(through(server)).toEqual(['query', 'query']);
  for (const kind of [timeline, callers, answered]) expect(rowsIn(coarse, kind)).toEqual(rowsIn(exported, kind));
  // What stands in both tables is one request.
  expect(rowsIn(coarse, coverage)).toMatchObject([{ requests: 120, duplicates: 30 }]);
});

test('a workspace without any such table is not asked twice', async () => {
  const server = await startLogAnalytics({ execute: executeOver, now: () => 0 });
  servers.push(server);
  server.addWorkspace({ id: WORKSPACE, tables: [] });
  const { readings } = await read(server);
  expect(through(server)).toEqual(['query']);
  expect(readings[0]).toMatchObject({ state: 'unavailable', why: 'not-configured' });
});
