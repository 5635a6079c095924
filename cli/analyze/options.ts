import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { parseDurationMs } from '../../shared/config/duration.ts';
import { chosenLimits } from '../../shared/config/limit-profile.ts';
import { type LimitsChoice, limitsChoice } from '../../shared/config/limits-choice.ts';
import { type Config, describeProblems } from '../../shared/config.ts';
import { HeadroomError } from '../../shared/errors.ts';
import type { LimitProfile } from '../../shared/limits.ts';
import type { TimeChoice } from '../../shared/pipeline/analysis-window.ts';
import { UsageError } from '../command.ts';

const TIME = z.iso.datetime({ offset: true });

/** `--from` and `--to`: an RFC 3339 time, or a duration back from the end of the logs. */
export function readTime(option: '--from' | '--to', text: string | undefined): TimeChoice | undefined {
  if (text === undefined) return undefined;
  const backMs = parseDurationMs(text);
  if (backMs !== undefined) return { backMs };
  const time = z.safeParse(TIME, text.toUpperCase());
  if (time.success) return { at: new Date(time.data).toISOString() };
  throw new UsageError(
    `${option} is a time as 2026-01-31T09:00:00Z, or so long before the end of the logs, as 30m, 2h, 7d`,
  );
}

/** Refuses a window that is empty whatever the logs hold. */
export function checkOrder(from: TimeChoice | undefined, to: TimeChoice | undefined): void {
  if (from === undefined || to === undefined) return;
  const wrong =
    'at' in from && 'at' in to ? from.at >= to.at : 'backMs' in from && 'backMs' in to && from.backMs <= to.backMs;
  if (wrong) throw new UsageError('--to is not after --from');
}

/** `--limits`: a shipped profile, or the path of a limits file. */
export function readLimitsOption(text: string): LimitProfile {
  const choice = limitsChoice(text);
  if (!choice.ok) throw new UsageError(`--limits ${choice.problem}. ${choice.nextStep ?? ''}`.trim());
  const chosen = profileOf(choice.value);
  if (chosen.ok) return chosen.profile;
  throw new UsageError(`--limits ${chosen.problem.problem}. ${chosen.problem.nextStep}`);
}

/**
 * Where the command line names no limits.
 *
 * @throws HeadroomError `configuration`
 */
export function configuredLimits({ limits }: Config): LimitProfile {
  const chosen = profileOf(limits);
  if (chosen.ok) return chosen.profile;
  throw new HeadroomError('configuration', `the configuration cannot be used:\n${describeProblems([chosen.problem])}`);
}

function profileOf(choice: LimitsChoice): ReturnType<typeof chosenLimits> {
  return chosenLimits(choice, choice.kind === 'file' ? readText(choice.path) : undefined);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/^\ufeff/, '');
  } catch {
    return undefined;
  }
}
