import { describe, expect, test } from 'vitest';
import { fingerprintOf, incidentIdOf } from '../../../shared/incidents/fingerprint.ts';
import type { QueueMessage } from '../../../shared/model.ts';
import type { InboxRecord } from '../../../shared/pipeline/inbox.ts';
import type { Queue, Records } from '../../../shared/ports.ts';
import { azure } from '../../../shared/sources/azure.ts';
import { fakeChat } from './chat.ts';
import { azureAlert, createWorld, inboxOf, receive, theIncident, type World, workOff } from './kit.ts';

const FIRED = azureAlert({ firedAt: '2026-11-20T13:59:00Z' });

/** The world, with a list of what is asked of its stores, in order. */
function watched(): World & { calls: string[]; sent: QueueMessage[] } {
  const world = createWorld([fakeChat()]);
  const calls: string[] = [];
  const sent: QueueMessage[] = [];
  const records: Records = {
    get: (key) => {
      calls.push(`get ${key.partition}`);
      return world.records.get(key);
    },
    put: (key, value, expected) => {
      calls.push(`put ${key.partition}`);
      return world.records.put(key, value, expected);
    },
    list: (partition, options) => {
      calls.push(`list ${partition}`);
      return world.records.list(partition, options);
    },
    delete: (key, expected) => {
      calls.push(`delete ${key.partition}`);
      return world.records.delete(key, expected);
    },
  };
  const queue: Queue = {
    ...world.queue,
    send: (message, options) => {
      calls.push('send');
      sent.push(message);
      return world.queue.send(message, options);
    },
  };
  return { ...world, calls, sent, deps: { ...world.deps, records, queue } };
}

describe('taking a payload in', () => {
  test('writes the inbox and the pointer, queues the incident, and touches nothing else', async () => {
    const world = watched();
    const received = await receive(world, FIRED);
    expect(world.calls).toEqual([
      'get open',
      'put inbox/2026-11-20T14',
      'get open',
      'put open',
      'put inbox/2026-11-20T14',
      'send',
    ]);
    const [line] = await inboxOf(world);
    expect(received).toEqual({ ok: true, incidents: [world.sent[0]?.incidentId], alerts: 1 });
    expect(world.sent).toEqual([{ v: 1, incidentId: line?.incidents[0], inbox: line?.key }]);
    expect(line).toMatchObject({ source: 'azure', state: 'received', receivedAt: '2026-11-20T14:00:00.000Z' });
  });

  test('that belongs to a known incident writes the inbox once', async () => {
    const world = watched();
    await receive(world, FIRED);
    world.calls.length = 0;
    await receive(world, azureAlert({ firedAt: '2026-11-20T13:59:30Z', rule: 'kv-strict' }));
    expect(world.calls).toEqual(['get open', 'put inbox/2026-11-20T14', 'send']);
  });

  test('gives the incident the id of its fingerprint and first alert', async () => {
    const world = createWorld([]);
    const parsed = azure.parse(FIRED, '2026-11-20T14:00:00.000Z');
    const [alert] = parsed.ok ? parsed.alerts : [];
    const received = await receive(world, FIRED);
    expect(alert && received.ok && received.incidents).toEqual([alert && incidentIdOf(fingerprintOf(alert), alert.id)]);
  });

  test('with alerts of several vaults queues each incident once, all from one inbox record', async () => {
    const world = watched();
    const received = await receive(
      world,
      azureAlert({ firedAt: '2026-11-20T13:59:00Z', vaults: ['kv-a', 'kv-b', 'kv-c'] }),
    );
    expect(received).toMatchObject({ ok: true, alerts: 3 });
    expect(new Set(received.ok ? received.incidents : []).size).toBe(3);
    expect(world.sent).toHaveLength(3);
    expect(await inboxOf(world)).toHaveLength(1);
  });

  test('answers only after the inbox is written and the incident queued', async () => {
    const order: string[] = [];
    const world = createWorld([]);
    const slowly = async <T>(what: string, done: Promise<T>): Promise<T> => {
      await new Promise<void>((resolve) => setImmediate(resolve));
      const result = await done;
      order.push(what);
      return result;
    };
    const records: Records = { ...world.records, put: (k, v, e) => slowly('put', world.records.put(k, v, e)) };
    const queue: Queue = { ...world.queue, send: (m, o) => slowly('send', world.queue.send(m, o)) };
    await receive({ deps: { ...world.deps, records, queue } }, FIRED);
    order.push('answered');
    expect(order.at(-1)).toBe('answered');
    expect(order.filter((what) => what === 'send')).toHaveLength(1);
  });

  test('a payload over the inline bound stands in the payload store', async () => {
    const world = createWorld([]);
    const large = azureAlert({ firedAt: '2026-11-20T13:59:00Z', custom: { note: 'x'.repeat(50_000) } });
    await receive(world, large);
    const [line] = await inboxOf(world);
    const kept = line && (await world.records.get<InboxRecord>(line.key));
    expect(kept?.value.body).toBe(undefined);
    const bytes = await world.deps.payloads.get(kept?.value.stored ?? '');
    expect(JSON.parse(Buffer.from(bytes ?? []).toString())).toEqual(large);
    expect(await workOff(world)).toBe(1);
    expect((await theIncident(world)).accepted).toHaveLength(1);
  });

  test('a payload with a byte-order mark is taken in like any other', async () => {
    const world = createWorld([]);
    const { receiveAlerts } = await import('../../../shared/pipeline/receive.ts');
    const raw = Buffer.from(`\ufeff${JSON.stringify(FIRED)}`);
    await receiveAlerts(world.deps, { source: azure, body: FIRED, raw });
    await workOff(world);
    expect((await theIncident(world)).accepted).toMatchObject([{ outcome: 'routed-nowhere' }]);
  });
});

