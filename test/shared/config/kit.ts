import { type ConfigProblem, type ConfigValues, readConfig } from '../../../shared/config.ts';

/** Values of a healthy process on one machine, overridden by what a test is about. */
export function values(environment: Record<string, string | undefined> = {}, rest: Partial<ConfigValues> = {}) {
  return { environment, cloud: 'local', ...rest } satisfies ConfigValues;
}

export function configOf(environment: Record<string, string | undefined> = {}, rest: Partial<ConfigValues> = {}) {
  const result = readConfig(values(environment, rest));
  if (!result.ok) throw new Error(`no configuration: ${JSON.stringify(result.problems)}`);
  return result.config;
}

export function problemsOf(environment: Record<string, string | undefined> = {}, rest: Partial<ConfigValues> = {}) {
  const result = readConfig(values(environment, rest));
  return result.ok ? [] : result.problems;
}

export function names(problems: readonly ConfigProblem[]): string[] {
  return problems.map((problem) => problem.name);
}
