import { type CallerRow, callers } from '../evidence/callers.ts';
import { type ChallengeRow, challenges } from '../evidence/challenges.ts';
import { coverage } from '../evidence/coverage.ts';
import { type ListingRow, listings } from '../evidence/listings.ts';
import { load } from '../evidence/load.ts';
import { rowsOf } from '../evidence/rows.ts';
import { runs } from '../evidence/runs.ts';
import { type StartRow, starts } from '../evidence/starts.ts';
import { type TargetRow, targets } from '../evidence/targets.ts';
import { timeline } from '../evidence/timeline.ts';
import type { Cause, Fact } from '../model.ts';
import { callerOf, victimsBeside } from './caller.ts';
import { climbIn } from './climb.ts';
import type { Diagnosis } from './diagnosis.ts';
import { digits } from './digits.ts';
import { firstPerSecond } from './lane.ts';
import { roundsOf } from './list-then-get.ts';
import { livesOn } from './rereads.ts';
import { between, type Storm, stormOf, timeOf, total } from './storm.ts';
import { confidenceOf, margin, verdictFor } from './verdict.ts';

/** Instances that start within a minute of each other; a rolling restart of a handful is no stampede. */
const TOGETHER_MIN = 10;
const TOGETHER_S = 60;
/** Instances of one application read the same set: together hardly more targets than each; workers share theirs out. */
const SAME_SET_FACTOR = 2;
/** Reads per secret and start: a start reads its set once, a missing cache or a restart loop again and again. */
const READS_PER_TARGET_MAX = 1.5;
/** Where instances are counted by their challenges: those that gave up when they were refused did not come to the rest. */
const READS_PER_TARGET_MIN = 0.4;
/** Share of what one window admits that the starts must ask for: less cannot have used it up. */
const OF_LIMIT_MIN = 0.25;
/** Where refusals cut starts short, a set that is the same shows by this: so many of them read each secret of it. */
const READ_BY_MIN = 0.25;
/** They do where they are so much of what it sends. */
const CUT_SHORT_MIN = 0.5;
/** Where they are less of it, the same shows by the first thing that each asks for, one challenge before it: most ask for it. */
const CUT_SHORT_SOME_MIN = 0.2;
const ASKED_BY_MIN = 0.8;
const CHALLENGES_EACH_MAX = 1.5;
/** A process that starts has no token: what wakes up together without a challenge was there before. */
const CHALLENGED_MIN = 0.3;
/** Share of all first tries around the onset: less cannot matter; how much it does, the replay of the cure tells. */
const OF_LOAD_MIN = 0.1;
/** With less several do the same at that time: then it is how things are, and not what began it. */
const TRIGGER_OF_LOAD_MIN = 0.2;
/** Starts before the onset that still belong to it, seconds. */
const BEFORE_ONSET_S = 180;
/** From here on the case is clear. */
const CLEAR_TOGETHER = 20;

/** Many instances that start at one time. */
type Cluster = {
  instances: number;
  fromSecond: number;
  toSecond: number;
  targets: number;
  reads: number;
  /** What they would have read, had none been cut short. */
  wanted: number;
  sharedAddresses: boolean;
};

/** Many instances of one application start together, and each reads its whole set once. */
export const startupStampede: Diagnosis = {
  kind: 'startup-stampede',
  needs: [
    coverage.kind,
    timeline.kind,
    callers.kind,
    starts.kind,
    targets.kind,
    challenges.kind,
    listings.kind,
    runs.kind,
    load.kind,
  ],
  fixes: ['jittered-start', 'app-configuration-references', 'bundle-secrets', 'separate-vault'],
  cure: 'jittered-start',
  yieldsTo: ['restart-loop', 'polling', 'enumeration', 'failing-loop', 'client-per-call'],
  diagnose(context) {
    const storm = stormOf(context);
    const started = rowsOf(context.evidence, starts);
    const read = rowsOf(context.evidence, targets);
    const challenged = rowsOf(context.evidence, challenges);
    const listed = rowsOf(context.evidence, listings);
    // Where rhythms could not be read, starts still tell.
    const rhythms = rowsOf(context.evidence, runs);
    if (storm === null || started === null || read === null || challenged === null || listed === null) return [];
    return storm.callers.flatMap((caller) => {
      if (runsThroughLists(listed.find((row) => row.caller === caller.caller))) return [];
      const rhythm = rhythms?.find((row) => row.caller === caller.caller);
      if (rhythm !== undefined && livesOn(rhythm)) return [];
      const cluster = clusterOf(storm, caller, {
        start: started.find((row) => row.caller === caller.caller),
        challenge: challenged.find((row) => row.caller === caller.caller),
        read: read.filter((row) => row.caller === caller.caller),
      });
      return cluster === null ? [] : causeFrom(storm, caller, rushOf(storm, caller, cluster));
    });
  },
};

