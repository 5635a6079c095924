import { clientOf } from '../../shared/evidence/client-language.ts';
import { OPERATION_CLASSES, OTHER_CLASS } from '../../shared/evidence/operation-classes.ts';
import { createWhatIf, type WhatIf } from '../../shared/fixes/what-if.ts';
import { type LimitProfile, limitFor } from '../../shared/limits.ts';
import type { Evidence, Finding } from '../../shared/model.ts';
import { DIAGNOSES, FIXES } from '../../shared/registry.ts';
import { type CorpusCase, type CorpusTruth, PLAYABLE_FIXES, playCorpus } from '../../simulation/corpus.ts';
import { isTold, toldOf } from './score.ts';

/** One fix of a true cause: what was predicted of it and what the simulation says, in percent and in shares of the limit. */
export type FixError = {
  fix: string;
  cause: string;
  predictedPercent: number;
  truePercent: number;
  predictedPeak: number;
  truePeak: number;
};

type Asked = { timeMs: number; status: number; operation: string };

const SECOND_MS = 1000;

/**
 * Plays the fleet again with each fix that the findings of the true causes offer, and holds that against the prediction.
 * `everyThird`: only those fixes whose place leaves this remainder by three, since each is a play of its own.
 */
export function compareFixes(
  settled: CorpusCase,
  truth: CorpusTruth,
  context: { evidence: Evidence; limits: LimitProfile; findings: readonly Finding[]; everyThird: number | null },
): FixError[] {
  const { evidence, limits, findings, everyThird } = context;
  const whatIf = createWhatIf(evidence, limits);
  if (whatIf === null || !whatIf.faithful) return [];
  const offered = findings
    .filter((finding) =>
      truth.causes.some(({ kind, appId }) => isTold([toldOf(finding)], kind, appId) && kind === finding.kind),
    )
    .flatMap((finding) => offersOf(finding, evidence, whatIf));
  return offered
    .filter((_, index) => everyThird === null || index % 3 === everyThird)
    .map(({ finding, fix, settings, prediction }) => {
      const caller = finding.caller?.id ?? null;
      const mended = playCorpus(settled, { mend: { fix, caller, ...settings } });
      const factor = fix === 'limit-increase' ? (settings.factor ?? 1) : 1;
      const after = measure([mended.log, mended.ownVaultLog], { evidence, limits, whatIf, factor });
      return {
        ...{ fix, cause: finding.kind },
        predictedPercent: (100 * prediction.throttledAfter) / Math.max(1, prediction.requestsAfter),
        predictedPeak: prediction.peakUtilisationAfter,
        ...after,
      };
    });
}

type Offered = {
  finding: Finding;
  fix: string;
  settings: { seconds?: number; perSecond?: number; factor?: number };
  prediction: ReturnType<WhatIf['predict']>;
};

function offersOf(finding: Finding, evidence: Evidence, whatIf: WhatIf): Offered[] {
  const ids = DIAGNOSES.find(({ kind }) => kind === finding.kind)?.fixes ?? [];
  return FIXES.flatMap((rule): Offered[] => {
    if (!ids.includes(rule.id) || !PLAYABLE_FIXES.some((id) => id === rule.id)) return [];
    const client = clientOf(finding.caller?.client);
    const proposal = rule.propose({ cause: finding, resource: evidence.resource, client, whatIf });
    if (proposal === null || proposal.change === null) return [];
    const prediction = whatIf.predict(proposal.change);
    return [{ finding, fix: rule.id, settings: proposal.settings ?? {}, prediction }];
  });
}

/** Of the classes that the prediction speaks of, around the refusals of the fleet that was not mended. */
function measure(
  logs: readonly (readonly Asked[])[],
  context: { evidence: Evidence; limits: LimitProfile; whatIf: WhatIf; factor: number },
): { truePercent: number; truePeak: number } {
  const { evidence, limits, whatIf, factor } = context;
  const [row] = whatIf.rows;
  const fromMs = (row?.fromSecond ?? 0) * SECOND_MS;
  const toMs = fromMs + (row?.first.length ?? 0) * SECOND_MS;
  const limit = limitFor(limits, evidence.resource, whatIf.class);
  const max = (limit?.max ?? 1) * factor;
  const windowMs = (limit?.windowSeconds ?? 10) * SECOND_MS;
  const inside = logs.map((log) =>
    log.filter(
      ({ timeMs, status, operation }) =>
        timeMs >= fromMs && timeMs < toMs && status !== 401 && classOf(operation) === whatIf.class,
    ),
  );
  const all = inside.flat();
  const refused = all.filter(({ status }) => status === 429).length;
  return {
    truePercent: (100 * refused) / Math.max(1, all.length),
    truePeak: Math.max(...inside.map((asked) => slidingPeak(asked, windowMs))) / max,
  };
}

function classOf(operation: string): string {
  const rule = OPERATION_CLASSES.find(
    ({ names, prefix }) =>
      names?.includes(operation) === true || (prefix !== undefined && operation.startsWith(prefix)),
  );
  return rule?.class ?? OTHER_CLASS;
}

function slidingPeak(asked: readonly Asked[], windowMs: number): number {
  let oldest = 0;
  let peak = 0;
  for (const [index, { timeMs }] of asked.entries()) {
    while ((asked[oldest]?.timeMs ?? timeMs) <= timeMs - windowMs) oldest++;
    peak = Math.max(peak, index - oldest + 1);
  }
  return peak;
}
