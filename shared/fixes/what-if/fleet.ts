import { ATTEMPT_WORK, type AttemptRow } from '../../evidence/attempts.ts';
import type { ClientLanguage } from '../../evidence/client-language.ts';
import type { LoadRow } from '../../evidence/load.ts';
import { type Need, needsOf } from './chains.ts';
import { arrivalsOf, type Part, splitFailing } from './failing.ts';
import { needsPerSecond } from './needs.ts';
import { type Piece, pieceOf } from './pieces.ts';
import { type Reads, readsOf } from './reads.ts';
import { startsWithChallenge } from './starts.ts';
import { HOT_SHARE, observedWaits, seenWaits, type Waits } from './waits.ts';

/** What a caller wants from the vault, before any refusal. */
export type Demand =
  | {
      kind: 'arrivals';
      perSecond: readonly number[];
      /** Arrivals follow each other as one piece of work reads; null where each stands alone. */
      piece: Piece | null;
    }
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
  /** How its work reads, where that is known. */
  piece: Piece | null;
  /** Which of its row's tries it stands for; null where for all of them. */
  part: Part | null;
  /** How long before the fleet's first second the log begins, as far as that is known. */
  knownForMs: number;
};

/** What other evidence says of a caller, for changes that the load alone does not tell how to make. */
export type Habits = {
  /** Between two readings of its whole set; null where it has no rhythm. */
  everySeconds: number | null;
  /** Distinct things that one instance reads. */
  setSize: number | null;
  /** Distinct things that its addresses ask for, in the window or the hour before it; 0 where that is not known. */
  things: number;
  /** Requests in each ten seconds before the fleet's first second, the latest first, as far as the log goes back. */
  askedBefore: readonly number[];
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
/** A start that reads less than this part of its set was given up in the middle. */
const WHOLE_SHARE = 0.9;
/** What leads to the refusals has begun before the first of them: the part of the time before it that is as usual. */
export const USUAL_PART = 0.5;

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
  const needs = tries === null ? [] : needsOf(tries);
  const isHot = row.hotShare > HOT_SHARE || meet(needs, firstRefusal(row));
  const piece = isHot && tries !== null ? pieceOf(tries, 1000 * USUAL_PART * firstRefusal(row)) : null;
  // What goes on at the address of a piece that was given up is other work.
  const goesOnShare = piece === null ? (row.goesOnShare ?? 1) : 0;
  const own = {
    caller: row.caller,
    source: row,
    waits,
    goesOnShare,
    vault: 0,
    weight,
    queuePerSecond: null,
    habits: known,
    piece,
    part: null,
    knownForMs: tries === null ? 0 : 1000 * (tries.fromSecond - tries.logSecond),
  };
  const parts = isHot && tries !== null ? splitFailing(row, tries, { own, language }) : null;
  if (parts !== null) return parts;
  if (isHot) return describedMembers(row, own, needsPerSecond(row, waits, piece?.reads));
  if (tries === null) return describedMembers(row, own, row.first);
  const seen = seenWaits(needs);
  return [
    {
      ...own,
      ...(seen !== null && { waits: seen }),
      demand: {
        kind: 'reads',
        reads: readsOf(tries, needs, goesOnShare > GOES_ON_SHARE),
        spreadMs: 0,
      },
    },
  ];
}

/** Shortly before the first refusal things are wanted as often as after it; what begins together reads each once or twice. */
const WANTED_MS = 10_000;
const WANTED_AGAIN = 3;
/** What is being tried for so much of the time while others are refused has tries of which nobody knows whose they are. */
const TRIED_SHARE = 0.4;

/** Whether what is refused is wanted again while it is still being tried, so that the tries of several needs look like one's. */
function meet(needs: readonly Need[], refusedSecond: number): boolean {
  const toMs = 1000 * refusedSecond;
  // Pages of one list are no repetition.
  const before = needs.filter(
    ({ firstMs, work }) => firstMs >= toMs - WANTED_MS && firstMs < toMs && work !== ATTEMPT_WORK.list,
  );
  const things = new Set(before.map(({ address, target }) => `${address} ${target}`)).size;
  if (before.length === 0 || before.length < WANTED_AGAIN * things) return false;
  const refused = needs.filter(({ gapsMs }) => gapsMs.length > 0);
  const lastMs = refused.reduce((latest, need) => Math.max(latest, need.lastMs), toMs);
  const triedMs = refused.reduce((sum, need) => sum + need.lastMs - need.firstMs, 0);
  return triedMs > TRIED_SHARE * things * (lastMs - toMs);
}

/** Second after the fleet's first. */
function firstRefusal({ refused }: LoadRow): number {
  const at = refused.findIndex((count) => count > 0);
  return at < 0 ? refused.length : at;
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
  if (own.part !== null) return { ...fleet, members: fleet.members.map(waitsAlike) };
  const members = describedMembers(row, { ...own, waits }, needsPerSecond(row, waits, own.piece?.reads));
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

  function waitsAlike(member: Member): Member {
    const { source, part, demand } = member;
    if (source !== row || part === null || demand.kind === 'reads') return member;
    return { ...member, waits, demand: arrivalsOf(part.counts, waits) };
  }
}

function describedMembers(row: LoadRow, own: Omit<Member, 'demand'>, arrivals: readonly number[]): Member[] {
  const reads = total(row.first);
  const starts = total(row.sessionStart);
  const sharesAddresses = starts > 2 * row.addresses;
  const perSession = sharesAddresses ? reads / starts : (row.readsPerSessionP50 ?? 0);
  const inSessions = Math.min(reads, starts * perSession);
  // Starts behind shared addresses read their whole set, as far as they are not given up.
  const isCutShort =
    sharesAddresses &&
    (row.goesOnShare ?? 1) < GOES_ON_SHARE &&
    startsWithChallenge(own, reads) &&
    perSession < WHOLE_SHARE * (own.habits.setSize ?? 0);
  const isWork = own.habits.setSize !== null && perSession > SETS_PER_SESSION_MAX * own.habits.setSize;
  const isPiece = sharesAddresses && own.piece !== null;
  if (isPiece || starts < SESSIONS_MIN || perSession < 2 || isWork || inSessions < SESSIONS_SHARE * reads)
    return [{ ...own, demand: { kind: 'arrivals', perSecond: arrivals, piece: own.piece } }];
  const p50 = sharesAddresses ? UNKNOWN_STEP_MS : (row.stepMsP50 ?? UNKNOWN_STEP_MS);
  const sessions: Member = {
    ...own,
    ...(isCutShort && { goesOnShare: 0 }),
    demand: {
      kind: 'sessions',
      startsPerSecond: row.sessionStart,
      reads: isCutShort ? (own.habits.setSize ?? perSession) : inSessions / starts,
      parallel: !sharesAddresses && row.parallelShare > 0.5,
      stepMs: { p50, p90: sharesAddresses ? 2 * p50 : Math.max(p50, row.stepMsP90 ?? p50) },
      spreadMs: 0,
    },
  };
  const rest = 1 - inSessions / reads;
  // What the sessions do not hold, an application that goes on reading after its start, stays as it came.
  if (rest < 0.05) return [sessions];
  const perSecond = row.first.map((count) => count * rest);
  return [sessions, { ...own, demand: { kind: 'arrivals', perSecond, piece: null } }];
}
