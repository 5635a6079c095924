import { describe, expect, test } from 'vitest';
import { HeadroomError } from '../../../shared/errors.ts';
import type { Outcome } from '../../../shared/model.ts';
import { work } from '../../../shared/pipeline/work.ts';
import { faulty } from '../../contract/faulty.ts';
import { fakeChat } from './chat.ts';
import {
  type AlertSketch,
  azureAlert,
  createWorld,
  incidentsOf,
  moveOn,
  POLICY,
  pass,
  receive,
  theIncident,
  type World,
  workOff,
} from './kit.ts';

const FIRED_AT = '2026-11-20T13:59:30Z';

function fired(sketch: Partial<AlertSketch> = {}): Record<string, unknown> {
  return azureAlert({ firedAt: FIRED_AT, ...sketch });
}

function resolved(sketch: Partial<AlertSketch> = {}): Record<string, unknown> {
  return fired({ condition: 'Resolved', resolvedAt: '2026-11-20T14:02:00Z', ...sketch });
}

async function take(world: World, ...bodies: unknown[]): Promise<void> {
  for (const body of bodies) {
    await receive(world, body);
    await workOff(world);
  }
}

async function outcomes(world: World): Promise<(Outcome | undefined)[]> {
  return (await incidentsOf(world)).flatMap(({ accepted }) => accepted.map(({ outcome }) => outcome));
}

describe('from a Fired to its Resolved', () => {
  test('it is posted first and edited once it is diagnosed', async () => {
    const chat = fakeChat();
    const world = createWorld([chat]);
    await take(world, fired());
    expect(chat.calls).toEqual(['post 1', 'edit 2']);
    const incident = await theIncident(world);
    expect(incident.ledger.map(({ step }) => step)).toEqual(['received', 'claimed', 'posted', 'diagnosed', 'edited']);
    expect(incident.effects).toMatchObject([{ key: chat.key, revision: 2, state: 'sent', ref: chat.standing[0]?.ref }]);
    expect(chat.standing[0]?.body).toContain('kv-contoso');
  });

  test('the Resolved edits the same message', async () => {
    const chat = fakeChat();
    const world = createWorld([chat]);
    await take(world, fired(), resolved());
    expect(chat.standing).toHaveLength(1);
    expect(chat.standing[0]?.body).toContain('Resolved');
    expect((await theIncident(world)).lifecycle).toMatchObject({ state: 'resolved', by: 'signals' });
    expect((await theIncident(world)).ledger.map(({ step }) => step)).toContain('resolved');
  });

  test('another signal of the vault joins the same message', async () => {
    const chat = fakeChat();
    const world = createWorld([chat]);
    await take(world, fired(), fired({ rule: 'kv-hits', metric: 'ServiceApiHit' }));
    expect(chat.standing).toHaveLength(1);
    expect(await outcomes(world)).toEqual(['posted', 'joined']);
    expect(chat.standing[0]?.body).toContain('kv-hits');
  });

  test('where nothing can be edited it is three messages', async () => {
    const webhook = fakeChat({ key: 'slack-webhook', canEdit: false });
    const world = createWorld([webhook]);
    await take(world, fired(), fired({ rule: 'another' }), resolved(), resolved({ rule: 'another' }));
    expect(webhook.calls).toEqual(['post 1', expect.stringMatching(/^post/)]);
    expect(webhook.standing.at(-1)?.body).toContain('Resolved');
  });

  test('every queue message delivered twice more changes nothing', async () => {
    const chats = [fakeChat(), fakeChat({ key: 'slack-webhook', canEdit: false })];
    const world = createWorld(chats);
    const sent: unknown[] = [];
    const queue = {
      ...world.queue,
      send: async (...given: Parameters<typeof world.queue.send>) => {
        sent.push(given[0]);
        await world.queue.send(...given);
      },
    };
    const watched = { ...world, deps: { ...world.deps, queue } };
    await take(
      watched,
      fired({ vaults: ['kv-a', 'kv-b'] }),
      fired({ rule: 'another', vaults: ['kv-a'] }),
      resolved({ vaults: ['kv-a', 'kv-b'] }),
    );
    const before = { incidents: await incidentsOf(world), calls: chats.map(({ calls }) => [...calls]) };
    for (const message of [...sent, ...sent]) expect(await work(world.deps, message)).toEqual({ done: true });
    await workOff(world);
    expect(sent.length).toBeGreaterThan(4);
    expect({ incidents: await incidentsOf(world), calls: chats.map(({ calls }) => calls) }).toEqual(before);
  });
});

