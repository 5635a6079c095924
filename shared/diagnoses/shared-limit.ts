import { rowsOf } from '../evidence/rows.ts';
import { type SiblingLoad, siblingsIn } from '../evidence/siblings.ts';
import { timeline } from '../evidence/timeline.ts';
import type { Limit } from '../limits.ts';
import type { Evidence } from '../model.ts';

/** Of what the shared limit admits in a whole minute: asked for that much, it was met however the minute was spread. */
const FULL_MINUTE = 0.9;

/** What the vaults that share a limit were asked in the minutes in which the watched one refused. */
export type SharedLoad = {
  /** With what it asked itself. */
  vaults: number;
  /** Others that refused in these minutes. */
  alsoRefused: number;
  /** Most that all of them served in one of these minutes. */
  mostPerMinute: number;
  busiest: { resource: string; perMinute: number } | null;
  /** Share of the refusals that fall into minutes in which the shared limit can have been met, and in which it must have been. */
  possible: number;
  certain: number;
};

/**
 * Metrics count by the minute, the limit by ten seconds: fewer requests in a minute than one window admits cannot have met
 * it, and nine tenths of all that its windows admit must have. In between it depends on how the minute was spread.
 *
 * Null where the metrics could not be read, or do not yet know of the minutes of the refusals.
 */
export function sharedLoadOf(evidence: Evidence, shared: Limit, operationClass: string): SharedLoad | null {
  const read = siblingsIn(evidence);
  const refused = refusedPerMinute(evidence, operationClass);
  if (read === null || refused.size === 0) return null;
  const minutes = [...refused].map(([minute, count]) => ({ at: minute - read.fromMinute, count }));
  if (minutes.some(({ at }) => at < 0 || at >= read.minutes)) return null;
  const asked = (vault: SiblingLoad, at: number): number =>
    (vault.served[at] ?? 0) + (shared.countsRefused ? (vault.refused[at] ?? 0) : 0);
  const inAll = minutes.map(({ at, count }) => ({
    count,
    sum: read.vaults.reduce((sum, vault) => sum + asked(vault, at), 0),
  }));
  const own = evidence.resource.id.toLowerCase();
  const others = read.vaults.filter(({ resource }) => resource !== own);
  const peaks = others.map((vault) => ({
    resource: vault.resource,
    perMinute: Math.max(...minutes.map(({ at }) => asked(vault, at))),
  }));
  const all = inAll.reduce((sum, { count }) => sum + count, 0);
  const share = (least: number): number =>
    inAll.filter(({ sum }) => sum >= least).reduce((sum, { count }) => sum + count, 0) / all;
  return {
    vaults: read.vaults.length,
    alsoRefused: others.filter(({ refused: counts }) => minutes.some(({ at }) => (counts[at] ?? 0) > 0)).length,
    mostPerMinute: Math.max(...inAll.map(({ sum }) => sum)),
    busiest: peaks.sort((a, b) => b.perMinute - a.perMinute || (a.resource < b.resource ? -1 : 1))[0] ?? null,
    possible: share(shared.max),
    certain: share((FULL_MINUTE * shared.max * 60) / shared.windowSeconds),
  };
}

/** Refusals of one class by minute of the epoch. */
function refusedPerMinute(evidence: Evidence, operationClass: string): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { class: name, outcome, fromSecond, perSecond } of rowsOf(evidence, timeline) ?? [])
    if (name === operationClass && outcome === 'refused')
      for (const [second, count] of perSecond.entries()) {
        const minute = Math.floor((fromSecond + second) / 60);
        if (count > 0) counts.set(minute, (counts.get(minute) ?? 0) + count);
      }
  return counts;
}
