import { createMemoryPayloads } from '../../shared/adapters/memory/payloads.ts';
import { createMemoryQueue } from '../../shared/adapters/memory/queue.ts';
import { createMemoryRecords } from '../../shared/adapters/memory/records.ts';
import { openSqlite } from '../../shared/adapters/sqlite/open.ts';
import { RENDERERS, THREAD_RENDERERS } from '../../shared/chat/render.ts';
import type { IncidentRecord } from '../../shared/incidents/record.ts';
import type { EffectReason, Reading, RecordKey } from '../../shared/model.ts';
import { DEFAULT_TIMING } from '../../shared/pipeline/deps.ts';
import type { WatchDeps } from '../../shared/pipeline/watch.ts';
import type { ChatSender, Clock, EvidenceReader, Queue, Records, Rendered } from '../../shared/ports.ts';
import { collectingLog, type LoggedEvent, seededRandom } from '../kit.ts';
import type { FakePlane } from '../shared/pipeline/action-kit.ts';
import { type FakeChat, fakeChat, isMarkedRepeat } from '../shared/pipeline/chat.ts';
import { POLICY, SOURCES, UNLEVELLED } from '../shared/pipeline/kit.ts';
import { helpfulActions } from './approvals.ts';
import { createTimeline, type Timeline } from './timeline.ts';

/** A message that reached a destination, with what the incident said of it at that moment. */
export type Sent = {
  destination: string;
  incidentId: string;
  revision: number;
  how: 'post' | 'edit';
  /** What it was sent for; undefined when nothing was on its way then. */
  why: EffectReason | undefined;
  /** It was sent for that before, and the incident knew. */
  known: boolean;
  marked: boolean;
};

/** What outlives every process: the stores, the platforms at the other end, and time. */
export type Installation = {
  timeline: Timeline;
  /** As every process shares it, before any fault is put around it. */
  deps: WatchDeps;
  bot: FakeChat;
  webhook: FakeChat;
  /** What can be changed outside; absent where actions are off. */
  plane?: FakePlane;
  sent: Sent[];
  events: readonly LoggedEvent[];
  incidents(): Promise<IncidentRecord[]>;
  /** Ids of the incidents that a storm tells of. */
  membersOf(stormId: string): Promise<string[]>;
  inbox(): Promise<{ key: RecordKey; state: string }[]>;
  close(): Promise<void>;
};

export async function openInstallation(options: {
  startMs: number;
  onDisk: boolean;
  maxAttempts: number;
  /** New incidents a minute above which they are told together; null: never. */
  stormPerMinute: number | null;
  /** Whether something can be done about incidents, and people approve it. */
  acts: boolean;
}): Promise<Installation> {
  let unanswered = 0;
  const timeline = createTimeline(options.startMs, () => unanswered > 0);
  const clock: Clock = { now: timeline.now, sleep: timeline.wait };
  const counted = <P extends object>(port: P): P =>
    new Proxy(port, {
      get(target, method) {
        const member: unknown = Reflect.get(target, method);
        if (typeof member !== 'function') return member;
        return async (...given: unknown[]): Promise<unknown> => {
          unanswered += 1;
          try {
            const result: unknown = await Reflect.apply(member, target, given);
            return method === 'receive' && Array.isArray(result) ? result.map((one: object) => counted(one)) : result;
          } finally {
            unanswered -= 1;
          }
        };
      },
    });
  const store = await openStore(clock, options);
  const keys = new Map<string, RecordKey>();
  const records = counted(rememberingKeys(store.records, keys));
  const log = collectingLog();
  const bot = fakeChat({ key: 'slack-bot:C1' });
  const webhook = fakeChat({ key: 'slack-webhook', canEdit: false });
  const sent: Sent[] = [];
  const help = options.acts ? helpfulActions() : undefined;
  const readIncident = async (id: string): Promise<IncidentRecord | undefined> =>
    (await records.get<IncidentRecord>({ partition: `incident/${id}`, id: 'state' }))?.value;
  const deps: WatchDeps = {
    records,
    queue: counted(store.queue),
    payloads: createMemoryPayloads({ clock }),
    clock,
    random: seededRandom(1),
    log,
    sources: SOURCES,
    senders: [bot, webhook].map((chat) => witnessed(chat, sent, readIncident)),
    renderers: RENDERERS,
    threadRenderers: THREAD_RENDERERS,
    readers: [lateLogs(timeline, options.startMs)],
    policy: { ...POLICY, stormPerMinute: options.stormPerMinute },
    levels: UNLEVELLED,
    worker: 'nobody',
    timing: DEFAULT_TIMING,
    retention: { evidenceDays: 30 },
    ...(help ? { actions: help.actions } : {}),
  };
  const stored = async <T>(prefix: string): Promise<{ key: RecordKey; value: T }[]> => {
    const found = await Promise.all(
      [...keys.values()]
        .filter(({ partition }) => partition.startsWith(prefix))
        .map(async (key) => ({ key, value: (await records.get<T>(key))?.value })),
    );
    return found.flatMap(({ key, value }) => (value === undefined ? [] : { key, value }));
  };
  return {
    timeline,
    deps,
    bot,
    webhook,
    ...(help ? { plane: help.plane } : {}),
    sent,
    events: log.events,
    incidents: async () =>
      (await stored<IncidentRecord>('incident/')).filter(({ key }) => key.id === 'state').map(({ value }) => value),
    membersOf: async (stormId) => (await stored(`storm/${stormId}`)).map(({ key }) => key.id),
    inbox: async () =>
      (await stored<{ state: string }>('inbox/')).map(({ key, value }) => ({ key, state: value.state })),
    close: store.close,
  };
}