describe('alerts that are not posted', () => {
  test.each<[string, Partial<typeof POLICY>, Record<string, unknown>[], Outcome[]]>([
    ['in a maintenance window', { inMaintenance: () => true }, [fired()], ['silenced']],
    ['routed nowhere', { route: () => [] }, [fired()], ['routed-nowhere']],
    ['only busy', {}, [fired({ metric: 'ServiceApiHit' })], ['summarised']],
  ])('%s: nothing is sent, nothing is read, the outcome is told', async (_what, policy, bodies, expected) => {
    const chat = fakeChat();
    let reads = 0;
    const reader = {
      store: 's',
      language: 'sql' as const,
      covers: () => true,
      read: async () => {
        reads += 1;
        return [];
      },
    };
    const world = createWorld([chat], { policy: { ...POLICY, ...policy }, readers: [reader] });
    await take(world, ...bodies);
    expect(await outcomes(world)).toEqual(expected);
    expect([chat.calls, reads]).toEqual([[], 0]);
    expect(await world.queue.depth()).toEqual({ waiting: 0, dead: 0 });
  });

  test('a Resolved before its Fired waits for it, and both are told in one message', async () => {
    const chat = fakeChat();
    const world = createWorld([chat]);
    await take(world, resolved());
    expect([chat.calls, await outcomes(world)]).toEqual([[], [undefined]]);
    await take(world, fired());
    expect(await outcomes(world)).toEqual(['joined', 'posted']);
    expect(chat.standing).toHaveLength(1);
    expect(chat.standing[0]?.body).toContain('Resolved');
  });

  test('a Resolved alone is summarised by the watch after 15 min', async () => {
    const chat = fakeChat();
    const world = createWorld([chat]);
    await take(world, resolved());
    await pass(world, 14);
    expect(await outcomes(world)).toEqual([undefined]);
    await pass(world, 2);
    expect([chat.calls, await outcomes(world)]).toEqual([[], ['summarised']]);
  });
});

describe('the portal’s test button', () => {
  test.each([
    [15 * 60, 1],
    [15 * 60 + 1, 2],
    [86_400, 2],
  ])('pressed again after %i s shows %i messages', async (seconds, messages) => {
    const chat = fakeChat();
    const world = createWorld([chat]);
    const test = (firedMs: number): Record<string, unknown> =>
      azureAlert({ firedAt: new Date(firedMs).toISOString(), rule: 'test-metricAlertRule' });
    const startMs = world.clock.now();
    await take(world, test(startMs));
    await moveOn(world.clock, seconds * 1_000);
    await take(world, test(startMs + seconds * 1_000));
    expect(chat.standing).toHaveLength(messages);
    expect(chat.standing.every(({ body }) => body.includes('test notification'))).toBe(true);
  });
});

describe('many workers on one incident', () => {
  test('twenty of them, each write of theirs interleaved, lose no alert and post one message', async () => {
    const chat = fakeChat();
    const world = createWorld([chat]);
    const slowly = faulty(world.records, () => ({ waitFor: new Promise<void>((resolve) => setImmediate(resolve)) }));
    const alerts = Array.from({ length: 60 }, (_, i) => fired({ rule: `rule-${i}` }));
    await Promise.all(alerts.map((alert) => receive(world, alert)));
    const workers = Array.from({ length: 20 }, (_, i) => ({
      deps: { ...world.deps, records: slowly, worker: `w${i}` },
    }));
    await Promise.all(workers.map(workOff));
    const incident = await theIncident(world);
    expect(incident.accepted).toHaveLength(60);
    expect(incident.accepted.filter(({ outcome }) => outcome === 'posted')).toHaveLength(1);
    expect(chat.standing).toHaveLength(1);
    expect(chat.standing[0]?.revisions.at(-1)).toBe(incident.revision);
    expect(incident.effects).toMatchObject([{ state: 'sent' }]);
    expect(world.log.events.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('a hundred that find it busy come back once, not a hundred times', async () => {
    const hanging = { ...fakeChat(), post: () => new Promise<never>(() => undefined) };
    const world = createWorld([hanging]);
    await receive(world, fired());
    void workOff(world);
    await new Promise<void>((resolve) => setTimeout(resolve, 5));
    const { id } = await theIncident(world);
    for (let i = 0; i < 100; i += 1) await work({ ...world.deps, worker: `w${i}` }, { v: 1, incidentId: id });
    // The message that the first worker still holds, and one that comes back when its lease is over.
    expect((await world.queue.depth()).waiting).toBe(2);
  });
});

describe('a queue message that cannot be worked on', () => {
  test.each<[string, unknown, boolean]>([
    ['not an object', 'hello', true],
    ['null', null, true],
    ['without an incident', { v: 1 }, true],
    ['without a version', { incidentId: 'abcdefgh' }, true],
    ['of a newer version', { v: 2, incidentId: 'abcdefgh', of: 'another shape' }, false],
  ])('%s comes back with a reason, and with whether waiting helps', async (_what, message, final) => {
    const world = createWorld([]);
    const worked = await work(world.deps, message);
    expect(worked).toMatchObject({ done: false, retryAfterMs: 30_000, reason: expect.stringMatching(/\S/) });
    expect('final' in worked).toBe(final);
  });

  test('of an incident that nobody knows is done with', async () => {
    const world = createWorld([fakeChat()]);
    expect(await work(world.deps, { v: 1, incidentId: 'abcdefgh' })).toEqual({ done: true });
    const gone = { v: 1, incidentId: 'abcdefgh', inbox: { partition: 'inbox/2026-11-20T14', id: 'gone' } };
    expect(await work(world.deps, gone)).toEqual({ done: true });
  });

  test('waits as long as the store asks for', async () => {
    const world = createWorld([]);
    const asked = new HeadroomError('throttled', 'slow down', { retryAfterMs: 7_000 });
    const records = faulty(world.records, () => ({ fail: asked }));
    expect(await work({ ...world.deps, records }, { v: 1, incidentId: 'abcdefgh' })).toEqual({
      done: false,
      retryAfterMs: 7_000,
      reason: 'slow down',
    });
  });
});
