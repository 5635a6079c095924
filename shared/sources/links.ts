import type { Link } from '../model.ts';
import { BOUNDS } from './bounds.ts';
import { cleanText } from './clean.ts';

/** Custom properties, labels and annotations that hold a link people look for in an alert. */
const CUSTOM_LINKS: Readonly<Record<string, string>> = {
  runbook: 'Runbook',
  runbook_url: 'Runbook',
  dashboard: 'Dashboard',
  dashboard_url: 'Dashboard',
};

/**
 * The links of a payload that may be shown: https only, without credentials in them, each once, bounded.
 * They are shown to people and never followed.
 */
export function keepLinks(candidates: readonly (readonly [label: string, url: unknown])[]): Link[] {
  const kept = new Map<string, Link>();
  for (const [label, candidate] of candidates) {
    if (kept.size >= BOUNDS.links) break;
    const url = safeUrl(candidate);
    if (url !== null && !kept.has(url)) kept.set(url, { label: cleanText(label, BOUNDS.linkLabelCharacters), url });
  }
  return [...kept.values()];
}

/** Those of the custom properties that are links to a runbook or a dashboard. */
export function customLinks(custom: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(CUSTOM_LINKS).flatMap(([name, label]): [string, string][] => {
    const url = custom[name];
    return url === undefined ? [] : [[label, url]];
  });
}

function safeUrl(candidate: unknown): string | null {
  if (typeof candidate !== 'string' || candidate.length > BOUNDS.urlCharacters) return null;
  if (!/^https:\/\//i.test(candidate)) return null;
  const url = URL.parse(candidate);
  if (url === null || url.username !== '' || url.password !== '') return null;
  return url.href.length > BOUNDS.urlCharacters ? null : url.href;
}