async function openStore(
  clock: Clock,
  { onDisk, maxAttempts }: { onDisk: boolean; maxAttempts: number },
): Promise<{ records: Records; queue: Queue; close(): Promise<void> }> {
  if (onDisk) return openSqlite({ path: ':memory:', clock, maxAttempts });
  return {
    records: createMemoryRecords(),
    queue: createMemoryQueue({ clock, maxAttempts }),
    close: async () => undefined,
  };
}

function rememberingKeys(records: Records, keys: Map<string, RecordKey>): Records {
  return {
    ...records,
    put(key, value, expected) {
      keys.set(`${key.partition} ${key.id}`, key);
      return records.put(key, value, expected);
    },
  };
}

/** Writes down what reaches a destination, before it stands there. */
function witnessed(
  chat: FakeChat,
  sent: Sent[],
  readIncident: (id: string) => Promise<IncidentRecord | undefined>,
): ChatSender {
  const note = async (how: Sent['how'], { incidentId, revision, body }: Rendered): Promise<void> => {
    const effect = (await readIncident(incidentId))?.effects.find(({ key }) => key === chat.key);
    const why = effect?.state === 'sending' ? effect.why : undefined;
    const known = why === undefined || (effect?.delivered?.reasons.includes(why) ?? false);
    const marked = isMarkedRepeat({ ref: '', incidentId, revisions: [], body: String(body) });
    sent.push({ destination: chat.key, incidentId, revision, how, why, known, marked });
  };
  return {
    key: chat.key,
    platform: chat.platform,
    canEdit: chat.canEdit,
    find: chat.find,
    async post(rendered) {
      await note('post', rendered);
      return chat.post(rendered);
    },
    async edit(ref, rendered) {
      await note('edit', rendered);
      return chat.edit(ref, rendered);
    },
  };
}

const MINUTE_MS = 60_000;

/** A log store that fills while it is read: each run has something else to say, and the message changes with it. */
function lateLogs(timeline: Timeline, startMs: number): EvidenceReader {
  return {
    store: 'exported files',
    language: 'sql',
    covers: () => true,
    async read({ from, to, query }): Promise<Reading[]> {
      const nowMs = timeline.now();
      const minutes = Math.floor((nowMs - startMs) / MINUTE_MS);
      const requests = minutes < 2 ? 0 : 1_000;
      const lastMs = startMs + Math.max(0, minutes - 5) * MINUTE_MS;
      const row = {
        fromMs: Date.parse(from),
        toMs: Date.parse(to),
        requests,
        firstMs: requests > 0 ? Date.parse(from) : null,
        lastMs: requests > 0 ? lastMs : null,
        unattributed: 0,
        inferred: 0,
        withoutStatus: 0,
        unreadable: minutes % 3,
        duplicates: 0,
        skippedFiles: 0,
        oneAddressIn: 1,
      };
      const readAt = new Date(nowMs).toISOString();
      return query.statements
        .filter(({ kind, window }) => kind === 'coverage' && (window ?? 'incident') === 'incident')
        .map(
          ({ kind }): Reading => ({
            kind,
            store: 'exported files',
            window: 'incident',
            readAt,
            state: 'read',
            rows: [row],
            truncated: false,
            completeness: null,
          }),
        );
    },
  };
}
