import { type LimitProfile, limitProfile, parseLimitProfile } from '../limits.ts';
import type { LimitsChoice } from './limits-choice.ts';
import type { ConfigProblem } from './reader.ts';

/**
 * The limits that the configuration chose.
 *
 * @param text what stands in the limits file, when one is named; undefined when it could not be read
 */
export function chosenLimits(
  choice: LimitsChoice,
  text: string | undefined,
): { ok: true; profile: LimitProfile } | { ok: false; problem: ConfigProblem } {
  const refuse = (problem: string, nextStep: string) =>
    ({ ok: false, problem: { name: 'HEADROOM_LIMITS', problem, nextStep } }) as const;
  if (choice.kind === 'profile') {
    const profile = limitProfile(choice.name);
    return profile ? { ok: true, profile } : refuse('names no profile', 'Choose published or 2000.');
  }
  if (text === undefined) return refuse(`names ${choice.path}, which cannot be read`, 'Check the path.');
  const parsed = parseLimitProfile(choice.path, parseJson(text));
  if (parsed.ok) return { ok: true, profile: parsed.profile };
  return refuse(`names a file that is no limits file: ${parsed.path} ${parsed.error}`, 'Mend the file.');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
