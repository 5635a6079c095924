import { DEFAULT_MAX_ATTEMPTS } from '../../shared/adapters/bounds.ts';
import type { IncidentRecord } from '../../shared/incidents/record.ts';
import { type Received, receiveAlerts } from '../../shared/pipeline/receive.ts';
import type { Random } from '../../shared/ports.ts';
import { seededRandom } from '../kit.ts';
import { arePlansQuiet, countPlans, type PlansPlayed, startPeople } from './approvals.ts';
import { createFaultDesk, drawFaults, type Fault, type FaultKind } from './faults.ts';
import { type Installation, openInstallation } from './installation.ts';
import { brokenRules } from './invariants.ts';
import { type Around, type Process, startProcess } from './process.ts';
import { alertIdsOf, type Call, drawStory } from './story.ts';

/** All that a seed stands for; shorter ones of the same seed are what a failure is cut down to. */
export type Plan = { seed: number; calls: Call[]; faults: Fault[]; untilMs: number };

export type Played = {
  seed: number;
  /** What does not hold; empty when all is well. */
  broken: string[];
  struck: Map<FaultKind, number>;
  kills: number;
  /** Messages that say of themselves that they may stand there twice. */
  markedRepeats: number;
  /** Of all that reached a destination, those that had been there before, in the gap that no client can close. */
  repeats: number;
  messages: number;
  deadLetters: number;
  alerts: number;
  /** Messages that tell of many incidents, and those incidents. */
  storms: number;
  summarised: number;
  plans: PlansPlayed;
};

const START_MS = Date.parse('2026-11-20T14:00:00.000Z');
const PROCESSES = 2;

/** Clocks of two processes differ by twice as much at most: the third of a lease that no send may use. */
const MOST_SKEW_MS = 4_000;

/** Every so many seeds are played over SQLite. */
const ON_DISK_EVERY = 8;

/** Every so many seeds have a queue that lays a message aside after two deliveries, so that what it named is taken up anew. */
const IMPATIENT_EVERY = 3;
const FEW_ATTEMPTS = 2;

/** Every so many seeds more vaults fire, and the second incident of a minute is one too many to be told by itself. */
const STORMY_EVERY = 4;
const STORM_PER_MINUTE = 1;
const STORMY_VAULTS = 3;

const LONGEST_RESTART_MS = 20_000;
const SENDER_WAITS_MS = 10_000;
const LOOK_EVERY_MS = 60_000;

/** In every so many seeds something can be done about incidents, and people approve, reject and undo it. */
const ACTS_EVERY = 2;

/** After the last fault: a late log is read 20 min after, a lone Resolved is settled after 15, the longest pause is 5. */
const QUIET_WITHIN_MS = 90 * 60_000;

export function planOf(seed: number): Plan {
  const random = seededRandom(seed);
  const calls = drawStory(random, START_MS, isStormy(seed) ? STORMY_VAULTS : 0);
  const untilMs = Math.max(...calls.map(({ atMs }) => atMs)) + 120_000;
  return { seed, calls, faults: drawFaults(random, untilMs), untilMs };
}

/** Plays the plan until nothing is left to do, then looks whether all is as it has to be. */
export async function play(plan: Plan, trace: (line: string) => void = () => undefined): Promise<Played> {
  const { seed, calls, faults, untilMs } = plan;
  const maxAttempts = seed % IMPATIENT_EVERY === 0 ? FEW_ATTEMPTS : DEFAULT_MAX_ATTEMPTS;
  const onDisk = seed % ON_DISK_EVERY === 0;
  const stormPerMinute = isStormy(seed) ? STORM_PER_MINUTE : null;
  const acts = seed % ACTS_EVERY === 0;
  const installation = await openInstallation({ startMs: START_MS, onDisk, maxAttempts, stormPerMinute, acts });
  const { timeline } = installation;
  const desk = createFaultDesk(faults, untilMs);
  let kills = 0;
  const random = seededRandom(seed ^ 0x5eed);
  const around: Around = {
    timeline,
    startMs: START_MS,
    desk,
    random,
    trace,
    onKill: () => {
      kills += 1;
    },
  };
  const slots = Array.from({ length: PROCESSES }, (_, slot) => keepRunning(around, installation, slot));
  if (acts) startPeople(around, installation, () => pick(slots, random).process, untilMs);
  const answers = calls.map((call) => send(around, slots, call));
  const quiet = await untilQuiet(installation, answers, untilMs);
  const accepted = new Set(answers.flatMap((answer, i) => (answer.accepted ? alertIdsOf(calls[i] as Call) : [])));
  const offered = new Set(calls.flatMap(alertIdsOf));
  const broken = [
    ...(quiet ? [] : [`it has not come to rest within ${QUIET_WITHIN_MS / 60_000} min after the last fault`]),
    ...(await brokenRules(installation, { accepted, offered, maxAttempts })),
  ];
  const { sent } = installation;
  const incidents = await installation.incidents();
  const played: Played = {
    seed,
    broken,
    struck: desk.struck,
    kills,
    markedRepeats: sent.filter(({ marked }) => marked).length,
    repeats: repeatsOf(installation),
    messages: sent.length,
    deadLetters: (await installation.deps.queue.depth()).dead,
    alerts: accepted.size,
    storms: incidents.filter(({ storm }) => storm !== undefined).length,
    summarised: incidents.filter(({ summarisedIn }) => summarisedIn !== undefined).length,
    plans: await countPlans(installation, incidents),
  };
  await installation.close();
  return played;
}

