import type { AttemptRow } from '../../evidence/attempts.ts';
import type { ClientLanguage } from '../../evidence/client-language.ts';
import type { LoadRow } from '../../evidence/load.ts';
import { needsPerSecond } from './needs.ts';
import { needsOf, type Reads, readsOf } from './reads.ts';
import { HOT_SHARE, observedWaits, seenWaits, type Waits } from './waits.ts';

/** What a caller wants from the vault, before any refusal. */
export type Demand =
  | { kind: 'arrivals'; perSecond: readonly number[] }
  | {
      /** One after the other in a closed loop: what was observed is already slowed by refusals (field-notes 7). */
      kind: 'sessions';
      startsPerSecond: readonly number[];
      /** Mean reads of one session. */
      reads: number;
      parallel: boolean;
      /** From a served read to the next, ms: median and ninth decile. */
      stepMs: { p50: number; p90: number };
      /** Starts are delayed by up to this. */
      spreadMs: number;
    }
  | {
      /** Instance by instance, where each try is at hand. */
      kind: 'reads';
      reads: Reads;
      /** How long before the fleet's first second the log begins. */
      knownForMs: number;
      spreadMs: number;
    };

export type Member = {
  caller: string | null;
  source: LoadRow;
  demand: Demand;
  waits: Waits;
  /** Of the sessions whose read was given up, the share that goes on to the next. */
  goesOnShare: number;
  /** Which limit it draws on: `0` is the vault of the incident. */
  vault: number;
  /** What one of its requests uses of the limit. */
  weight: number;
  /** What passes the queue in front of it; null where there is none. */
  queuePerSecond: number | null;
  habits: Habits;
};

/** What other evidence says of a caller, for changes that the load alone does not tell how to make. */
export type Habits = {
  /** Between two readings of its whole set; null where it has no rhythm. */
  everySeconds: number | null;
  /** Distinct things that one instance reads. */
  setSize: number | null;
  /** Requests in the hour before the refusals; 0 where the log does not go back so far. */
  hourBefore: number;
  /** Of its key operations, those that need no secret or give back what can be kept. */
  localShare: number;
};

/** Who asks one class of operations around the refusals; every array begins at `fromSecond`. */
export type Fleet = {
  fromSecond: number;
  seconds: number;
  members: readonly Member[];
  /** How many times what it admitted the vault admits; 1 unless a fix raises the limit. */
  limitFactor: number;
};

export type CallerNature = { language: ClientLanguage | null; weight: number; habits: Habits };

/** Fewer starts than this are single restarts, which the arrivals describe as well. */
const SESSIONS_MIN = 5;
/** Sessions describe a caller when they hold at least this share of its reads. */
const SESSIONS_SHARE = 0.5;
/** A start reads its set, some of it twice; what reads many times as much after a silence is work that goes on and on. */
const SETS_PER_SESSION_MAX = 2;
/** Where more than this share goes on after a read was given up, none of what followed was left out. */
const GOES_ON_SHARE = 0.5;
/** Between reads of one start behind a shared address, where the log mixes several: a round trip and a little work. */
const UNKNOWN_STEP_MS = 30;

export function total(perSecond: readonly number[]): number {
  return perSecond.reduce((sum, count) => sum + count, 0);
}

/**
 * The fleet as it was seen, of one operation class.
 *
 * @param tries each one, where they could be read; a caller whose tries are missing is told from the aggregates alone
 */
export function observedFleet(
  rows: readonly LoadRow[],
  tries: readonly AttemptRow[],
  natureOf: (caller: string | null) => CallerNature,
): Fleet {
  const [first] = rows;
  return {
    fromSecond: first?.fromSecond ?? 0,
    seconds: first?.first.length ?? 0,
    members: rows.flatMap((row) =>
      membersOf(row, tries.find((each) => each.caller === row.caller && each.class === row.class) ?? null, natureOf),
    ),
    limitFactor: 1,
  };
}

