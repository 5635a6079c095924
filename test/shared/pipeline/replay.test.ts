import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../shared/model.ts';
import { replayFound } from '../../../shared/pipeline/replay.ts';
import { outlookOf } from '../../../shared/pipeline/replay-dry-run.ts';
import { type Found, findReplay } from '../../../shared/pipeline/replay-find.ts';
import type { EvidenceReader } from '../../../shared/ports.ts';
import { fakeChat } from './chat.ts';
import {
  azureAlert,
  createWorld,
  inboxOf,
  incidentsOf,
  moveOn,
  POLICY,
  receive,
  theIncident,
  type World,
  workOff,
} from './kit.ts';

const DAY_MS = 86_400_000;
const FIRED = azureAlert({ firedAt: '2026-11-20T13:59:30Z' });

async function find(world: World, id: string): Promise<Extract<Found, { ok: true }>> {
  const found = await findReplay(world.deps, id);
  if (!found.ok) throw new Error(found.message);
  return found;
}

/** An installation with one incident, posted and diagnosed. */
async function oneIncident(): Promise<World> {
  const world = createWorld([fakeChat()]);
  await receive(world, FIRED);
  await workOff(world);
  return world;
}

/** A payload that an older version did not understand: kept as dead, though this one understands it. */
async function deadPayload(
  world: World,
  change: Record<string, unknown> = {},
): Promise<{ partition: string; id: string }> {
  const key = { partition: 'inbox/2026-11-20T14', id: 'dead~0123456789abcdef0123456789abcdef' };
  const body = JSON.stringify(FIRED);
  const dead = {
    v: 1,
    source: 'azure',
    receivedAt: '2026-11-20T14:00:00.000Z',
    hash: '0123456789abcdef'.repeat(4),
    bytes: body.length,
    body,
    state: 'dead',
    error: 'not understood',
    path: 'data',
    ...change,
  };
  await world.records.put(key, dead, 'absent');
  return key;
}

const FINDING: Finding = {
  kind: 'retry-storm',
  verdict: 'likely',
  role: 'amplifier',
  confidence: 0.8,
  explains: 0.934,
  caller: { id: 'a', kind: 'application', displayName: 'checkout', addresses: 1 },
  victims: [],
  facts: [],
  summary: 'It tries again and again.',
  fixes: [],
};

/** All that is kept, to see that nothing was written. */
async function everything(world: World): Promise<string> {
  const stored = await Promise.all([...world.keys.values()].map((key) => world.records.get(key)));
  return JSON.stringify([stored, await world.queue.depth()]);
}

describe('an id', () => {
  test('of an incident, of its alert, of its payload and of the beginning of its hash lead to the same', async () => {
    const world = await oneIncident();
    const incident = await theIncident(world);
    const [line] = await inboxOf(world);
    const ids = [
      incident.id,
      incident.id.toUpperCase(),
      incident.accepted[0]?.id,
      line?.key.id,
      line?.payload.hash.slice(0, 12),
    ];
    for (const id of ids) {
      const { payloads, incidents } = await find(world, id ?? '');
      expect([id, payloads.map(({ key }) => key), incidents.map((record) => record.id)]).toEqual([
        id,
        [line?.key],
        [incident.id],
      ]);
    }
  });

  test.each([
    ['zzzzzzzz', 'unknown', "there is no incident 'zzzzzzzz'"],
    ['0123456789ab', 'unknown', 'payloads are kept for 14 days'],
    ['0123456789abcdef', 'unknown', 'payloads are kept for 14 days'],
    ['2026-11-20T13:00:00.000Z~abcdefgh', 'unknown', 'payloads are kept for 14 days'],
    ['dead~0123456789ab', 'unknown', 'payloads are kept for 14 days'],
    ['../../etc/passwd', 'malformed', 'is no id'],
    ['', 'malformed', 'is no id'],
  ])('%s is %s', async (id, why, message) => {
    const world = await oneIncident();
    expect(await findReplay(world.deps, id)).toMatchObject({
      ok: false,
      why,
      message: expect.stringContaining(message),
      nextStep: expect.stringContaining('headroom'),
    });
  });

  test('of an incident whose payloads are gone leads to the incident alone', async () => {
    const world = await oneIncident();
    const { id, accepted } = await theIncident(world);
    const [key] = accepted.flatMap(({ inbox }) => inbox ?? []);
    const stored = key && (await world.records.get(key));
    if (key && stored) await world.records.delete(key, stored.revision);
    expect(await find(world, id)).toMatchObject({ payloads: [], incidents: [{ id }] });
  });
});