describe('the same payload a hundred times at once', () => {
  test('is one incident, one alert in it, one message', async () => {
    const chat = fakeChat();
    const world = createWorld([chat]);
    const received = await Promise.all(Array.from({ length: 100 }, () => receive(world, FIRED)));
    const ids = new Set(received.flatMap((one) => (one.ok ? one.incidents : ['refused'])));
    expect(ids.size).toBe(1);
    await workOff(world);
    const incident = await theIncident(world);
    expect(incident.accepted).toMatchObject([{ outcome: 'posted' }]);
    expect(chat.standing).toHaveLength(1);
    expect(chat.calls.filter((call) => call.startsWith('post'))).toHaveLength(1);
    expect((await inboxOf(world)).map(({ state }) => state)).toEqual(Array.from({ length: 100 }, () => 'taken'));
  });
});

describe('a hundred different alerts of one vault at once', () => {
  test('are one incident: one is posted, the others join', async () => {
    const chat = fakeChat();
    const world = createWorld([chat]);
    const alerts = Array.from({ length: 100 }, (_, i) =>
      azureAlert({ firedAt: '2026-11-20T13:59:00Z', rule: `rule-${i}` }),
    );
    const received = await Promise.all(alerts.map((alert) => receive(world, alert)));
    expect(new Set(received.flatMap((one) => (one.ok ? one.incidents : []))).size).toBe(1);
    await workOff(world);
    const { accepted } = await theIncident(world);
    const outcomes = accepted.map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'posted')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'joined')).toHaveLength(99);
    expect(chat.standing).toHaveLength(1);
  });
});

describe('where one incident ends and the next begins', () => {
  const RESOLVED_MS = Date.parse('2026-11-20T14:05:00.000Z');

  async function afterResolved(ms: number): Promise<{ world: World; incidents: string[] }> {
    const world = createWorld([fakeChat()]);
    const first = await receive(world, FIRED);
    await workOff(world);
    const resolvedAt = new Date(RESOLVED_MS).toISOString();
    await receive(world, azureAlert({ firedAt: '2026-11-20T13:59:00Z', resolvedAt, condition: 'Resolved' }));
    await workOff(world);
    const next = await receive(world, azureAlert({ firedAt: new Date(RESOLVED_MS + ms).toISOString() }));
    await workOff(world);
    return { world, incidents: [first, next].flatMap((one) => (one.ok ? one.incidents : [])) };
  }

  test.each([
    [899_999, 'the same'],
    [900_000, 'the same'],
    [900_001, 'a new'],
  ])('a Fired %i ms after the Resolved is of %s incident', async (ms, which) => {
    const { incidents } = await afterResolved(ms);
    expect(new Set(incidents).size).toBe(which === 'the same' ? 1 : 2);
  });

  test('the pointer remembers the incident before', async () => {
    const { world, incidents } = await afterResolved(900_001);
    const [pointer] = await world.records.list('open');
    expect(pointer?.value).toMatchObject({ incidentId: incidents[1], before: incidents[0] });
  });

  test('a late repeat of the first Fired keeps its outcome there and opens nothing here', async () => {
    const { world, incidents } = await afterResolved(900_001);
    await receive(world, FIRED);
    await workOff(world);
    const second = await world.records.get<{ accepted: { id: string }[]; lifecycle: unknown }>({
      partition: `incident/${incidents[1]}`,
      id: 'state',
    });
    expect(second?.value.accepted).toHaveLength(1);
    expect((await inboxOf(world)).every(({ state }) => state === 'taken')).toBe(true);
  });
});
