import type { CheckResult } from './check.ts';

const NAMED_MAX = 3;

/** Where no scope of the settings lies in Azure. */
export const NOT_IN_AZURE: CheckResult = { ok: true, detail: 'not asked: no scope is one of Azure' };

/** Commands in one line of a shell: more are shown once these are done. */
const COMMANDS_MAX = 10;

/** One command for each, one after another. */
export function commandFor(all: readonly string[], commandOf: (one: string) => string): string {
  return [...new Set(all)].slice(0, COMMANDS_MAX).map(commandOf).join(' && ');
}

/** The first few, and how many more. */
export function someOf(names: readonly string[]): string {
  const more = names.length - NAMED_MAX;
  return `${names.slice(0, NAMED_MAX).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