describe('a replay', () => {
  test('takes in what was not understood before, once, and lists it as dead no more', async () => {
    const world = createWorld([fakeChat()]);
    const key = await deadPayload(world);
    const replayed = await replayFound(world.deps, await find(world, key.id));
    const incidents = replayed.payloads.flatMap((payload) => (payload.done === 'taken-in' ? payload.incidents : []));
    expect(incidents).toHaveLength(1);
    await workOff(world);
    expect((await theIncident(world)).id).toBe(incidents[0]);
    expect((await inboxOf(world)).map(({ state }) => state)).toEqual(['taken']);
    expect((await findReplay(world.deps, key.id)).ok).toBe(false);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['is still not understood', { body: '{"schemaId":"azureMonitorCommonAlertSchema"}' }, 'data'],
    ['is not JSON', { body: '{' }, 'it is not JSON'],
    ['is gone from the payload store', { body: undefined, stored: 'payload-gone' }, 'gone from the payload store'],
    ['was longer than is kept', { truncated: true }, 'only its beginning is kept'],
    ['came from a source of tomorrow', { source: 'tomorrow' }, 'no source named tomorrow'],
  ])('of a payload that %s says so and keeps it as it is', async (_what, change, error) => {
    const world = createWorld([]);
    const key = await deadPayload(world, change);
    const before = await everything(world);
    const found = await find(world, key.id);
    expect((await replayFound(world.deps, found)).payloads).toMatchObject([
      { done: 'refused', error: expect.stringContaining(error) },
    ]);
    expect((await outlookOf(world.deps, found)).payloads).toMatchObject([
      { understood: false, error: expect.stringContaining(error) },
    ]);
    expect(await everything(world)).toBe(before);
  });

  test('of an incident has it worked out anew, and posts nothing twice', async () => {
    const chat = fakeChat();
    const world = createWorld([chat]);
    await receive(world, FIRED);
    await workOff(world);
    const before = await theIncident(world);
    await moveOn(world.clock, DAY_MS);
    const replayed = await replayFound(world.deps, await find(world, before.id));
    expect(replayed).toMatchObject({
      payloads: [{ done: 'known', incidents: [before.id] }],
      incidents: [{ id: before.id, letters: 0 }],
    });
    await workOff(world);
    const after = await theIncident(world);
    expect(after.diagnosedAt).not.toBe(before.diagnosedAt);
    expect([after.accepted.length, chat.standing.length]).toEqual([1, 1]);
  });

  test('of an incident tries again what of its work had failed for good', async () => {
    const world = await oneIncident();
    const { id } = await theIncident(world);
    await world.queue.send({ v: 1, incidentId: id });
    for (const delivery of await world.queue.receive({ max: 8, visibilityMs: 1_000 })) await delivery.bury('no store');
    expect(await replayFound(world.deps, await find(world, id))).toMatchObject({ incidents: [{ id, letters: 1 }] });
    expect(await world.queue.depth()).toEqual({ waiting: 2, dead: 0 });
  });
});

