import type { Fact, Field, Finding, FindingView } from '../model.ts';
import { effectWords } from './lead.ts';
import { cleanBlock } from './plain.ts';
import type { Mask } from './privacy.ts';
import { numberWords } from './words.ts';

const FACTS_MAX = 8;
const FIXES_MAX = 5;
const VICTIMS_MAX = 5;
const SUMMARY_MAX = 400;
const SNIPPET = { lines: 20, columns: 120 };

/** A finding as one destination may read it: at most 8 facts, 5 fixes, 5 victims by name and the rest by number. */
export function viewFinding(finding: Finding, mask: Mask): FindingView {
  const view: FindingView = {
    kind: finding.kind,
    verdict: finding.verdict,
    role: finding.role,
    summary: mask.text(finding.summary, SUMMARY_MAX),
    victims: nameAll(
      finding.victims.map((victim) => mask.caller(victim)),
      VICTIMS_MAX,
    ),
    explainsPercent: Math.round(Math.min(1, Math.max(0, finding.explains)) * 100),
    facts: finding.facts.slice(0, FACTS_MAX).map((fact) => factField(fact, mask)),
    fixes: finding.fixes.slice(0, FIXES_MAX).map((fix) => viewFix(fix, mask)),
  };
  if (finding.caller) view.caller = mask.caller(finding.caller);
  return view;
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

function factField(fact: Fact, mask: Mask): Field {
  const value = typeof fact.value === 'number' ? numberWords(fact.value) : mask.text(fact.value);
  const unit = fact.unit === undefined ? '' : ` ${mask.text(fact.unit, 40)}`;
  const when =
    fact.from.window === 'incident' ? '' : fact.from.window === 'day-before' ? ', a day before' : ', a week before';
  return { label: mask.text(fact.label, 80), value: `${value}${unit}${when}` };
}

/** The first `max` names, then how many more. */
export function nameAll(names: readonly string[], max: number): string[] {
  const shown = names.slice(0, max);
  return names.length > max ? [...shown, `${names.length - max} more`] : shown;
}
