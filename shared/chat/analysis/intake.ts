import type { Answer, LogAnalysis, Note } from '../../model.ts';
import { cleanLine, shortenMiddle } from '../plain.ts';
import { countWords, numberWords, timeWords } from '../words.ts';

const FILES_MAX = 3;
const PATH_MAX = 60;
const FOREIGN_MAX = 3;
const OTHERS_MAX = 5;

/** What of the files could not be read, what else they hold, and which vaults were not looked into. */
export function intakeNotes({ skipped, foreign, left }: Pick<LogAnalysis, 'skipped' | 'foreign' | 'left'>): Note[] {
  const notes: Note[] = [];
  if (skipped.lines > 0)
    notes.push({
      text:
        skipped.lines === 1
          ? '1 line in the files is no audit record and was left out.'
          : `${numberWords(skipped.lines)} lines in the files are no audit records and were left out.`,
    });
  for (const { path, error } of skipped.files.slice(0, FILES_MAX))
    notes.push({ text: `${shortenMiddle(cleanLine(path), PATH_MAX)}: ${cleanLine(error)}` });
  if (skipped.files.length > FILES_MAX)
    notes.push({ text: `${numberWords(skipped.files.length - FILES_MAX)} more files could not be read whole.` });
  if (foreign.length > 0) notes.push({ text: `The files also hold ${foreignWords(foreign)}; they were left out.` });
  if (left.resources > 0)
    notes.push({
      text:
        `${countWords(left.resources, 'more vault')} in the files ${left.resources === 1 ? 'was' : 'were'} not looked into, ` +
        `${left.throttled === 0 ? 'none of them' : numberWords(left.throttled)} throttled.`,
      nextStep: 'Ask for all with --all, or for one with --vault',
    });
  return notes;
}

/** `200 records of AWS CloudTrail, s3.amazonaws.com`. */
function foreignWords(foreign: LogAnalysis['foreign']): string {
  const named = foreign
    .slice(0, FOREIGN_MAX)
    .map(({ name, records }) => `${countWords(records, 'record')} of ${cleanLine(name, 80)}`);
  const more = foreign.length > named.length ? [`${numberWords(foreign.length - named.length)} other kinds`] : [];
  return [...named, ...more].join(', ');
}

/** What is said where nothing of what was asked for is in the files. */
export function nothingToTell(analysis: LogAnalysis): Answer {
  const { others } = analysis;
  return {
    title: others.length === 0 ? 'No request in these files' : 'No request of that vault and time in these files',
    lines:
      others.length === 0
        ? ['There is nothing to analyse: the files are empty, or hold no audit record.']
        : [
            'They hold:',
            ...others
              .slice(0, OTHERS_MAX)
              .map(
                ({ name, requests, from, to }) =>
                  `  ${cleanLine(name, 60)}: ${countWords(requests, 'request')}, ${timeWords(from)} to ${timeWords(to)}`,
              ),
            ...(others.length > OTHERS_MAX ? [`  and ${numberWords(others.length - OTHERS_MAX)} more vaults`] : []),
          ],
    notes: intakeNotes(analysis),
  };
}
