import { activity } from '../evidence/activity.ts';
import { type CallerRow, callers } from '../evidence/callers.ts';
import { type ChallengeRow, challenges } from '../evidence/challenges.ts';
import { coverage } from '../evidence/coverage.ts';
import { load } from '../evidence/load.ts';
import { rowsOf } from '../evidence/rows.ts';
import { type RunRow, runs } from '../evidence/runs.ts';
import { timeline } from '../evidence/timeline.ts';
import type { Cause, Fact } from '../model.ts';
import { callerOf, victimsBeside } from './caller.ts';
import { climbSince } from './climb.ts';
import type { Diagnosis } from './diagnosis.ts';
import { shareOfLoad } from './lane.ts';
import { outageBefore } from './outage.ts';
import { restartsAgain } from './rereads.ts';
import { type Storm, stormOf, timeOf } from './storm.ts';
import { confidenceOf, margin, verdictFor } from './verdict.ts';

/** Followed challenges for each request that the limit let through: a call may read a few secrets, a start reads many. */
const CHALLENGED_MIN = 0.25;
const CLEAR_CHALLENGED = 0.8;
/** Of each address: fewer are starts. */
const EACH_MIN = 5;
/** Where a start reads no more than this, it draws as many; but starts are over within a minute and read once, */
const FEW_READS = 4;
/** and calls go on: the same addresses read it all again and again. */
const ROUNDS_MIN = 5;
/** Share of all first tries while refusals last: less cannot matter; how much it does, the replay of the cure tells. */
const OF_LOAD_MIN = 0.1;
const CLEAR_OF_LOAD = 0.5;

/** A new client for each call, without a token and without anything kept: a challenge before each read. */
export const clientPerCall: Diagnosis = {
  kind: 'client-per-call',
  needs: [coverage.kind, timeline.kind, callers.kind, challenges.kind, runs.kind, activity.kind, load.kind],
  fixes: ['cache-secrets', 'singleton-client'],
  cure: 'cache-secrets',
  diagnose(context) {
    const storm = stormOf(context);
    const challenged = rowsOf(context.evidence, challenges);
    const rhythms = rowsOf(context.evidence, runs);
    const active = rowsOf(context.evidence, activity);
    if (storm === null || challenged === null || rhythms === null || active === null) return [];
    // Whoever waits for a token asks for one again and again, whatever client it has.
    if (outageBefore(storm, active) !== null) return [];
    return storm.callers.flatMap((caller) => {
      const challenge = challenged.find((row) => row.caller === caller.caller);
      const rhythm = rhythms.find((row) => row.caller === caller.caller);
      if (challenge === undefined || !isForEachCall(caller, challenge, rhythm)) return [];
      if (rhythm !== undefined && restartsAgain(rhythm)) return [];
      const ofLoad = shareOfLoad(storm, caller.caller);
      if (ofLoad < OF_LOAD_MIN) return [];
      const climbed = climbSince(storm, active, { caller: caller.caller, rhythmSeconds: 0 });
      const onset = typeof climbed === 'number' ? climbed : storm.onsetSecond;
      return [causeFrom(storm, caller, challenge, { ofLoad, onset })];
    });
  },
};

function perRequest({ requests, refused }: CallerRow, challenge: ChallengeRow): number {
  return challenge.challenges / Math.max(1, requests - refused);
}

function isForEachCall(caller: CallerRow, challenge: ChallengeRow, rhythm: RunRow | undefined): boolean {
  if (perRequest(caller, challenge) < CHALLENGED_MIN) return false;
  if (challenge.challenges < EACH_MIN * challenge.addresses) return false;
  if (caller.targets > FEW_READS || (rhythm?.runsEach ?? 0) >= ROUNDS_MIN) return true;
  return challenge.challenges - challenge.most60s >= EACH_MIN * challenge.addresses;
}

function causeFrom(
  storm: Storm,
  caller: CallerRow,
  challenge: ChallengeRow,
  { ofLoad, onset }: { ofLoad: number; onset: number },
): Cause {
  const each = perRequest(caller, challenge);
  return {
    kind: clientPerCall.kind,
    verdict: verdictFor(each >= CLEAR_CHALLENGED && ofLoad >= CLEAR_OF_LOAD, storm.baseline),
    role: 'trigger',
    confidence: confidenceOf([
      margin(each, CHALLENGED_MIN, 1),
      margin(challenge.challenges / challenge.addresses, EACH_MIN, 10 * EACH_MIN),
      margin(ofLoad, OF_LOAD_MIN, 0.9),
    ]),
    explains: 0,
    onset: timeOf(onset),
    caller: callerOf(caller),
    victims: victimsBeside(storm.callers, caller.caller),
    facts: factsOf(caller, challenge, ofLoad),
    summary: `a new client for each call: ${Math.round(100 * Math.min(1, each))} challenges in 100 reads`,
  };
}

function factsOf(caller: CallerRow, challenge: ChallengeRow, ofLoad: number): Fact[] {
  const from = (kind: string, column: string): Fact['from'] => ({
    kind,
    column,
    row: caller.caller,
    window: 'incident',
  });
  return [
    {
      label: 'Challenges (401) that a request followed',
      value: challenge.challenges,
      from: from(challenges.kind, 'challenges'),
    },
    {
      label: 'Requests that the limit let through',
      value: caller.requests - caller.refused,
      from: from(callers.kind, 'requests'),
    },
    { label: 'Addresses that drew them', value: challenge.addresses, from: from(challenges.kind, 'addresses') },
    { label: 'Distinct secrets read', value: caller.targets, from: from(callers.kind, 'targets') },
    {
      label: 'Share of first tries while refusals last',
      value: Math.round(100 * ofLoad),
      unit: '%',
      from: from(load.kind, 'first'),
    },
  ];
}
