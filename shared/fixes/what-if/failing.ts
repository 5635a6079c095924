import type { AttemptRow } from '../../evidence/attempts.ts';
import { type ClientLanguage, RETRY_DEFAULTS } from '../../evidence/client-language.ts';
import type { LoadRow } from '../../evidence/load.ts';
import { eachTry, needsOf, waitSteadily } from './chains.ts';
import type { Member } from './fleet.ts';
import { needsPerSecond } from './needs.ts';
import { failingTargets, readsOf } from './reads.ts';
import { givesUp, seenWaits, type Waits } from './waits.ts';

/** What one part of a caller's tries was asked and answered, by the second. */
export type Counts = Pick<LoadRow, 'first' | 'retry' | 'refused'>;

/** A part of a caller's tries, which are told apart by what they ask for. */
export type Part = {
  counts: Counts;
  /** What it asks for is answered 403 or 404. */
  failing: boolean;
  /** By the second: how often something is asked for from an address for the first time. */
  newPerSecond: readonly number[];
};

/**
 * A loop around what fails, and whatever else its caller asks for, each with waits of its own: where the tries of a caller
 * cannot be told apart, what it asks for can. Null where nothing fails, or all does.
 */
export function splitFailing(
  row: LoadRow,
  tries: AttemptRow,
  { own, language }: { own: Omit<Member, 'demand'>; language: ClientLanguage | null },
): Member[] | null {
  const failing = failingTargets(tries);
  const isFailing = (target: number): boolean => failing.has(target);
  const lost = only(tries, isFailing);
  const kept = only(tries, (target) => !isFailing(target));
  if (lost.atMs.length === 0 || kept.atMs.length === 0) return null;
  const seconds = row.first.length;
  return [
    memberOf(lost, { counts: countsOf(lost, seconds), failing: true, newPerSecond: newOf(lost, seconds) }),
    memberOf(kept, { counts: countsOf(kept, seconds), failing: false, newPerSecond: newOf(kept, seconds) }),
  ];

  function memberOf(its: AttemptRow, part: Part): Member {
    const member = { ...own, part, piece: null, goesOnShare: part.failing ? 1 : own.goesOnShare };
    const chains = needsOf(its);
    const isTold = waitSteadily(chains);
    const atOnce = language !== null && RETRY_DEFAULTS[language].waitsMs.length === 0;
    // Who gives up at once goes around its loop, and comes back to the same thing after about the same time too.
    if (atOnce && (part.failing || !isTold)) {
      const reads = readsOf(its, eachTry(its), true);
      return { ...member, waits: givesUp, goesOnShare: 1, demand: { kind: 'reads', reads, spreadMs: 0 } };
    }
    if (!isTold) return { ...member, demand: arrivalsOf(part.counts, own.waits) };
    const reads = readsOf(its, chains, true);
    return { ...member, waits: seenWaits(chains) ?? own.waits, demand: { kind: 'reads', reads, spreadMs: 0 } };
  }
}

/** The demand of a part whose tries cannot be told apart, with clients that wait like this. */
export function arrivalsOf(counts: Counts, waits: Waits): Extract<Member['demand'], { kind: 'arrivals' }> {
  return { kind: 'arrivals', perSecond: needsPerSecond(counts, waits), piece: null };
}

function only(tries: AttemptRow, keeps: (target: number) => boolean): AttemptRow {
  const kept = tries.target.map(keeps);
  const of = (list: readonly number[]): number[] => list.filter((_, index) => kept[index]);
  const { atMs, address, target, status, durationMs, work } = tries;
  return {
    ...tries,
    ...{ atMs: of(atMs), address: of(address), target: of(target) },
    ...{ status: of(status), durationMs: of(durationMs), work: of(work) },
  };
}

function countsOf({ atMs, status }: AttemptRow, seconds: number): Counts {
  const first = new Array<number>(seconds).fill(0);
  const refused = new Array<number>(seconds).fill(0);
  for (const [index, at] of atMs.entries()) {
    const second = Math.min(seconds - 1, Math.floor(at / 1000));
    first[second] = (first[second] ?? 0) + 1;
    if (status[index] === 429) refused[second] = (refused[second] ?? 0) + 1;
  }
  return { first, retry: new Array<number>(seconds).fill(0), refused };
}

function newOf({ atMs, address, target }: AttemptRow, seconds: number): number[] {
  const perSecond = new Array<number>(seconds).fill(0);
  const known = new Set<string>();
  for (const [index, at] of atMs.entries()) {
    const need = `${address[index]} ${target[index]}`;
    if (known.has(need)) continue;
    known.add(need);
    const second = Math.min(seconds - 1, Math.floor(at / 1000));
    perSecond[second] = (perSecond[second] ?? 0) + 1;
  }
  return perSecond;
}
