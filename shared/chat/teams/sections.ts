import type { FindingView, Note } from '../../model.ts';
import { findingWords } from '../finding-view.ts';
import { kindWords } from '../words.ts';
import { heading, labelled, monospace, own, run, type TeamsElement, text } from './elements.ts';

/**
 * A cause with its facts, fixes and first snippet.
 *
 * @param said what stands above it already: a summary that is part of it is not said again
 */
export function findingElements(finding: FindingView, index: number, said = ''): TeamsElement[] {
  const says = findingWords(finding);
  const elements: TeamsElement[] = [
    ...heading(`${index + 1}. ${kindWords(finding.kind)}: ${says}`),
    ...(said.endsWith(finding.summary) ? [] : text(run(finding.summary, {}, 400), 'Small')),
  ];
  if (finding.caller !== undefined) elements.push(...labelled('Caller', finding.caller));
  if (finding.victims.length > 0) elements.push(...labelled('Hurt', finding.victims.join(', ')));
  for (const fact of finding.facts.slice(0, 10)) elements.push(...labelled(fact.label, fact.value));
  for (const fix of finding.fixes.slice(0, 5))
    elements.push(...labelled('Fix', fix.effect === undefined ? fix.title : `${fix.title} (${fix.effect})`));
  const shown = finding.fixes.find((fix) => fix.snippet !== undefined);
  // Of which fix it is has to be said where it is not that of the first.
  if (shown?.snippet && shown !== finding.fixes[0]) elements.push(...text([...run(shown.title), own(':')], 'Small'));
  if (shown?.snippet) elements.push({ type: 'Container', items: monospace(shown.snippet.text, 24), spacing: 'Small' });
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