describe('a dry run', () => {
  test('shows that a dead payload would open an incident, which a replay then does; and writes nothing', async () => {
    const world = createWorld([fakeChat()]);
    const found = await find(world, (await deadPayload(world)).id);
    const before = await everything(world);
    const { payloads, incidents } = await outlookOf(world.deps, found);
    expect(await everything(world)).toBe(before);
    expect(payloads).toMatchObject([
      {
        source: 'azure',
        state: 'dead',
        understood: true,
        alerts: [
          { would: 'open', outcome: 'posted', family: 'throttle', resource: 'kv-contoso', rule: 'kv-throttled' },
        ],
      },
    ]);
    await replayFound(world.deps, found);
    await workOff(world);
    const incident = await theIncident(world);
    expect(incidents.map(({ id }) => id)).toEqual([incident.id]);
    expect(incident.accepted).toMatchObject([{ outcome: 'posted' }]);
  });

  test('shows that it would join the incident that is open', async () => {
    const world = await oneIncident();
    const { id } = await theIncident(world);
    const another = azureAlert({ firedAt: '2026-11-20T13:59:40Z', rule: 'kv-another' });
    const key = await deadPayload(world, { body: JSON.stringify(another) });
    const { payloads } = await outlookOf(world.deps, await find(world, key.id));
    expect(payloads).toMatchObject([{ alerts: [{ would: 'join', incident: id, outcome: 'joined' }] }]);
  });

  test.each([
    ['in a maintenance window', { ...POLICY, inMaintenance: () => true }, 'silenced'],
    ['that is routed nowhere', { ...POLICY, route: () => [] }, 'routed-nowhere'],
  ])('shows the outcome of an alert %s', async (_what, policy, outcome) => {
    const world = createWorld([fakeChat()], { policy });
    const { payloads } = await outlookOf(world.deps, await find(world, (await deadPayload(world)).id));
    expect(payloads).toMatchObject([{ alerts: [{ outcome }] }]);
  });

  test('shows that nothing would become of what is known, and its findings from the evidence kept', async () => {
    const world = await oneIncident();
    const incident = await theIncident(world);
    const before = await everything(world);
    expect(await outlookOf(world.deps, await find(world, incident.id))).toMatchObject({
      payloads: [{ alerts: [{ would: 'known', incident: incident.id, outcome: 'posted' }] }],
      incidents: [{ id: incident.id, before: [], after: null, from: null }],
    });
    expect(await everything(world)).toBe(before);
    expect(await incidentsOf(world)).toHaveLength(1);
  });

  test('asks stores of metrics what the alert itself measures', async () => {
    const world = await oneIncident();
    const { id } = await theIncident(world);
    const kinds: string[] = [];
    const metrics: EvidenceReader = {
      store: 'metrics',
      language: 'azure-metrics',
      covers: () => true,
      async read({ query }) {
        kinds.push(...query.statements.map(({ kind }) => kind));
        return [];
      },
    };
    await outlookOf({ ...world.deps, readers: [metrics] }, await find(world, id));
    expect(kinds).toContain('metric-series');
  });

  test('compares the findings that stand with those that the evidence kept gives now', async () => {
    const world = await oneIncident();
    const { id, resource, openedAt } = await theIncident(world);
    const reading = { kind: 'timeline', store: 'a', window: 'incident', readAt: openedAt, state: 'read', rows: [] };
    const evidence = {
      resource,
      from: openedAt,
      to: openedAt,
      readings: [{ ...reading, truncated: false, completeness: null }],
    };
    await world.deps.payloads.put(`evidence-${id}`, Buffer.from(JSON.stringify(evidence)));
    const found = await find(world, id);
    const stood = found.incidents.map((record) => ({ ...record, findings: [FINDING] }));
    expect((await outlookOf(world.deps, { ...found, incidents: stood })).incidents).toEqual([
      {
        id,
        resource: 'kv-contoso',
        before: [{ kind: 'retry-storm', verdict: 'likely', caller: 'checkout', explainsPercent: 93 }],
        after: [],
        from: 'kept',
      },
    ]);
  });
});
