import type { Severity } from '../model.ts';

/** Where the sender says nothing: worth a look, wakes nobody. */
export const DEFAULT_SEVERITY: Severity = 3;

/** Custom property, label or tag that overrides what the sender says: `0`..`4` or `Sev0`..`Sev4`. */
export const SEVERITY_PROPERTY = 'headroom_severity';

const NUMBERED: Readonly<Record<string, Severity>> = { '0': 0, '1': 1, '2': 2, '3': 3, '4': 4 };

/** The words that Prometheus rules use in their `severity` label; there is no standard, so common ones are listed. */
const WORDS: Readonly<Record<string, Severity>> = {
  disaster: 0,
  emergency: 0,
  critical: 1,
  fatal: 1,
  page: 1,
  error: 2,
  high: 2,
  major: 2,
  warn: 2,
  warning: 2,
  info: 3,
  informational: 3,
  low: 3,
  minor: 3,
  notice: 3,
  debug: 4,
  none: 4,
};

/** `Sev0`..`Sev4` or `0`..`4`; undefined for anything else. */
export function numberedSeverity(text: string | null | undefined): Severity | undefined {
  const digit = /^(?:sev)?([0-4])$/i.exec(text?.trim() ?? '')?.[1];
  return digit === undefined ? undefined : NUMBERED[digit];
}

/** A `severity` label: a word of the table above or a numbered severity; undefined for anything else. */
export function wordedSeverity(text: string | null | undefined): Severity | undefined {
  const word = text?.trim().toLowerCase() ?? '';
  return Object.hasOwn(WORDS, word) ? WORDS[word] : numberedSeverity(word);
}