/** Then it goes on through all that the vault holds, whether instances start together or not. */
function runsThroughLists(listing: ListingRow | undefined): boolean {
  return listing !== undefined && roundsOf(listing) !== null;
}

type Seen = { start: StartRow | undefined; challenge: ChallengeRow | undefined; read: readonly TargetRow[] };

function clusterOf(storm: Storm, caller: CallerRow, seen: Seen): Cluster | null {
  const { start, challenge } = seen;
  if (start !== undefined && start.together >= TOGETHER_MIN && start.readsPerTarget <= READS_PER_TARGET_MAX) {
    const cluster = {
      instances: start.together,
      fromSecond: start.togetherFromSecond,
      toSecond: start.togetherToSecond,
      reads: start.reads,
      sharedAddresses: false,
    };
    if (readTheSame(caller, start) && (challenge?.most60s ?? 0) >= CHALLENGED_MIN * start.together)
      return { ...cluster, targets: start.targets, wanted: start.reads };
    if (askTheSame(caller, start, seen))
      return { ...cluster, targets: caller.targets, wanted: start.together * caller.targets };
  }
  return challenge === undefined ? null : behindSharedAddress(storm, caller, challenge);
}

function readTheSame({ targets, requests, refused }: CallerRow, start: StartRow): boolean {
  const cutShort = refused >= CUT_SHORT_MIN * requests;
  return (
    targets <= SAME_SET_FACTOR * start.targets || (cutShort && start.reads >= READ_BY_MIN * start.together * targets)
  );
}

/** Nearly all ask for the same thing first and are refused too often to come to much of the rest. */
function askTheSame({ requests, refused }: CallerRow, { together }: StartRow, { challenge, read }: Seen): boolean {
  if (challenge === undefined || refused < CUT_SHORT_SOME_MIN * requests) return false;
  const { challenges: drawn, addresses, most60s } = challenge;
  const startsOnce = most60s >= ASKED_BY_MIN * together && drawn <= CHALLENGES_EACH_MAX * addresses;
  return startsOnce && read.some((target) => target.addresses >= ASKED_BY_MIN * together);
}

/** Addresses lie: behind one, instances are counted by their challenges, one for each start (design §6). */
function behindSharedAddress(storm: Storm, caller: CallerRow, challenge: ChallengeRow): Cluster | null {
  const instances = challenge.most60s;
  if (instances < TOGETHER_MIN || instances < 2 * challenge.addresses) return null;
  const rows = storm.load.filter((row) => row.caller === caller.caller);
  const [first] = rows;
  if (first === undefined) return null;
  const starts = first.sessionStart.map((_, second) => total(rows.map((row) => row.sessionStart[second] ?? 0)));
  const beginning = densestFrom(starts);
  if (beginning === null) return null;
  const since = (series: (row: (typeof rows)[number]) => readonly number[]): number =>
    rows.reduce((sum, row) => sum + total(series(row).slice(beginning)), 0);
  const reads = since(({ first: tries }) => tries);
  const wanted = caller.targets * instances;
  // A try that follows a refusal of another instance at the same address is taken for its retry.
  const tries = reads + since(({ retry }) => retry);
  if (reads > READS_PER_TARGET_MAX * wanted || tries < READS_PER_TARGET_MIN * wanted) return null;
  const fromSecond = first.fromSecond + beginning;
  const asked = Math.max(reads, Math.min(tries, wanted));
  return {
    ...{ instances, fromSecond, toSecond: fromSecond + TOGETHER_S - 1, targets: caller.targets, sharedAddresses: true },
    ...{ reads: asked, wanted: asked },
  };
}

/** The first start of the minute in which most began; null where nothing did. */
function densestFrom(starts: readonly number[]): number | null {
  let best = { from: -1, count: 0 };
  let count = total(starts.slice(0, TOGETHER_S));
  for (let from = 0; from < starts.length; from++) {
    if (count > best.count && (starts[from] ?? 0) > 0) best = { from, count };
    count += (starts[from + TOGETHER_S] ?? 0) - (starts[from] ?? 0);
  }
  return best.count === 0 ? null : best.from;
}

