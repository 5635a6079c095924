import type { Field, Incident, LedgerEntry, Time } from '../model.ts';
import { causeWords, leadingFinding } from './lead.ts';
import { carriedOutOf } from './plans.ts';
import type { Mask } from './privacy.ts';
import { asSentence, countWords, durationWords, numberWords, secondsBetween, timeWords } from './words.ts';

/** An incident with the steps that Headroom took. */
export type Kept = Incident & { ledger: readonly LedgerEntry[] };

/** Duration, cause, requests refused, who was hurt, what was done, how fast. */
export function summaryOf(record: Kept, deeds: number, mask: Mask): Field[] {
  const { lifecycle, openedAt, impact } = record;
  const finding = leadingFinding(record);
  const seconds = lifecycle.state === 'resolved' ? secondsBetween(openedAt, lifecycle.at) : null;
  const ended = lifecycle.state === 'resolved' ? `until ${timeWords(lifecycle.at)}` : 'and not over yet';
  const hurt = finding?.victims.length ?? 0;
  return [
    {
      label: 'Duration',
      value: `${seconds === null ? '' : `${durationWords(seconds)}, `}from ${timeWords(openedAt)} ${ended}`,
    },
    {
      label: 'Cause',
      value: finding
        ? `${causeWords(finding, mask)}. ${asSentence(mask.text(finding.summary, 400))}`
        : 'none was found',
    },
    {
      label: 'Requests refused',
      value: impact ? numberWords(impact.requestsFailed) : 'not known: no log could be read',
    },
    {
      label: 'Who was hurt',
      value:
        hurt > 0
          ? countWords(hurt, 'other caller')
          : impact
            ? countWords(impact.callersRefused, 'caller')
            : 'not known',
    },
    { label: 'What was done', value: doneWords(record, deeds, mask) },
    ...paceOf(record),
  ];
}

/** What was carried out by name, what people did by number: both stand in full further down. */
function doneWords(record: Kept, deeds: number, mask: Mask): string {
  const carriedOut = carriedOutOf(record).map(({ title }) => mask.text(title, 80));
  const byPeople = deeds === 0 ? 'nothing by a person' : `${countWords(deeds, 'action')} by people`;
  return [...carriedOut, byPeople].join('; ');
}

/** How long it took to be noticed, told, understood and taken up; nothing of what did not happen. */
function paceOf({ findings, openedAt, acknowledged, ledger }: Kept): Field[] {
  const onset = leadingFinding({ findings })?.onset;
  const firstOf = (step: LedgerEntry['step']) => ledger.find((entry) => entry.step === step)?.at;
  const steps: [string, Time | undefined, Time | undefined][] = [
    ['the alert fired', onset, openedAt],
    ['first told', openedAt, firstOf('posted')],
    ['the evidence was read', openedAt, firstOf('diagnosed')],
    ['acknowledged', openedAt, acknowledged?.at],
  ];
  const words = steps.flatMap(([what, from, to]) => {
    const seconds = from === undefined || to === undefined || to < from ? null : secondsBetween(from, to);
    if (seconds === null) return [];
    return [`${what} ${durationWords(seconds)} after ${from === openedAt ? 'the alert' : 'it began'}`];
  });
  return words.length === 0 ? [] : [{ label: 'How fast', value: words.join('; ') }];
}
