import { isHeadroomError } from '../../errors.ts';
import type { RecordKey } from '../../model.ts';
import type { ChatSender, EvidenceReader, Measurement, PayloadStore, Queue, Records, Telemetry } from '../../ports.ts';

type Ports = {
  records: Records;
  queue: Queue;
  payloads: PayloadStore;
  senders?: readonly ChatSender[];
  readers?: readonly EvidenceReader[];
};

type Watching = {
  telemetry: Telemetry;
  /** Epoch milliseconds. */
  now: () => number;
  /** What a write that was accepted says, from what stood there (undefined: nothing) and what stands there now. */
  tell: (key: RecordKey, before: unknown, after: unknown) => readonly Measurement[];
};

/** What was last seen of records, so that a write tells what it changed. */
const MOST_SEEN = 2_000;

/** The same ports, with each call measured: how long it took and how it ended, under the name of what it depends on. */
export function observePorts<P extends Ports>(ports: P, watching: Watching): P {
  const time = stopwatch(watching);
  const { senders, readers } = ports;
  return {
    ...ports,
    records: observeRecords(ports.records, watching, time('records')),
    queue: observeQueue(ports.queue, time('queue')),
    payloads: observePayloads(ports.payloads, time('payloads')),
    ...(senders === undefined ? {} : { senders: senders.map((sender) => observeSender(sender, time)) }),
    ...(readers === undefined
      ? {}
      : { readers: readers.map((reader) => observeReader(reader, time, watching.telemetry)) }),
  };
}

type Timed = <T>(operation: string, run: () => Promise<T>) => Promise<T>;

function stopwatch({ telemetry, now }: Watching): (dependency: string) => Timed {
  return (dependency) => async (operation, run) => {
    const fromMs = now();
    const end = (outcome: string): void =>
      telemetry.note({
        kind: 'spread',
        name: 'headroom.dependency.duration',
        value: (now() - fromMs) / 1_000,
        unit: 's',
        attributes: { dependency, operation, outcome },
      });
    try {
      const result = await run();
      end('ok');
      return result;
    } catch (error) {
      end(isHeadroomError(error) ? error.kind : 'bug');
      throw error;
    }
  };
}

function observeRecords(records: Records, { telemetry, tell }: Watching, timed: Timed): Records {
  const seen = new Map<string, unknown>();
  const see = (key: RecordKey, value: unknown): void => {
    const name = nameOf(key);
    seen.delete(name);
    seen.set(name, value);
    if (seen.size > MOST_SEEN) for (const oldest of seen.keys()) return void seen.delete(oldest);
  };
  return {
    async get<T>(key: RecordKey) {
      const stored = await timed('get', () => records.get<T>(key));
      see(key, stored?.value);
      return stored;
    },
    async put<T>(key: RecordKey, value: T, expected: string) {
      const known = expected === 'absent' || seen.has(nameOf(key));
      const before = expected === 'absent' ? undefined : seen.get(nameOf(key));
      const revision = await timed('put', () => records.put(key, value, expected));
      if (revision === 'conflict') return revision;
      if (known) for (const measurement of tell(key, before, value)) telemetry.note(measurement);
      see(key, value);
      return revision;
    },
    async list<T>(partition: string, options?: { after?: string; limit?: number }) {
      const listed = await timed('list', () => records.list<T>(partition, options));
      for (const { id, value } of listed) see({ partition, id }, value);
      return listed;
    },
    delete: (key, expected) => timed('delete', () => records.delete(key, expected)),
  };
}

function nameOf({ partition, id }: RecordKey): string {
  return `${partition}\n${id}`;
}

function observeQueue(queue: Queue, timed: Timed): Queue {
  return {
    send: (message, options) => timed('send', () => queue.send(message, options)),
    receive: (options) => timed('receive', () => queue.receive(options)),
    depth: () => timed('depth', () => queue.depth()),
    dead: (limit) => timed('dead', () => queue.dead(limit)),
  };
}

function observePayloads(payloads: PayloadStore, timed: Timed): PayloadStore {
  return {
    put: (id, bytes) => timed('put', () => payloads.put(id, bytes)),
    get: (id) => timed('get', () => payloads.get(id)),
    delete: (id) => timed('delete', () => payloads.delete(id)),
    olderThan: (time, limit) => timed('older-than', () => payloads.olderThan(time, limit)),
  };
}

/** By kind of destination alone: its key names a channel. */
function observeSender(sender: ChatSender, time: (dependency: string) => Timed): ChatSender {
  const timed = time(sender.key.split(':', 1)[0] ?? 'chat');
  const { reply, probe } = sender;
  return {
    key: sender.key,
    platform: sender.platform,
    canEdit: sender.canEdit,
    post: (rendered, signal) => timed('post', () => sender.post(rendered, signal)),
    edit: (ref, rendered, signal) => timed('edit', () => sender.edit(ref, rendered, signal)),
    find: (incidentId, since, signal) => timed('find', () => sender.find(incidentId, since, signal)),
    ...(reply && { reply: (ref, body, signal) => timed('reply', () => reply(ref, body, signal)) }),
    ...(probe && { probe: (signal) => timed('probe', () => probe(signal)) }),
  };
}

/** Evidence that could not be read comes back as a value, and is counted by its reason. */
function observeReader(
  reader: EvidenceReader,
  time: (dependency: string) => Timed,
  telemetry: Telemetry,
): EvidenceReader {
  const { store } = reader;
  const timed = time(`evidence-${store}`);
  return {
    store,
    language: reader.language,
    covers: (resource) => reader.covers(resource),
    async read(request, signal) {
      const readings = await timed('read', () => reader.read(request, signal));
      for (const reading of readings)
        if (reading.state === 'unavailable')
          telemetry.note({
            kind: 'count',
            name: 'headroom.evidence.unavailable',
            by: 1,
            attributes: { store, why: reading.why },
          });
      return readings;
    },
  };
}
