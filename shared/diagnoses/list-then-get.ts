import type { ListingRow } from '../evidence/listings.ts';

/** Share of a caller's reads that lie in runs through lists. */
const IN_RUNS_MIN = 0.5;
/** Rounds of each address: one is what a provider of settings does when its application starts. */
const ROUNDS_MIN = 2;
/** One round over so many things is too much even once, but where so many addresses make one each: a fleet has started. */
const LARGE_TARGETS = 200;
const FLEET_MIN = 10;
const ONE_EACH_MAX = 1.2;
/** Fewer things that are read again and again are a set that is known, whatever is listed beside it. */
const TARGETS_MIN = 10;
/** A page of a list names no more than this, so that so many reads at most follow it; twice that with their versions. */
const PAGE = 25;
const READS_A_PAGE_MAX = 2 * PAGE;
const READS_A_PAGE_MIN = 5;
/** Share of the reads that go evenly over all that is listed. */
const EVEN_MIN = 0.8;

/**
 * How often each address of a caller ran through what the vault holds, and what share of its reads that is; null where its
 * reads do not follow lists, or where it did so only once and over little.
 *
 * @see https://learn.microsoft.com/rest/api/keyvault/secrets/get-secrets (at most 25 a page)
 */
export function roundsOf(listing: ListingRow): { rounds: number; inRuns: number } | null {
  // Where lists of several stand between the reads of each, a run that is seen is only a piece of a round.
  const [found] = [followed(listing), interleaved(listing)]
    .filter((each) => each !== null)
    .sort((a, b) => b.rounds - a.rounds);
  if (found === undefined) return null;
  const starts = listing.addresses >= FLEET_MIN && found.rounds <= ONE_EACH_MAX;
  const large = listing.targets >= LARGE_TARGETS && !starts;
  return found.rounds >= ROUNDS_MIN || large ? found : null;
}

/** Each list is seen to be followed by its reads. Where it goes page by page, a run is a part of a round. */
function followed({ reads, runs, runReads, runTargets, targets, addresses }: ListingRow) {
  const inRuns = runReads / Math.max(1, reads);
  if (runs === 0 || inRuns < IN_RUNS_MIN) return null;
  return { inRuns, rounds: (runs * Math.min(1, runTargets / Math.max(1, targets))) / Math.max(1, addresses) };
}

/** Behind a shared address the lists of many stand between the reads of each: then only their proportions tell. */
function interleaved({ servedLists, servedReads, evenReads, targets, addresses }: ListingRow) {
  const perPage = servedReads / Math.max(1, servedLists);
  if (targets < TARGETS_MIN || perPage < READS_A_PAGE_MIN || perPage > READS_A_PAGE_MAX) return null;
  const inRuns = evenReads / Math.max(1, servedReads);
  if (inRuns < EVEN_MIN) return null;
  return { inRuns, rounds: servedLists / (Math.ceil(targets / PAGE) * Math.max(1, addresses)) };
}
