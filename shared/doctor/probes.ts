import { asHeadroomError } from '../errors.ts';
import type { CheckResult } from './check.ts';

type Probed = { key: string; probe(): Promise<string> };

/** Asks all of them at once; the first that is not well is what was found, else what each shows. */
export async function probeAll(asked: readonly Probed[]): Promise<CheckResult> {
  const found = await Promise.all(
    asked.map(({ key, probe }) =>
      probe().then(
        (shown): CheckResult => ({ ok: true, detail: `${key}: ${shown}` }),
        (error: unknown): CheckResult => problemOf(key, error),
      ),
    ),
  );
  const problems = found.flatMap((one) => (one.ok ? [] : [one]));
  const [first] = problems;
  if (!first) return { ok: true, detail: found.flatMap((one) => (one.ok ? [one.detail] : [])).join('; ') };
  return { ok: false, problem: problems.map(({ problem }) => problem).join('; '), nextStep: first.nextStep };
}

function problemOf(key: string, error: unknown): CheckResult {
  const { message, nextStep } = asHeadroomError(error, 'unavailable', `${key} could not be asked`);
  return {
    ok: false,
    problem: message,
    nextStep: nextStep ?? 'See whether this process may reach it (proxy, firewall), then ask again',
  };
}
