import type { LimitProfile } from '../limits.ts';
import type { Cause, Evidence, RelatedEvent, SignalState } from '../model.ts';

export type DiagnosisContext = {
  evidence: Evidence;
  limits: LimitProfile;
  /** What the alerts say; empty where a log is analysed without one. */
  signals: readonly SignalState[];
  /** Events of the provider that alerts told of; absent: none. */
  related?: readonly RelatedEvent[];
};

/**
 * One cause: which evidence it needs, how it tells, what mends it. Pure and deterministic.
 *
 * `diagnose` gives one cause a caller, best first, none where it does not apply or its evidence could not be read; its
 * `explains` is 0 until the replay of the cure has measured it; a cause without a cure says itself what it explains.
 */
export type Diagnosis = {
  kind: string;
  needs: readonly string[];
  /** Ids of the fixes that may be offered. */
  fixes: readonly string[];
  /**
   * The one of them whose replay measures how much this cause explains (field-notes 9); null where nothing is to be
   * mended, or where what is to be mended is not the load.
   */
  cure: string | null;
  /**
   * Kinds that say more of the same caller: where one of them is told of it, this one is only how that looks. Whoever
   * reads its set each minute also reads it again and again, and also began to one day.
   */
  yieldsTo?: readonly string[];
  diagnose(context: DiagnosisContext): Cause[];
};