function membersOf(
  row: LoadRow,
  tries: AttemptRow | null,
  natureOf: (caller: string | null) => CallerNature,
): Member[] {
  const { language, weight, habits } = natureOf(row.caller);
  const waits = observedWaits(row, language);
  const known = { ...habits, setSize: habits.setSize ?? (tries === null ? null : setSizeOf(tries)) };
  const goesOnShare = row.goesOnShare ?? 1;
  const own = {
    caller: row.caller,
    source: row,
    waits,
    goesOnShare,
    vault: 0,
    weight,
    queuePerSecond: null,
    habits: known,
  };
  if (row.hotShare > HOT_SHARE) return describedMembers(row, own, needsPerSecond(row, waits));
  if (tries === null) return describedMembers(row, own, row.first);
  const needs = needsOf(tries);
  const seen = seenWaits(needs);
  return [
    {
      ...own,
      ...(seen !== null && { waits: seen }),
      demand: {
        kind: 'reads',
        reads: readsOf(tries, needs, goesOnShare > GOES_ON_SHARE),
        knownForMs: 1000 * (tries.fromSecond - tries.logSecond),
        spreadMs: 0,
      },
    },
  ];
}

/** Distinct things that were asked for from an address, in the middle. */
function setSizeOf({ address, target }: AttemptRow): number {
  const sets = new Map<number, Set<number>>();
  for (const [index, from] of address.entries()) {
    const known = sets.get(from) ?? new Set<number>();
    known.add(target[index] ?? 0);
    sets.set(from, known);
  }
  const sizes = [...sets.values()].map(({ size }) => size).sort((a, b) => a - b);
  return sizes[Math.floor(sizes.length / 2)] ?? 1;
}

/**
 * The same fleet, of which the tries of one row that cannot be told apart come from clients that wait like this.
 *
 * @param parallel where it reads in sessions: all of each at once, which behind a shared address does not show
 */
export function withWaits(fleet: Fleet, row: LoadRow, waits: Waits, parallel = false): Fleet {
  const own = fleet.members.find(({ source }) => source === row);
  if (own === undefined) return fleet;
  const members = describedMembers(row, { ...own, waits }, needsPerSecond(row, waits));
  return {
    ...fleet,
    members: [
      ...fleet.members.filter(({ source }) => source !== row),
      ...members.map(({ demand, ...member }) => ({
        ...member,
        demand: demand.kind === 'sessions' ? { ...demand, parallel: parallel || demand.parallel } : demand,
      })),
    ],
  };
}

function describedMembers(row: LoadRow, own: Omit<Member, 'demand'>, arrivals: readonly number[]): Member[] {
  const reads = total(row.first);
  const starts = total(row.sessionStart);
  const sharesAddresses = starts > 2 * row.addresses;
  const perSession = sharesAddresses ? reads / starts : (row.readsPerSessionP50 ?? 0);
  const inSessions = Math.min(reads, starts * perSession);
  const isWork = own.habits.setSize !== null && perSession > SETS_PER_SESSION_MAX * own.habits.setSize;
  if (starts < SESSIONS_MIN || perSession < 2 || isWork || inSessions < SESSIONS_SHARE * reads)
    return [{ ...own, demand: { kind: 'arrivals', perSecond: arrivals } }];
  const p50 = sharesAddresses ? UNKNOWN_STEP_MS : (row.stepMsP50 ?? UNKNOWN_STEP_MS);
  const sessions: Member = {
    ...own,
    demand: {
      kind: 'sessions',
      startsPerSecond: row.sessionStart,
      reads: inSessions / starts,
      parallel: !sharesAddresses && row.parallelShare > 0.5,
      stepMs: { p50, p90: sharesAddresses ? 2 * p50 : Math.max(p50, row.stepMsP90 ?? p50) },
      spreadMs: 0,
    },
  };
  const rest = 1 - inSessions / reads;
  // What the sessions do not hold, an application that goes on reading after its start, stays as it came.
  if (rest < 0.05) return [sessions];
  return [sessions, { ...own, demand: { kind: 'arrivals', perSecond: row.first.map((count) => count * rest) } }];
}
