import { readFile } from 'node:fs/promises';
import { chosenLimits } from '../config/limit-profile.ts';
import type { Config, ConfigProblem } from '../config.ts';
import { HeadroomError } from '../errors.ts';
import type { LimitProfile } from '../limits.ts';

/**
 * The limits that the configuration chose, of a file of its own among them.
 *
 * @throws HeadroomError `configuration` where they cannot be used
 */
export async function limitsOf(config: Config): Promise<LimitProfile> {
  const chosen = await chosenOf(config);
  if (chosen.ok) return chosen.profile;
  throw new HeadroomError('configuration', `HEADROOM_LIMITS ${chosen.problem.problem}`);
}

/** What is wrong with them, in the words of a configuration problem. */
export async function limitProblems(config: Config): Promise<ConfigProblem[]> {
  const chosen = await chosenOf(config);
  return chosen.ok ? [] : [chosen.problem];
}

async function chosenOf({ limits }: Config): Promise<ReturnType<typeof chosenLimits>> {
  return chosenLimits(limits, limits.kind === 'file' ? await readText(limits.path) : undefined);
}

/** Undefined when it cannot be read; then it is a problem of the configuration. */
export function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
