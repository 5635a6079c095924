import type { IncidentRecord } from '../incidents/record.ts';
import type { Evidence, Finding } from '../model.ts';
import type { Answer } from './answer.ts';

type Known = Pick<IncidentRecord, 'findings' | 'impact' | 'chart'>;

/**
 * The new answer, with what an earlier one said on evidence that could not be read again: that still holds, however long the
 * store is down; the notes say that it could not be read.
 */
export function withWhatStillHolds(known: Known, answered: Answer, evidence: Evidence): Known {
  const read = new Set(
    evidence.readings.flatMap(({ kind, window, state }) => (window === 'incident' && state === 'read' ? [kind] : [])),
  );
  const rests = known.findings.filter(({ facts }) => facts.some(({ from }) => !read.has(from.kind)));
  const isNew = (finding: Finding): boolean =>
    !rests.some(({ kind, caller }) => kind === finding.kind && caller?.id === finding.caller?.id);
  const { impact = rests.length > 0 ? known.impact : undefined } = answered;
  const { chart = rests.length > 0 ? known.chart : undefined } = answered;
  return {
    findings: [...rests, ...answered.findings.filter(isNew)],
    ...(impact === undefined ? {} : { impact }),
    ...(chart === undefined ? {} : { chart }),
  };
}
