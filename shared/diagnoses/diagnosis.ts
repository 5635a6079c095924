import type { LimitProfile } from '../limits.ts';
import type { Cause, Evidence } from '../model.ts';

export type DiagnosisContext = { evidence: Evidence; limits: LimitProfile };

/**
 * One cause: which evidence it needs, how it tells, what mends it. Pure and deterministic.
 *
 * `diagnose` gives one cause a caller, best first, none where it does not apply or its evidence could not be read; its
 * `explains` is 0 until the replay has measured it.
 */
export type Diagnosis = {
  kind: string;
  needs: readonly string[];
  /** Ids of the fixes that may be offered. */
  fixes: readonly string[];
  /** The one of them whose replay measures how much this cause explains (field-notes 9). */
  cure: string;
  diagnose(context: DiagnosisContext): Cause[];
};
