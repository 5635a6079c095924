import { shortId } from '../chat/privacy.ts';
import { durationWords, isGuid } from '../chat/words.ts';
import { callers } from '../evidence/callers.ts';
import { type ChangeRow, changes } from '../evidence/changes.ts';
import { baselineOf, rowsOf } from '../evidence/rows.ts';
import type { Caller, Evidence, Fact, Finding } from '../model.ts';
import { cleanText } from '../sources/clean.ts';
import { resourcesOf } from './naming.ts';

/** What was changed longer before a cause began is not why. */
const BEFORE_MS = 24 * 3_600_000;
/** A cause is timed by its first requests, which follow a change at once; and clocks differ. */
const AFTER_MS = 60_000;
const CHANGES_MAX = 2;
const PROPERTIES_MAX = 2;
/** Facts that a message shows of a finding. */
const SHOWN = 8;
const TEXT_MAX = 60;

/**
 * The findings, each with what changed before it began: of its caller's resources and of the watched one, and whether the
 * caller or its client library is new against the baseline (field-notes 15). Nothing is added where nothing changed.
 */
export function withChanges(findings: readonly Finding[], evidence: Evidence): Finding[] {
  return findings.map((finding) => {
    const added = [changedFact(finding, evidence), newFact(finding.caller, evidence)].filter((fact) => fact !== null);
    if (added.length === 0) return finding;
    const at = Math.max(0, SHOWN - added.length);
    return { ...finding, facts: [...finding.facts.slice(0, at), ...added, ...finding.facts.slice(at)] };
  });
}

function changedFact({ caller, onset }: Finding, evidence: Evidence): Fact | null {
  if (onset === undefined) return null;
  const onsetMs = Date.parse(onset);
  const own = caller === undefined ? [] : resourcesOf(caller, evidence);
  const about = new Set([...own, evidence.resource.id.toLowerCase()]);
  const before = (rowsOf(evidence, changes) ?? [])
    .filter(({ resource, atMs }) => about.has(resource) && atMs >= onsetMs - BEFORE_MS && atMs <= onsetMs + AFTER_MS)
    .toSorted((a, b) => b.atMs - a.atMs);
  const [latest] = before;
  if (latest === undefined) return null;
  const more = before.length > CHANGES_MAX ? `; ${before.length - CHANGES_MAX} more` : '';
  const value =
    before
      .slice(0, CHANGES_MAX)
      .map((row) => changeWords(row, onsetMs))
      .join('; ') + more;
  return {
    label: 'Changed before',
    value,
    from: { kind: changes.kind, column: 'atMs', row: latest.resource, window: 'incident' },
  };
}

/** `shop-api 7 min before by ana@contoso.com: siteConfig.alwaysOn`. */
function changeWords(row: ChangeRow, onsetMs: number): string {
  const name = cleanText(row.resource.split('/').at(-1) ?? row.resource, TEXT_MAX);
  const seconds = Math.max(0, Math.round((onsetMs - row.atMs) / 1000));
  const when = seconds < 1 ? 'as it began' : `${durationWords(seconds)} before`;
  const done = row.change.toLowerCase() === 'update' ? '' : ` ${cleanText(row.change.toLowerCase(), 20)}d`;
  const by = actorWords(row);
  const what = propertyWords(row.properties);
  return `${name}${done} ${when}${by === '' ? '' : ` by ${by}`}${what === '' ? '' : `: ${what}`}`;
}

function actorWords({ actor, actorType, client }: ChangeRow): string {
  if (actor === '') return cleanText(client, TEXT_MAX);
  if (!isGuid(actor)) return cleanText(actor, TEXT_MAX);
  return `${actorType.toLowerCase() === 'user' ? 'user' : 'app'} ${shortId(actor)}`;
}

function propertyWords(properties: string): string {
  const names = properties.split(', ').filter((name) => name !== '');
  const shown = names.slice(0, PROPERTIES_MAX).map((name) => cleanText(name.replace(/^properties\./, ''), TEXT_MAX));
  return shown.join(', ') + (names.length > PROPERTIES_MAX ? ' …' : '');
}

function newFact(caller: Caller | undefined, evidence: Evidence): Fact | null {
  const window = baselineOf(evidence, callers.kind);
  // Whoever did not ask in the hour before may only have been quiet.
  if (caller === undefined || window === null || window === 'hour-before') return null;
  const before = (rowsOf(evidence, callers, window) ?? []).find((row) => row.caller === caller.id);
  const from = (column: string): Fact['from'] => ({ kind: callers.kind, column, row: caller.id, window });
  if (before === undefined) return { label: 'This caller', value: 'asked nothing', from: from('requests') };
  if (before.client === null || caller.client === undefined || before.client === caller.client) return null;
  return { label: 'Its client library', value: cleanText(before.client, TEXT_MAX), from: from('client') };
}
