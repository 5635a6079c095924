import type { CallerRow } from '../evidence/callers.ts';
import type { ChallengeRow } from '../evidence/challenges.ts';
import type { ListingRow } from '../evidence/listings.ts';
import type { LoadRow } from '../evidence/load.ts';
import { CREATING_CLASSES, CRYPTOGRAPHIC_OPERATIONS } from '../evidence/operation-classes.ts';
import type { OperationRow } from '../evidence/operations.ts';
import { platformService } from '../evidence/platform-services.ts';
import type { RunRow } from '../evidence/runs.ts';
import type { StartRow } from '../evidence/starts.ts';
import { roundsOf } from './list-then-get.ts';
import { total } from './storm.ts';

/** What one caller did, as far as it was read. */
export type Doings = {
  caller: CallerRow;
  load: readonly LoadRow[];
  operations: readonly OperationRow[];
  listing: ListingRow | undefined;
  challenge: ChallengeRow | undefined;
  start: StartRow | undefined;
  run: RunRow | undefined;
};

/** Half of what a caller does gives its load a shape. */
const HALF = 0.5;
/** Fewer instances that start together are a rolling restart, or the workers of one job. */
const TOGETHER_MIN = 10;
/** Instances that read the same set know hardly more targets together than each alone; workers share theirs out. */
const SAME_SET_FACTOR = 2;
/** A cache of five minutes would have saved this share of its reads. */
const SAVED_MIN = 0.8;

/** Whether something more can be said of a caller's load than that it is large: each of these has a name and a cure. */
export function hasShape(doings: Doings): boolean {
  const { caller, load, operations, listing, challenge, start, run } = doings;
  const sum = (series: (row: LoadRow) => readonly number[]): number =>
    load.reduce((all, row) => all + total(series(row)), 0);
  const first = Math.max(
    1,
    sum((row) => row.first),
  );
  const done = (is: (row: OperationRow) => boolean): number =>
    operations.filter(is).reduce((all, { requests }) => all + requests, 0);
  const cryptographic = done(({ operation }) => CRYPTOGRAPHIC_OPERATIONS.some((name) => name === operation));
  const creating = done((row) => CREATING_CLASSES.some((name) => name === row.class));
  return (
    platformService(caller.appId) !== null ||
    cryptographic >= HALF * caller.requests ||
    creating >= HALF * caller.requests ||
    caller.forbidden + caller.notFound >= HALF * caller.requests ||
    (listing !== undefined && roundsOf(listing) !== null) ||
    (challenge?.challenges ?? 0) >= HALF * first ||
    (start !== undefined && isStampede(caller, start) && start.reads >= HALF * first) ||
    (run !== undefined && run.rereading >= HALF * run.watched) ||
    1 - (sum((row) => row.miss300) + sum((row) => row.uncacheable)) / first >= SAVED_MIN
  );
}

function isStampede({ targets }: CallerRow, start: StartRow): boolean {
  return start.together >= TOGETHER_MIN && targets <= SAME_SET_FACTOR * start.targets;
}
