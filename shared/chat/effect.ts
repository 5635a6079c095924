import type { Fix } from '../model.ts';
import { numberWords } from './words.ts';

/** A fix that leaves more than nine of ten refusals does not mend it: the replay is no nearer to the truth than that. */
const HELPS_FROM = 0.1;

type Predicted = Pick<Fix, 'predicted'>;

/** Predicted to change next to nothing; false without a prediction, which claims nothing either. */
export function helpsLittle({ predicted }: Predicted): boolean {
  if (!predicted || predicted.throttledBefore === 0) return false;
  return predicted.throttledAfter > (1 - HELPS_FROM) * predicted.throttledBefore;
}

/** Least invasive first, those that are predicted to help little last. */
export function inOrderOfUse<F extends Predicted>(fixes: readonly F[]): F[] {
  return [...fixes.filter((fix) => !helpsLittle(fix)), ...fixes.filter(helpsLittle)];
}

/** `1,240 → 35 refused, peak 152 → 61 % of the limit`; undefined without a prediction. */
export function effectWords(fix: Predicted): string | undefined {
  const effect = effectOf(fix);
  return effect && [effect.refused, effect.peak && `${effect.peak} of the limit`].filter(Boolean).join(', ');
}

/**
 * What is predicted, in two parts. The peak is left out where requests were refused below the limit, by which it says nothing of
 * when they are refused; where it stays as high, only that is said.
 */
export function effectOf(fix: Predicted): { refused: string; peak?: string } | undefined {
  const { predicted } = fix;
  if (!predicted) return undefined;
  const rates = `${numberWords(predicted.throttledBefore)} → ${numberWords(predicted.throttledAfter)} refused`;
  const refused = helpsLittle(fix) ? `helps little: ${rates}` : rates;
  const before = Math.round(predicted.peakUtilisationBefore * 100);
  const after = Math.round(predicted.peakUtilisationAfter * 100);
  if (before <= 100 && predicted.throttledBefore > 0) return { refused };
  return {
    refused,
    peak:
      after < before ? `peak ${numberWords(before)} → ${numberWords(after)} %` : `peak still ${numberWords(after)} %`,
  };
}