/** A single instance may have started within the minute before the others: the rush begins with these. */
function rushOf(storm: Storm, caller: CallerRow, cluster: Cluster): Cluster {
  const rows = storm.load.filter((row) => row.caller === caller.caller);
  const climbs = climbIn(firstPerSecond(rows));
  const [row] = rows;
  if (row === undefined || climbs === null) return cluster;
  const second = row.fromSecond + climbs;
  const isOfIt = second > cluster.fromSecond && second < cluster.fromSecond + TOGETHER_S;
  return isOfIt ? { ...cluster, fromSecond: second } : cluster;
}

function causeFrom(storm: Storm, row: CallerRow, cluster: Cluster): Cause[] {
  const { onsetSecond, lastSecond, baseline, max } = storm;
  if (cluster.fromSecond < onsetSecond - BEFORE_ONSET_S || cluster.fromSecond > lastSecond) return [];
  const ofLimit = max === null ? 0 : cluster.wanted / max;
  const aroundOnset = (caller: string | null): number =>
    storm.load
      .filter((line) => caller === null || line.caller === caller)
      .reduce(
        (sum, line) =>
          sum +
          between(line.first, line.fromSecond, cluster.fromSecond, Math.max(onsetSecond, cluster.fromSecond) + 10),
        0,
      );
  const ofLoad = aroundOnset(row.caller) / Math.max(1, aroundOnset(null));
  if ((max !== null && ofLimit < OF_LIMIT_MIN) || ofLoad < OF_LOAD_MIN) return [];
  const usual = baseline?.byCaller.get(row.caller)?.peak10s ?? 0;
  const clear =
    cluster.instances >= CLEAR_TOGETHER && ofLoad >= 0.5 && usual < 0.5 * row.peak10s && !cluster.sharedAddresses;
  const seconds = Math.max(1, cluster.toSecond - cluster.fromSecond + 1);
  const within = cluster.sharedAddresses ? 'in a minute' : `in ${seconds} s`;
  return [
    {
      kind: startupStampede.kind,
      verdict: verdictFor(clear, baseline),
      role: ofLoad >= TRIGGER_OF_LOAD_MIN ? 'trigger' : 'condition',
      confidence: confidenceOf([
        margin(cluster.instances, TOGETHER_MIN, 5 * TOGETHER_MIN),
        margin(ofLoad, OF_LOAD_MIN, 0.9),
        margin(ofLimit, OF_LIMIT_MIN, 1),
        cluster.sharedAddresses ? 0 : 1,
      ]),
      explains: 0,
      onset: timeOf(cluster.fromSecond),
      caller: callerOf(row),
      victims: victimsBeside(storm.callers, row.caller),
      facts: factsOf(row, cluster, ofLoad, usual, baseline?.window),
      summary: `${digits(cluster.instances)} instances started ${within}, ${digits(cluster.targets)} secrets each`,
    },
  ];
}

function factsOf(
  row: CallerRow,
  cluster: Cluster,
  ofLoad: number,
  usual: number,
  window: Fact['from']['window'] | undefined,
): Fact[] {
  const counted = cluster.sharedAddresses
    ? ({ kind: challenges.kind, column: 'most60s' } as const)
    : ({ kind: starts.kind, column: 'together' } as const);
  const from = (kind: string, column: string): Fact['from'] => ({ kind, column, row: row.caller, window: 'incident' });
  const facts: Fact[] = [
    { label: 'Instances started together', value: cluster.instances, from: from(counted.kind, counted.column) },
    { label: 'First of them', value: timeOf(cluster.fromSecond), from: from(starts.kind, 'togetherFromSecond') },
    { label: 'Secrets read by each', value: Math.round(cluster.targets), from: from(starts.kind, 'targets') },
    { label: 'Reads in all', value: Math.round(cluster.reads), from: from(starts.kind, 'reads') },
    { label: 'Share of first tries then', value: Math.round(ofLoad * 100), unit: '%', from: from(load.kind, 'first') },
    { label: 'Busiest 10 s', value: row.peak10s, unit: 'requests', from: from(callers.kind, 'peak10s') },
  ];
  if (window !== undefined)
    facts.push({
      label: 'Busiest 10 s before',
      value: usual,
      unit: 'requests',
      from: { kind: callers.kind, column: 'peak10s', row: row.caller, window },
    });
  return facts;
}
