import { createMemoryPayloads } from '../../../shared/adapters/memory/payloads.ts';
import { createMemoryQueue } from '../../../shared/adapters/memory/queue.ts';
import { createMemoryRecords } from '../../../shared/adapters/memory/records.ts';
import { RENDERERS, THREAD_RENDERERS } from '../../../shared/chat/render.ts';
import type { IncidentRecord } from '../../../shared/incidents/record.ts';
import { type LimitProfile, limitProfile } from '../../../shared/limits.ts';
import type { Effect } from '../../../shared/model.ts';
import { DEFAULT_TIMING, type Policy } from '../../../shared/pipeline/deps.ts';
import type { Levels } from '../../../shared/pipeline/levels.ts';
import { type InboxLine, listInbox } from '../../../shared/pipeline/read.ts';
import { type Received, receiveAlerts } from '../../../shared/pipeline/receive.ts';
import type { WatchDeps } from '../../../shared/pipeline/watch.ts';
import { watch } from '../../../shared/pipeline/watch.ts';
import { work } from '../../../shared/pipeline/work.ts';
import type { ChatSender, Queue, Records } from '../../../shared/ports.ts';
import { alertmanager } from '../../../shared/sources/alertmanager.ts';
import { azure } from '../../../shared/sources/azure.ts';
import { cloudwatch } from '../../../shared/sources/cloudwatch.ts';
import { collectingLog, type FakeClock, fakeClock, seededRandom } from '../../kit.ts';

export const SOURCES = [azure, cloudwatch, alertmanager];

/** As Azure hides a message while a worker has it: longer than every lease. */
const VISIBILITY_MS = 120_000;

const MINUTE_MS = 60_000;

/** Everything that outlives a process: stores, time, and what counts who has written what. */
export type World = {
  clock: FakeClock;
  records: Records;
  queue: Queue;
  deps: WatchDeps;
  log: ReturnType<typeof collectingLog>;
  /** All records that were ever put, by partition and id. */
  keys: Map<string, { partition: string; id: string }>;
  /** Empties the queue behind everyone's back. */
  loseQueue(): void;
};

/** What a policy is unless a test says otherwise: all is verified, goes everywhere, and nothing is in maintenance. */
export const POLICY: Policy = {
  verifies: () => true,
  mayRead: () => true,
  inMaintenance: () => false,
  route: (_incident, destinations) => destinations,
  privacyOf: () => 'full',
  mentionOf: () => undefined,
  quietUntil: () => null,
  timeZone: 'UTC',
  heldUntil: () => null,
  stormPerMinute: null,
  queriesPerIncident: 100,
  severeShare: undefined,
  limits: publishedLimits(),
  objectiveOf: () => null,
  nameCaller: (caller) => caller,
};

/** Everything at once: what a test says of order and time is then not about the pace of a chat. */
export const UNLEVELLED: Levels = {
  turnOf: (_sender, _effect, _incident, now) => now,
  send: (_sender, _effect, _incidentId, run) => run(),
  read: async (_places, _name, run) => ({ done: await run() }),
};

function publishedLimits(): LimitProfile {
  const profile = limitProfile('published');
  if (!profile) throw new Error('there is no profile of published limits');
  return profile;
}

export function createWorld(senders: readonly ChatSender[], given: Partial<WatchDeps> = {}): World {
  const clock = patientClock();
  const keys: World['keys'] = new Map();
  const log = collectingLog();
  const records = rememberingKeys(createMemoryRecords(), keys);
  let current = createMemoryQueue({ clock });
  const queue: Queue = {
    send: (message, options) => current.send(message, options),
    receive: (options) => current.receive(options),
    depth: () => current.depth(),
    dead: (limit) => current.dead(limit),
  };
  const loseQueue = (): void => {
    current = createMemoryQueue({ clock });
  };
  const deps: WatchDeps = {
    records,
    queue,
    payloads: createMemoryPayloads({ clock }),
    clock,
    random: seededRandom(1),
    log,
    sources: SOURCES,
    senders,
    renderers: RENDERERS,
    threadRenderers: THREAD_RENDERERS,
    readers: [],
    policy: POLICY,
    levels: UNLEVELLED,
    worker: 'worker-1',
    timing: DEFAULT_TIMING,
    retention: { evidenceDays: 30 },
    ...given,
  };
  return { clock, records, queue, deps, log, keys, loseQueue };
}

/** Short pauses end at once, since nothing else would move the time meanwhile; longer ones wait to be told. */
export function patientClock(start?: string): FakeClock {
  const clock = fakeClock(start);
  return {
    ...clock,
    sleep: (ms, signal) => (ms < 50 ? new Promise<void>((resolve) => setImmediate(resolve)) : clock.sleep(ms, signal)),
  };
}

function rememberingKeys(records: Records, keys: World['keys']): Records {
  return {
    ...records,
    put(key, value, expected) {
      keys.set(`${key.partition} ${key.id}`, key);
      return records.put(key, value, expected);
    },
  };
}

/** Takes a payload in as its route does. */
export function receive(world: Pick<World, 'deps'>, body: unknown, source = azure): Promise<Received> {
  return receiveAlerts(world.deps, { source, body, raw: Buffer.from(JSON.stringify(body)) });
}

