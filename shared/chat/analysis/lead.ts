import type { AnalysedResource, Finding, Peak } from '../../model.ts';
import { causeWords, fixLine, leadingFinding, nameOf, shareLine } from '../lead.ts';
import type { Mask } from '../privacy.ts';
import { TEXT_LIMITS } from '../text/limits.ts';
import { shortenToWidth } from '../text/width.ts';
import { capitalise, countWords, numberWords, percentWords } from '../words.ts';

const TITLE_MAX = 120;

export type LeadOptions = {
  /** What the notes say is to be done. */
  nextStep: string | undefined;
  /** Whether all of the files could be read. */
  wholly: boolean;
};

/** A short line that names resource and trouble. */
export function analysisTitle(told: AnalysedResource, mask: Mask): string {
  const finding = leadingFinding(told);
  const trouble = finding
    ? causeWords(finding, mask)
    : told.totals.throttled > 0
      ? `${countWords(told.totals.throttled, 'request')} refused, cause open`
      : 'nothing was refused';
  return shortenToWidth(`${nameOf(told, mask)}: ${trouble}`, TITLE_MAX);
}

/** Three lines of at most 80 columns: resource and cause; caller and share explained; the first fix and its predicted effect. */
export function analysisLead(told: AnalysedResource, options: LeadOptions, mask: Mask): string[] {
  const finding = leadingFinding(told);
  const lines = finding
    ? diagnosed(told, finding, mask)
    : told.totals.throttled > 0
      ? unsettled(told, options, mask)
      : quiet(told, options, mask);
  return lines.map((line) => shortenToWidth(line, TEXT_LIMITS.columns));
}

function diagnosed(told: AnalysedResource, finding: Finding, mask: Mask): string[] {
  return [
    `${nameOf(told, mask)}: ${causeWords(finding, mask)}. ${capitalise(mask.text(finding.summary))}`,
    shareLine(told, finding, mask),
    finding.fixes.length === 0 ? 'No fix is needed, or none is known' : fixLine(finding, mask, 'Fix'),
  ];
}

function unsettled(told: AnalysedResource, { nextStep }: LeadOptions, mask: Mask): string[] {
  const { requests, throttled } = told.totals;
  const candidate = told.findings.find(({ verdict }) => verdict === 'inconclusive');
  const [worst] = told.callers.toSorted((a, b) => b.throttled - a.throttled);
  const refused = `${numberWords(throttled)} of ${countWords(requests, 'request')} refused`;
  const who = worst === undefined ? 'No caller is known' : mostRefused(mask.caller(worst), worst.throttled, throttled);
  return [
    `${nameOf(told, mask)}: ${refused}, ${candidate ? 'cause not settled' : 'and no known cause fits'}`,
    candidate ? `It may be ${causeWords(candidate, mask)}. ${capitalise(mask.text(candidate.summary))}` : who,
    nextStep === undefined ? 'Next: look at who was refused most, and when' : `Next: ${mask.text(nextStep)}`,
  ];
}

function mostRefused(caller: string, own: number, all: number): string {
  return `Most refused: ${caller}, ${numberWords(own)} of ${numberWords(all)}`;
}

/** Rounded up: a limit is not said to have been free that was not. */
function useWords({ utilisation, class: name }: Peak, mask: Mask): string {
  const percent = numberWords(Math.ceil(utilisation * 100));
  return `at most ${percent} % of the ${mask.text(name, 40)} limit used`;
}

function quiet(told: AnalysedResource, { nextStep, wholly }: LeadOptions, mask: Mask): string[] {
  const { peak, totals, callers } = told;
  if (totals.requests === 0)
    return [
      `${nameOf(told, mask)}: no request in this time`,
      'Nothing can be said about it',
      nextStep === undefined ? 'Next: choose another time with --from and --to' : `Next: ${mask.text(nextStep)}`,
    ];
  const use = peak === null ? '' : `; ${useWords(peak, mask)}`;
  const [busiest] = callers;
  return [
    `${nameOf(told, mask)}: nothing was refused${use}`,
    busiest === undefined
      ? `${countWords(totals.requests, 'request')}, none of a known caller`
      : `Busiest caller: ${mask.caller(busiest)}, ${percentWords(busiest.share)} of ${countWords(totals.requests, 'request')}`,
    wholly ? 'Nothing to mend' : 'Nothing to mend in what could be read of the log',
  ];
}
