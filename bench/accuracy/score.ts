import type { Finding } from '../../shared/model.ts';
import type { CorpusTruth } from '../../simulation/corpus.ts';

/** What of a finding is scored and shown. */
export type Told = Pick<Finding, 'kind' | 'verdict' | 'role' | 'explains'> & {
  caller: string | null;
  onset: string | null;
};

export type Score = {
  /** The true cause is told first; of a healthy log: nothing is told as likely or confirmed. */
  first: boolean;
  /** Null where nothing is wrong: then no caller is true. */
  caller: boolean | null;
  /** For each further cause of a mix, whether it is among the findings with its caller. */
  further: { kind: string; found: boolean }[];
};

export function toldOf({ kind, verdict, role, explains, caller, onset }: Finding): Told {
  return { kind, verdict, role, explains, caller: caller?.id ?? null, onset: onset ?? null };
}

/** Holds the findings of one log against what is true of it. */
export function score(truth: CorpusTruth, told: readonly Told[]): Score {
  const accuses = told.some(({ verdict }) => verdict === 'confirmed' || verdict === 'likely');
  if (truth.kind === null) return { first: !accuses, caller: null, further: [] };
  const [first] = told;
  const isFirst = first === undefined ? truth.accepts.includes(null) : includes(truth.accepts, first.kind);
  return {
    first: isFirst || (!accuses && truth.accepts.includes(null)),
    caller: namesCaller(truth, first),
    further: truth.causes.slice(1).map(({ kind, appId }) => ({ kind, found: isTold(told, kind, appId) })),
  };
}

/** Whether a cause is among the findings, with its caller where it has one. */
export function isTold(told: readonly Told[], kind: string, appId: string | null): boolean {
  return told.some((finding) => finding.kind === kind && (appId === null || finding.caller === appId));
}

/** Of two triggers that may be told in either order, the caller of the one that was told first. */
function namesCaller(truth: CorpusTruth, first: Told | undefined): boolean {
  if (first === undefined) return truth.accepts.includes(null);
  const cause = truth.causes.find(({ kind }) => kind === first.kind) ?? truth.causes[0];
  if (cause === undefined) return false;
  if (cause.appId !== null) return first.caller === cause.appId;
  const isCulprit = truth.applications.some(({ appId, part }) => appId === first.caller && part === 'culprit');
  return first.caller === null || isCulprit;
}

function includes(accepts: CorpusTruth['accepts'], kind: string): boolean {
  return accepts.some((accepted) => accepted === kind);
}
