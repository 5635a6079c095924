import type { Fact, Field, Finding, FindingView, Window } from '../model.ts';
import { effectWords, inOrderOfUse } from './effect.ts';
import { cleanBlock } from './plain.ts';
import type { Mask } from './privacy.ts';
import { asSentence, countWords, numberWords, verdictWords } from './words.ts';

const FACTS_MAX = 8;
const FIXES_MAX = 5;
const VICTIMS_MAX = 5;
const SUMMARY_MAX = 400;
/** It is to be pasted: a line that is cut is of no use. */
const SNIPPET = { lines: 24, columns: 240 };

/** A finding as one destination may read it: at most 8 facts, 5 fixes, 5 victims by name and the rest by number. */
export function viewFinding(finding: Finding, mask: Mask): FindingView {
  const view: FindingView = {
    kind: mask.text(finding.kind, 60),
    verdict: finding.verdict,
    role: finding.role,
    summary: asSentence(mask.text(finding.summary, SUMMARY_MAX)),
    victims: nameAll(
      finding.victims.map((victim) => mask.caller(victim)),
      VICTIMS_MAX,
    ),
    explainsPercent: Math.round(Math.min(1, Math.max(0, finding.explains)) * 100),
    facts: factFields(finding.facts, mask),
    fixes: inOrderOfUse(finding.fixes)
      .slice(0, FIXES_MAX)
      .map((fix) => viewFix(fix, mask)),
  };
  if (finding.caller) view.caller = mask.caller(finding.caller);
  return view;
}

/**
 * How sure it is, which part it has in it, and how much of the refusals: `likely trigger, explains 92 % of the refused requests`.
 *
 * @param of what it is a share of, with a space before; empty where lines are short
 */
export function findingWords({ verdict, role, explainsPercent }: FindingView, of = ' of the refused requests'): string {
  const sure = `${verdictWords(verdict)} ${role}`;
  return verdict === 'inconclusive' || explainsPercent === 0 ? sure : `${sure}, explains ${explainsPercent} %${of}`;
}

function viewFix(fix: Finding['fixes'][number], mask: Mask): FindingView['fixes'][number] {
  const view: FindingView['fixes'][number] = { title: mask.text(fix.title) };
  const effect = effectWords(fix);
  if (effect !== undefined) view.effect = effect;
  if (fix.snippet)
    view.snippet = {
      language: fix.snippet.language.replace(/[^\w+#-]/g, '').slice(0, 20),
      text: maskBlock(fix.snippet.text, mask),
    };
  return view;
}

function maskBlock(text: string, mask: Mask): string {
  return cleanBlock(text, SNIPPET.lines, SNIPPET.columns)
    .split('\n')
    .map((line) => {
      const indent = /^ */.exec(line)?.[0] ?? '';
      return indent + mask.text(line, SNIPPET.columns);
    })
    .join('\n');
}

/** One field a label: the incident's value, with what it was a day or a week before beside it. */
function factFields(facts: readonly Fact[], mask: Mask): Field[] {
  const fields = new Map<string, string[]>();
  for (const fact of facts) {
    const label = mask.text(fact.label, 80);
    fields.set(label, [...(fields.get(label) ?? []), factValue(fact, mask)]);
  }
  return [...fields].slice(0, FACTS_MAX).map(([label, [first = '', ...others]]) => ({
    label,
    value: others.length === 0 ? first : `${first} (${others.join(', ')})`,
  }));
}

/** A time in the notation of evidence, as people read it. */
function readable(value: string): string {
  return value.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)\.\d{3}Z$/, '$1 $2 UTC');
}

const WHEN: Record<Window, string> = {
  incident: '',
  'hour-before': ' an hour before',
  'day-before': ' a day before',
  'week-before': ' a week before',
};

function factValue(fact: Fact, mask: Mask): string {
  if (fact.from.column === 'target' && typeof fact.value === 'string' && !mask.secretNames)
    return `${countWords(fact.value.split(/[,;]/).length, 'name')}, hidden here`;
  const value = typeof fact.value === 'number' ? numberWords(fact.value) : mask.text(readable(fact.value));
  const unit = fact.unit === undefined ? '' : ` ${mask.text(fact.unit, 40)}`;
  return `${value}${unit}${WHEN[fact.from.window]}`;
}

/** The first `max` names, then how many more. */
export function nameAll(names: readonly string[], max: number): string[] {
  const shown = names.slice(0, max);
  return names.length > max ? [...shown, `${names.length - max} more`] : shown;
}
