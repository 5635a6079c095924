import type { FindingView, Note } from '../../model.ts';
import { kindWords, verdictWords } from '../words.ts';
import { heading, labelled, monospace, own, run, type TeamsElement, text } from './elements.ts';

/** A cause with its facts, fixes and first snippet. */
export function findingElements(finding: FindingView, index: number): TeamsElement[] {
  const says = `${verdictWords(finding.verdict)} ${finding.role}, explains ${finding.explainsPercent} % of the refused requests`;
  const elements: TeamsElement[] = [
    ...heading(`${index + 1}. ${kindWords(finding.kind)}: ${says}`),
    ...text(run(finding.summary, {}, 400), 'Small'),
  ];
  if (finding.caller !== undefined) elements.push(...labelled('Caller', finding.caller));
  if (finding.victims.length > 0) elements.push(...labelled('Hurt', finding.victims.join(', ')));
  for (const fact of finding.facts.slice(0, 10)) elements.push(...labelled(fact.label, fact.value));
  for (const fix of finding.fixes.slice(0, 5))
    elements.push(...labelled('Fix', fix.effect === undefined ? fix.title : `${fix.title} (${fix.effect})`));
  const snippet = finding.fixes.find((fix) => fix.snippet !== undefined)?.snippet;
  if (snippet) elements.push({ type: 'Container', items: monospace(snippet.text, 20), spacing: 'Small' });
  return elements;
}

export function noteElements(all: readonly Note[]): TeamsElement[] {
  const notes = all
    .slice(0, 12)
    .flatMap((note) =>
      text(
        [
          ...run(note.text, {}, 400),
          ...(note.nextStep === undefined
            ? []
            : [own('  '), ...run('Next:', { weight: 'Bolder' }), own(' '), ...run(note.nextStep, {}, 400)]),
        ],
        'Small',
      ),
    );
  return notes.length === 0 ? [] : [...heading('Notes'), ...notes];
}
