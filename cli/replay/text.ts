import { cleanLine } from '../../shared/chat/plain.ts';
import { countWords } from '../../shared/chat/words.ts';
import type { Replayed, ReplayedPayload } from '../../shared/pipeline/replay.ts';
import type {
  AlertOutlook,
  FindingLine,
  IncidentOutlook,
  PayloadOutlook,
  ReplayOutlook,
} from '../../shared/pipeline/replay-dry-run.ts';

/** What a dry run shows: lines that begin with `-` would go, with `+` would come. */
export function describeOutlook({ payloads, incidents }: ReplayOutlook): string {
  const lines = [...payloads.flatMap(outlookOfPayload), ...incidents.flatMap(outlookOfIncident)];
  return `${[...lines, 'dry run: nothing was written'].join('\n')}\n`;
}

function outlookOfPayload(payload: PayloadOutlook): string[] {
  const head = `payload ${payload.id}  ${payload.source}, ${payload.state}`;
  if (!payload.understood) return [head, `  not understood: ${cleanLine(payload.error)}`];
  return [`${head}  ${countWords(payload.alerts.length, 'alert')}`, ...payload.alerts.map(outlookOfAlert)];
}

const WOULD: Readonly<Record<AlertOutlook['would'], string>> = {
  known: 'is known to',
  join: 'would join',
  open: 'would open',
};

function outlookOfAlert({ id, state, rule, resource, family, would, incident, outcome }: AlertOutlook): string {
  const what = `${cleanLine(rule)} on ${cleanLine(resource)} (${cleanLine(family)})`;
  return `  alert ${id}  ${state}: ${what} ${WOULD[would]} incident ${incident}, ${outcome}`;
}

function outlookOfIncident({ id, resource, before, after, from }: IncidentOutlook): string[] {
  const head = `incident ${id}  ${cleanLine(resource)}`;
  if (after === null) return [head, '  findings: no log to read and no evidence kept; name exported logs with --logs'];
  const source = from === 'now' ? 'the logs at hand' : 'the evidence kept';
  const was = before.map(describeFinding);
  const is = after.map(describeFinding);
  const changes = [
    ...was.filter((line) => !is.includes(line)).map((line) => `  - ${line}`),
    ...is.filter((line) => !was.includes(line)).map((line) => `  + ${line}`),
  ];
  const same = was.filter((line) => is.includes(line)).map((line) => `    ${line}`);
  if (changes.length > 0) return [`${head}  findings from ${source}`, ...same, ...changes];
  return [`${head}  findings from ${source}: ${was.length === 0 ? 'none, as before' : 'the same'}`, ...same];
}

function describeFinding({ kind, verdict, caller, explainsPercent }: FindingLine): string {
  const who = caller === null ? '' : `, ${cleanLine(caller)}`;
  return `${kind} ${verdict}${who}, explains ${explainsPercent} %`;
}

/** What a replay did, a line each. */
export function describeReplayed({ payloads, incidents }: Replayed): string {
  const lines = [
    ...payloads.map(replayedPayload),
    ...incidents.map(({ id, letters }) => {
      const again = letters === 0 ? '' : `; ${letters} of its work had failed for good and is tried again`;
      return `incident ${id}  is worked out anew${again}`;
    }),
  ];
  return `${lines.length === 0 ? 'nothing is kept of it any more' : lines.join('\n')}\n`;
}

function replayedPayload(payload: ReplayedPayload): string {
  const head = `payload ${payload.id}`;
  if (payload.done === 'refused') return `${head}  not understood: ${cleanLine(payload.error)}`;
  const incidents = payload.incidents.join(' ');
  return payload.done === 'known' ? `${head}  was taken in before: ${incidents}` : `${head}  is taken in: ${incidents}`;
}
