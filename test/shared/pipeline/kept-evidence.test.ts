import { describe, expect, test } from 'vitest';
import type { Evidence, Reading, Window } from '../../../shared/model.ts';
import { keepEvidence, knownBaselines, shareBaselines } from '../../../shared/pipeline/kept-evidence.ts';
import type { EvidenceReader } from '../../../shared/ports.ts';
import { dead, faulty } from '../../contract/faulty.ts';
import { VAULT } from '../evidence/kit.ts';
import { fakeChat } from './chat.ts';
import { azureAlert, createWorld, incidentsOf, pass, receive, theIncident, workOff } from './kit.ts';

const FIRED = azureAlert({ firedAt: '2026-11-20T13:59:30Z' });
const FROM = '2026-11-20T13:45:00.000Z';

/** A workspace that has a log of the incident and of the days before it. */
function workspace(): EvidenceReader & { asked: Window[][] } {
  const made: EvidenceReader & { asked: Window[][] } = {
    store: 'workspace',
    language: 'kql',
    covers: () => true,
    asked: [],
    async read({ query, from, to }) {
      // The first message asks for two kinds of the last hour alone.
      if (query.statements.length > 4)
        made.asked.push([...new Set(query.statements.map(({ window = 'incident' }) => window))].toSorted());
      return query.statements.map(({ kind, window = 'incident' }) => reading(kind, window, { from, to }));
    },
  };
  return made;
}

function reading(kind: string, window: Window, { from, to }: { from: string; to: string }): Reading {
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  const none = { unattributed: 0, inferred: 0, withoutStatus: 0, unreadable: 0, duplicates: 0, skippedFiles: 0 };
  const held = { fromMs, toMs, requests: 100, firstMs: fromMs, lastMs: toMs, ...none, oneAddressIn: 1 };
  const rows = kind === 'coverage' ? [held] : [];
  return { kind, store: 'workspace', window, readAt: from, state: 'read', rows, truncated: false, completeness: null };
}

const ALL = ['day-before', 'hour-before', 'incident', 'week-before'];
const OWN = ['hour-before', 'incident'];

describe('what lies days back', () => {
  test('is asked for once, and stands in the evidence of each run', async () => {
    const reader = workspace();
    const world = createWorld([fakeChat()], { readers: [reader] });
    await receive(world, FIRED);
    await pass(world, 4);
    const all = ['incident', 'day-before', 'week-before', 'hour-before'];
    const own = ['incident', 'hour-before'];
    expect(reader.asked.map((windows) => windows.toSorted())).toEqual([all.toSorted(), own.toSorted(), own.toSorted()]);
    const bytes = await world.deps.payloads.get(`evidence-${(await theIncident(world)).id}`);
    const { readings } = JSON.parse(Buffer.from(bytes ?? []).toString()) as { readings: Reading[] };
    expect(new Set(readings.map(({ window }) => window))).toEqual(new Set(all));
  });

  test('is asked for again where what was read is lost', async () => {
    const reader = workspace();
    const world = createWorld([fakeChat()], { readers: [reader] });
    await receive(world, FIRED);
    await workOff(world);
    await world.deps.payloads.delete(`evidence-${(await theIncident(world)).id}`);
    await pass(world, 1);
    expect(reader.asked.map((windows) => windows.length)).toEqual([4, 4]);
  });
});

describe('what another incident of a vault has read of other days', () => {
  /** Alerts of two families about vaults, one after the other. */
  async function twoIncidents(vault: string, minutesLater: number): Promise<Window[][]> {
    const reader = workspace();
    const world = createWorld([fakeChat()], { readers: [reader] });
    await receive(world, azureAlert({ firedAt: '2026-11-20T13:59:30Z' }));
    await pass(world, minutesLater);
    const before = reader.asked.length;
    const firedAt = new Date(Date.parse('2026-11-20T13:59:30Z') + minutesLater * 60_000).toISOString();
    await receive(world, azureAlert({ firedAt, rule: 'kv-slow', metric: 'Availability', vaults: [vault] }));
    await pass(world, 0);
    expect(await incidentsOf(world)).toHaveLength(2);
    return reader.asked.slice(before);
  }

  test('is not asked for again', async () => {
    expect((await twoIncidents('kv-contoso', 2)).at(-1)).toEqual(OWN);
  });

  test.each([
    ['about another vault', 'kv-fabrikam', 2],
    ['of another part of the day', 'kv-contoso', 20],
  ])('is none for an incident %s', async (_which, vault, minutesLater) => {
    expect(await twoIncidents(vault, minutesLater)).toContainEqual(ALL);
  });
});

describe('kept evidence', () => {
  const evidence = (from = FROM, resource = VAULT): Evidence => {
    const to = new Date(Date.parse(from) + 1_200_000).toISOString();
    const windows: Window[] = ['incident', 'day-before', 'week-before'];
    return { resource, from, to, readings: windows.map((window) => reading('coverage', window, { from, to })) };
  };

  test.each([
    ['a quarter of an hour later', '2026-11-20T14:00:00.000Z', ['day-before', 'week-before']],
    ['a quarter of an hour earlier', '2026-11-20T13:30:00.000Z', ['day-before', 'week-before']],
    ['more than that later', '2026-11-20T14:00:00.001Z', undefined],
    ['a day later', '2026-11-21T13:45:00.000Z', undefined],
  ])('serves an incident that began %s', async (_when, from, windows) => {
    const { deps } = createWorld([fakeChat()]);
    await keepEvidence(deps, 'one', evidence());
    await shareBaselines(deps, 'one', evidence());
    const known = await knownBaselines(deps, { id: 'other', resource: VAULT }, from);
    expect(known.get('workspace')?.map(({ window }) => window)).toEqual(windows);
  });

  test('is not what a forgotten incident held', async () => {
    const { deps } = createWorld([fakeChat()]);
    await shareBaselines(deps, 'gone', evidence());
    expect(await knownBaselines(deps, { id: 'other', resource: VAULT }, FROM)).toEqual(new Map());
  });

  test('points at nobody where no other day was read', async () => {
    const { deps } = createWorld([fakeChat()]);
    const bare = { ...evidence(), readings: evidence().readings.slice(0, 1) };
    await keepEvidence(deps, 'one', bare);
    await shareBaselines(deps, 'one', bare);
    expect(await knownBaselines(deps, { id: 'other', resource: VAULT }, FROM)).toEqual(new Map());
  });

  test('is none while its store is down, and nobody waits for it', async () => {
    const { deps } = createWorld([fakeChat()]);
    const down = { ...deps, payloads: faulty(deps.payloads, dead) };
    await shareBaselines(down, 'one', evidence());
    await keepEvidence(down, 'one', evidence());
    expect(await knownBaselines(down, { id: 'one', resource: VAULT }, FROM)).toEqual(new Map());
  });
});