function repeatsOf({ sent }: Installation): number {
  const seen = new Set<string>();
  let repeats = 0;
  for (const { destination, incidentId, how, why } of sent) {
    if (how !== 'post') continue;
    const key = `${destination} ${incidentId} ${why}`;
    if (seen.has(key)) repeats += 1;
    seen.add(key);
  }
  return repeats;
}

type Slot = { process: Process };

/** A process, and after each death another one in its place, with a clock of its own. */
function keepRunning(around: Around, { deps }: Installation, slot: number): Slot {
  const { timeline, random } = around;
  let starts = 0;
  const start = (): Process => {
    starts += 1;
    const skewMs = Math.round((random() * 2 - 1) * MOST_SKEW_MS);
    return startProcess(around, deps, `worker-${slot + 1}.${starts}`, skewMs);
  };
  const running: Slot = { process: start() };
  const replace = async (): Promise<void> => {
    for (;;) {
      await running.process.died;
      await timeline.wait(random() * LONGEST_RESTART_MS);
      running.process = start();
    }
  };
  void replace();
  return running;
}

function isStormy(seed: number): boolean {
  return seed % STORMY_EVERY === 1;
}

type Answer = { accepted: boolean; done: boolean };

/** A sender: sends again until it is answered 202, as action groups do; some give up, some send twice. */
function send(around: Around, slots: readonly Slot[], call: Call): Answer {
  const { timeline, random } = around;
  const answer: Answer = { accepted: false, done: false };
  const run = async (): Promise<void> => {
    await timeline.wait(call.atMs);
    for (;;) {
      if (await isAccepted(around, pick(slots, random), call)) break;
      if (call.givesUp) {
        answer.done = true;
        return;
      }
      await timeline.wait(15_000 + random() * 25_000);
    }
    answer.accepted = true;
    if (call.repeatAfterMs !== undefined) {
      await timeline.wait(call.repeatAfterMs);
      await isAccepted(around, pick(slots, random), call);
    }
    answer.done = true;
  };
  void run();
  return answer;
}

function pick<T>(of: readonly T[], random: Random): T {
  return of[Math.floor(random() * of.length)] as T;
}

async function isAccepted(around: Around, { process }: Slot, { name, source, body }: Call): Promise<boolean> {
  const { timeline, trace, startMs } = around;
  if (process.isDead()) return false;
  const waited = new AbortController();
  const late = timeline.wait(SENDER_WAITS_MS, waited.signal).then(
    () => 'late' as const,
    () => 'late' as const,
  );
  const received = receiveAlerts(process.deps, { source, body, raw: Buffer.from(JSON.stringify(body)) }).catch(
    (): Received => ({ ok: false, error: 'answered 503', path: '' }),
  );
  const first = await Promise.race([received, late, process.died]);
  waited.abort();
  const accepted = typeof first === 'object' && first.ok;
  trace(
    `${((timeline.now() - startMs) / 1_000).toFixed(3).padStart(9)} s ${process.name} ${name}: ${accepted ? '202' : 'not accepted'}`,
  );
  return accepted;
}

async function untilQuiet(installation: Installation, answers: readonly Answer[], untilMs: number): Promise<boolean> {
  const { timeline } = installation;
  let lookAtMs = START_MS + untilMs;
  while (timeline.now() < START_MS + untilMs + QUIET_WITHIN_MS) {
    await timeline.next();
    if (timeline.now() < lookAtMs) continue;
    if (answers.every(({ done }) => done) && (await isQuiet(installation))) return true;
    lookAtMs = timeline.now() + LOOK_EVERY_MS;
  }
  return false;
}

async function isQuiet(installation: Installation): Promise<boolean> {
  const { deps, inbox } = installation;
  const incidents = await installation.incidents();
  if ((await deps.queue.depth()).waiting > 0) return false;
  if ((await inbox()).some(({ state }) => state === 'received')) return false;
  return incidents.every(isSettled) && (!deps.actions || (await arePlansQuiet(installation, incidents)));
}

function isSettled({ effects, diagnosing, accepted, runs, look }: IncidentRecord): boolean {
  return (
    look === undefined &&
    diagnosing === undefined &&
    effects.every(({ state }) => state === 'sent' || state === 'failed') &&
    accepted.every(({ outcome }) => outcome !== undefined) &&
    runs.planned.every((minutes) => runs.done.includes(minutes))
  );
}
