import type { AttemptRow } from '../../../../shared/evidence/attempts.ts';
import type { LoadRow } from '../../../../shared/evidence/load.ts';
import type { Demand, Fleet, Member } from '../../../../shared/fixes/what-if/fleet.ts';
import type { Read } from '../../../../shared/fixes/what-if/reads.ts';

const SECONDS = 600;

/** One read of a flow of its own. */
export function read(atMs: number, more: Partial<Read> = {}): Read {
  return {
    ...{ atMs, afterMs: null, alongside: false, tookMs: 0, address: 1, target: 1, work: 0, failing: false },
    ...more,
  };
}

/** A line of the load in which nothing happens but what is given. */
export function loadRow(more: Partial<LoadRow> = {}): LoadRow {
  const none: number[] = new Array(SECONDS).fill(0);
  return {
    ...{ caller: 'a', class: 'secret', fromSecond: 0, first: none, retry: none, served: none, refused: none },
    ...{ miss60: none, miss300: none, miss1800: none, miss3600: none, uncacheable: none, sessionStart: none },
    ...{ readsPerSessionP50: null, stepMsP50: null, stepMsP90: null, parallelShare: 0 },
    ...{ gap1Ms: null, gap2Ms: null, gap3Ms: null, gap4Ms: null, gap5Ms: null },
    ...{ chainLengths: [], gaveUpLengths: [], hotShare: 0, goesOnShare: null, addresses: 1, challenges: 0 },
    ...more,
  };
}

export type Try = { at: number; address?: number; target?: number; status?: number; work?: number };

/** Tries of one caller, each answered within 5 ms, by 200 and of no work in particular where it does not say. */
export function triesRow(tries: readonly Try[]): AttemptRow {
  const sorted = [...tries].sort((a, b) => a.at - b.at);
  return {
    ...{ caller: 'a', class: 'secret', fromSecond: 0, logSecond: 0 },
    atMs: sorted.map(({ at }) => at),
    address: sorted.map(({ address }) => address ?? 1),
    target: sorted.map(({ target }) => target ?? 1),
    status: sorted.map(({ status }) => status ?? 200),
    durationMs: sorted.map(() => 5),
    work: sorted.map(({ work }) => work ?? 0),
  };
}

export function member(
  demand: Demand,
  more: {
    row?: Partial<LoadRow>;
    habits?: Partial<Member['habits']>;
    knownForMs?: number;
    part?: Member['part'];
  } = {},
): Member {
  return {
    caller: 'a',
    source: loadRow(more.row),
    demand,
    waits: { meanMs: () => 1000, jitter: { low: 1, high: 1 }, quitShare: () => 0 },
    goesOnShare: 1,
    vault: 0,
    weight: 1,
    queuePerSecond: null,
    piece: null,
    part: more.part ?? null,
    knownForMs: more.knownForMs ?? 0,
    habits: { everySeconds: null, setSize: null, things: 0, askedBefore: [], localShare: 0, ...more.habits },
  };
}

export function fleetOf(...members: Member[]): Fleet {
  return { fromSecond: 0, seconds: SECONDS, members, limitFactor: 1 };
}

/** What the only member of a fleet still reads. */
export function readsOfOnly({ members: [only] }: Fleet): readonly Read[] {
  if (only?.demand.kind !== 'reads') throw new Error('the fleet is no longer told read by read');
  return only.demand.reads;
}
