import { describe, expect, test } from 'vitest';
import { attempts } from '../../../shared/evidence/attempts.ts';
import { load } from '../../../shared/evidence/load.ts';
import { rowsOf } from '../../../shared/evidence/rows.ts';
import type { Change } from '../../../shared/fixes/what-if/change.ts';
import { moveToOwnVault, spreadStarts, waitAsAdvised } from '../../../shared/fixes/what-if/change.ts';
import { keepFor } from '../../../shared/fixes/what-if/keep.ts';
import { bundleReads } from '../../../shared/fixes/what-if/thin.ts';
import { createWhatIf, type WhatIf } from '../../../shared/fixes/what-if.ts';
import type { Evidence } from '../../../shared/model.ts';
import { playScenario, type ScenarioName } from '../../../simulation/play.ts';
import type { Mend } from '../../../simulation/scenarios/stage.ts';
import { published } from '../evidence/kit.ts';
import { START, tell } from '../scenario.ts';

type Case = { mend: Mend; change: (caller: string) => Change };

const BACKOFF: Case = { mend: { kind: 'backoff' }, change: waitAsAdvised };
const OWN_VAULT: Case = { mend: { kind: 'separate-vault' }, change: moveToOwnVault };
const BUNDLE: Case = { mend: { kind: 'bundle' }, change: bundleReads };
const spread = (seconds: number): Case => ({
  mend: { kind: 'jitter', spreadSeconds: seconds },
  change: (caller) => spreadStarts(caller, seconds),
});
const cache = (seconds: 300 | 3600): Case => ({
  mend: { kind: 'cache', ttlSeconds: seconds },
  change: (caller) => keepFor(caller, seconds),
});

/** Of the mended fleet as the simulation itself plays it, around the refusals of the one that was not mended. */
function simulated(
  name: ScenarioName,
  seed: number,
  mend: Mend,
  whatIf: WhatIf,
): { throttled: number; requests: number } {
  const [row] = whatIf.rows;
  const fromMs = (row?.fromSecond ?? 0) * 1000;
  const toMs = fromMs + (row?.first.length ?? 0) * 1000;
  const asked = playScenario(name, { seed, startAt: START, mend }).log.filter(
    ({ timeMs, status, operation }) =>
      timeMs >= fromMs && timeMs < toMs && status !== 401 && !operation.startsWith('Key') && operation !== 'SecretSet',
  );
  return { requests: asked.length, throttled: asked.filter(({ status }) => status === 429).length };
}

/** A scenario as it was told, and its load ready to be replayed: from each try, and from the aggregates alone. */
type Known = { evidence: Evidence; caller: string; whatIf: WhatIf; described: WhatIf };

async function know(name: ScenarioName, seed: number): Promise<Known> {
  const { evidence, played } = await tell(name, { seed });
  const aggregates = { ...evidence, readings: evidence.readings.filter(({ kind }) => kind !== attempts.kind) };
  const [whatIf, described] = [evidence, aggregates].map((given) => createWhatIf(given, published()));
  if (whatIf === null || whatIf === undefined || described === null || described === undefined)
    throw new Error('nothing to replay');
  return { evidence, caller: played.truth.causes[0]?.appId ?? '', whatIf, described };
}

function refusedPercent(whatIf: WhatIf, change: Change): number {
  const { throttledAfter, requestsAfter } = whatIf.predict(change);
  return (100 * throttledAfter) / requestsAfter;
}

const POINTS = 5;
const AGREE_POINTS = 2;

// Each scenario with the fixes that are offered for its causes.
describe.each<[ScenarioName, number, Case[]]>([
  ['storm', 1, [BACKOFF, spread(15), spread(60), BUNDLE, OWN_VAULT]],
  ['storm', 12, [BACKOFF, spread(30), BUNDLE, OWN_VAULT]],
  ['stampede', 2, [BACKOFF, spread(60), BUNDLE, OWN_VAULT]],
  ['missing-cache', 3, [cache(300), cache(3600), OWN_VAULT]],
  ['missing-cache', 14, [cache(3600), OWN_VAULT]],
])('the fleet of a %s (seed %i)', (name, seed, cases) => {
  let known: Promise<Known> | undefined;

  test.each(cases)(
    `mended by $mend.kind is refused as predicted, within ${POINTS} points`,
    async ({ mend, change }) => {
      known ??= know(name, seed);
      const { caller, whatIf } = await known;
      const predictedPercent = refusedPercent(whatIf, change(caller));
      const truth = simulated(name, seed, mend, whatIf);
      const truePercent = (100 * truth.throttled) / truth.requests;
      expect(
        Math.abs(predictedPercent - truePercent),
        `${predictedPercent} % predicted, ${truePercent} % true`,
      ).toBeLessThan(POINTS);
    },
  );

  test.each(cases)('mended by $mend.kind is told alike from each try and from the aggregates', async ({ change }) => {
    known ??= know(name, seed);
    const { caller, whatIf, described } = await known;
    const [exact, told] = [whatIf, described].map((each) => refusedPercent(each, change(caller)));
    expect(Math.abs((exact ?? 0) - (told ?? 100)), `${exact} %, ${told} %`).toBeLessThan(AGREE_POINTS);
  });

  test('is refused as it was when nothing is changed', async () => {
    known ??= know(name, seed);
    const { evidence, whatIf } = await known;
    const unchanged = whatIf.predict((fleet) => fleet);
    expect(whatIf.faithful).toBe(true);
    expect(unchanged.throttledAfter).toBe(unchanged.throttledBefore);
    const refused = rowsOf(evidence, load)?.flatMap((row) => (row.class === 'secret' ? row.refused : [])) ?? [];
    expect(unchanged.throttledBefore).toBe(refused.reduce((sum, count) => sum + count, 0));
  });
});

test('there is nothing to replay where nothing was refused, or nothing could be read', async () => {
  const { evidence } = await tell('healthy', { seed: 1 });
  expect(createWhatIf(evidence, published())).toBeNull();
  expect(createWhatIf({ ...evidence, readings: [] }, published())).toBeNull();
});