/** Works off what is visible in the queue, until nothing is; gives the number of messages. */
export async function workOff(world: Pick<World, 'deps'>): Promise<number> {
  const { deps } = world;
  let worked = 0;
  for (;;) {
    const deliveries = await deps.queue.receive({ max: 8, visibilityMs: VISIBILITY_MS });
    if (deliveries.length === 0) return worked;
    for (const delivery of deliveries) {
      const result = await work(deps, delivery.message);
      await (result.done ? delivery.ack() : delivery.retry(result.retryAfterMs));
      worked += 1;
    }
  }
}

/** Lets minutes pass: works the queue every ten seconds and watches every minute. */
export async function pass(world: Pick<World, 'deps' | 'clock'>, minutes: number): Promise<void> {
  for (let step = 0; step <= minutes * 6; step += 1) {
    await workOff(world);
    if (step % 6 === 0) await watch(world.deps);
    await workOff(world);
    if (step < minutes * 6) await moveOn(world.clock, MINUTE_MS / 6);
  }
}

/** Moves the time, and lets those wake up whose wait is over. */
export async function moveOn(clock: FakeClock, ms: number): Promise<void> {
  clock.advance(ms);
  await new Promise<void>((resolve) => setImmediate(resolve));
}

/** The world as a suspended process sees it, which counts for dead: no wait of its own ever ends. */
export function suspended(world: World, given: Partial<WatchDeps> = {}): World {
  const clock = { ...world.clock, sleep: () => new Promise<never>(() => undefined) };
  return { ...world, deps: { ...world.deps, ...given, clock } };
}

/** Begins to work and gives it up to where it is stuck. */
export async function workUntilStuck(world: Pick<World, 'deps'>): Promise<void> {
  void workOff(world);
  await settle();
}

/** Lets everything run on that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** All incidents, in the order in which they were first written. */
export async function incidentsOf(world: Pick<World, 'records' | 'keys'>): Promise<IncidentRecord[]> {
  const incidents: IncidentRecord[] = [];
  for (const key of world.keys.values()) {
    if (!key.partition.startsWith('incident/') || key.id !== 'state') continue;
    const stored = await world.records.get<IncidentRecord>(key);
    if (stored) incidents.push(stored.value);
  }
  return incidents;
}

export async function theIncident(world: Pick<World, 'records' | 'keys'>): Promise<IncidentRecord> {
  const [incident, another] = await incidentsOf(world);
  if (!incident || another) throw new Error('there is not exactly one incident');
  return incident;
}

export async function effectOf(world: World, { key }: { key: string }): Promise<Effect | undefined> {
  return (await theIncident(world)).effects.find((effect) => effect.key === key);
}

export function inboxOf(world: Pick<World, 'deps'>): Promise<InboxLine[]> {
  return listInbox(world.deps, { hours: 3, limit: 1_000 });
}

export type AlertSketch = {
  condition?: 'Fired' | 'Resolved';
  /** When it fired, and was resolved; RFC 3339. */
  firedAt: string;
  resolvedAt?: string;
  rule?: string;
  vaults?: string[];
  metric?: 'ServiceApiResult' | 'ServiceApiHit' | 'Availability';
  custom?: Record<string, string>;
};

const SUBSCRIPTION = '/subscriptions/00000000-0000-0000-0000-000000000000';

export function vaultId(name: string): string {
  return `${SUBSCRIPTION}/resourcegroups/rg-contoso/providers/microsoft.keyvault/vaults/${name}`;
}

/** A metric alert on Key Vaults as an action group sends it. */
export function azureAlert(sketch: AlertSketch): Record<string, unknown> {
  const { condition = 'Fired', firedAt, resolvedAt, rule = 'kv-throttled', vaults = ['kv-contoso'] } = sketch;
  const { metric = 'ServiceApiResult', custom = {} } = sketch;
  return {
    schemaId: 'azureMonitorCommonAlertSchema',
    data: {
      essentials: {
        alertId: `${SUBSCRIPTION}/providers/Microsoft.AlertsManagement/alerts/${rule}-${firedAt}`,
        alertRule: rule,
        severity: 'Sev2',
        signalType: 'Metric',
        monitorCondition: condition,
        monitoringService: 'Platform',
        alertTargetIDs: vaults.map(vaultId),
        originAlertId: `${rule}-origin`,
        firedDateTime: firedAt,
        ...(resolvedAt === undefined ? {} : { resolvedDateTime: resolvedAt }),
        description: 'Key Vault returned HTTP 429',
        essentialsVersion: '1.0',
        alertContextVersion: '1.0',
      },
      alertContext: {
        conditionType: 'SingleResourceMultipleMetricCriteria',
        condition: {
          windowSize: 'PT5M',
          allOf: [
            {
              metricName: metric,
              metricNamespace: 'Microsoft.KeyVault/vaults',
              operator: 'GreaterThan',
              threshold: '0',
              timeAggregation: 'Total',
              dimensions: metric === 'ServiceApiResult' ? [{ name: 'StatusCode', value: '429' }] : [],
              metricValue: condition === 'Fired' ? 184 : 0,
            },
          ],
        },
      },
      customProperties: custom,
    },
  };
}
