import { expect, test, vi } from 'vitest';
import { createMemoryPayloads } from '../../../../shared/adapters/memory/payloads.ts';
import { createMemoryQueue } from '../../../../shared/adapters/memory/queue.ts';
import { createMemoryRecords } from '../../../../shared/adapters/memory/records.ts';
import { observePorts } from '../../../../shared/adapters/telemetry/observe.ts';
import { HeadroomError } from '../../../../shared/errors.ts';
import type { ChatSender, EvidenceReader, Measurement } from '../../../../shared/ports.ts';
import { fakeClock } from '../../../kit.ts';

const NOTHING: Measurement[] = [];
const KEY = { partition: 'incident/abcdefgh', id: 'state' };

const sender: ChatSender = {
  key: 'slack-bot:C0123456789',
  platform: 'slack',
  canEdit: true,
  post: () => Promise.reject(new HeadroomError('throttled', 'slow down')),
  edit: async () => ({ ref: '1' }),
  find: async () => 'absent',
};

const reader: EvidenceReader = {
  store: 'files',
  language: 'sql',
  covers: () => true,
  read: async () => [
    {
      kind: 'callers',
      store: 'files',
      window: 'incident',
      readAt: '2026-11-20T14:00:00.000Z',
      state: 'unavailable',
      why: 'denied',
      nextStep: 'allow it',
    },
  ],
};

function world(chat: ChatSender = sender) {
  const noted: Measurement[] = [];
  const told: unknown[] = [];
  const clock = fakeClock();
  const ports = observePorts(
    {
      records: createMemoryRecords(),
      queue: createMemoryQueue({ clock }),
      payloads: createMemoryPayloads({ clock }),
      senders: [chat],
      readers: [reader],
    },
    {
      telemetry: { note: (measurement) => void noted.push(measurement) },
      now: () => clock.now(),
      tell: (key, before, after) => {
        told.push([key, before, after]);
        return [];
      },
    },
  );
  const calls = () =>
    noted.flatMap(({ name, attributes }) => (name === 'headroom.dependency.duration' ? [attributes] : []));
  return { ports, noted, told, calls };
}

test('each call of a port is measured under its name, with how it ended', async () => {
  const { ports, calls } = world();
  await ports.queue.send({ v: 1, incidentId: 'abcdefgh' });
  await ports.payloads.put('payload-1', new Uint8Array());
  const [chat] = ports.senders;
  await expect(chat?.post({ incidentId: 'abcdefgh', revision: 1, hash: '', body: {} })).rejects.toThrow('slow down');
  expect(calls()).toEqual([
    { dependency: 'queue', operation: 'send', outcome: 'ok' },
    { dependency: 'payloads', operation: 'put', outcome: 'ok' },
    { dependency: 'slack-bot', operation: 'post', outcome: 'throttled' },
  ]);
});

test('a sender stays what it is for those who look at it', () => {
  const [chat] = world().ports.senders;
  expect(chat).toMatchObject({ key: 'slack-bot:C0123456789', platform: 'slack', canEdit: true });
});

test('a sender keeps its threads and its probe, and one without them gets none', async () => {
  const able = { ...sender, reply: async () => undefined, probe: async () => 'there' };
  const { ports, calls } = world(able);
  await ports.senders[0]?.reply?.('1', {});
  expect(await ports.senders[0]?.probe?.()).toBe('there');
  expect(calls().map((attributes) => attributes?.['operation'])).toEqual(['reply', 'probe']);
  const [plain] = world().ports.senders;
  expect([plain?.reply, plain?.probe]).toEqual([undefined, undefined]);
});

test('an accepted write tells what stood there and what stands there now; a conflict tells nothing', async () => {
  const { ports, told } = world();
  const first = await ports.records.put(KEY, { n: 1 }, 'absent');
  await ports.records.get(KEY);
  await ports.records.put(KEY, { n: 2 }, first);
  await ports.records.put(KEY, { n: 3 }, first);
  expect(told).toEqual([
    [KEY, undefined, { n: 1 }],
    [KEY, { n: 1 }, { n: 2 }],
  ]);
});

test('a write over what this process never saw tells nothing, for nobody knows what it changed', async () => {
  const records = createMemoryRecords();
  const revision = await records.put(KEY, { n: 1 }, 'absent');
  const tell = vi.fn(() => NOTHING);
  const clock = fakeClock();
  const ports = observePorts(
    { records, queue: createMemoryQueue({ clock }), payloads: createMemoryPayloads({ clock }) },
    { telemetry: { note: () => {} }, now: () => 0, tell },
  );
  await ports.records.put(KEY, { n: 2 }, revision);
  expect(tell).not.toHaveBeenCalled();
});

test('evidence that could not be read is counted by its reason', async () => {
  const { ports, noted } = world();
  const resource = { cloud: 'azure', id: '/x', name: 'x', type: 't', scope: 's' } as const;
  const query = { setup: [], statements: [], parameters: {} };
  await ports.readers[0]?.read({ resource, from: '', to: '', window: 'incident', query });
  expect(noted.at(-1)).toMatchObject({
    name: 'headroom.evidence.unavailable',
    attributes: { store: 'files', why: 'denied' },
  });
});
