import type { BusyLine, DigestSummary, Field, Incident, Message, ToldLine } from '../model.ts';
import { shortenMiddle } from './plain.ts';
import type { Mask } from './privacy.ts';
import { repeatNotes } from './repeat.ts';
import { TEXT_LIMITS } from './text/limits.ts';
import { shortenToWidth } from './text/width.ts';
import { countWords, durationWords, kindWords, numberWords, timeWords } from './words.ts';

const NAME_MAX = 40;
const LINES_MAX = 10;

/** One message for a week: what was only counted, by resource, beside what was told. */
export function digestMessage(incident: Incident, digest: DigestSummary, mask: Mask): Message {
  const lead = leadOf(digest, mask);
  return {
    incidentId: incident.id,
    revision: incident.revision,
    state: incident.lifecycle.state,
    severity: incident.severity,
    title: `Week to ${timeWords(digest.to)}: ${toldWords(digest)}`,
    lead: lead.map((line) => shortenToWidth(line, TEXT_LIMITS.columns)),
    belowTitle: lead.slice(1),
    status: `Weekly digest · ${timeWords(digest.from)} to ${timeWords(digest.to)}`,
    resource: incident.resource,
    verified: incident.verified,
    mention: false,
    facts: countFields(digest),
    groups: groupsOf(digest, mask),
    findings: [],
    notes: [
      ...(digest.unread === 0
        ? []
        : [{ text: `${countWords(digest.unread, 'further incident')} came in that week and are not counted here.` }]),
      ...repeatNotes(incident),
    ],
    timeline: [],
    links: [],
    actions: [],
  };
}

function toldWords({ counts }: DigestSummary): string {
  return `${countWords(counts.told, 'incident')} told, ${numberWords(counts.busy)} only counted`;
}

function leadOf(digest: DigestSummary, mask: Mask): string[] {
  const [busiest] = digest.busy;
  return [
    `Week to ${timeWords(digest.to)}: ${toldWords(digest)}`,
    busiest
      ? `Busiest: ${nameOf(busiest.resource, mask)}, ${busyWords(busiest)}`
      : 'No resource was busy without refusals',
    busiest
      ? `Busy refuses nobody: 'limits ${nameOf(busiest.resource, mask)}' tells how near it is`
      : "'status' lists what is open",
  ];
}

function nameOf({ name }: BusyLine['resource'], mask: Mask): string {
  return shortenMiddle(mask.text(name, 80), NAME_MAX);
}

function busyWords({ alerts, peak, open, since }: BusyLine): string {
  const most =
    peak === null
      ? ''
      : `, ${numberWords(peak.value)}${peak.windowSeconds === null ? '' : ` in ${durationWords(peak.windowSeconds)}`} at most`;
  return `${countWords(alerts, 'alert')}${most}${open ? `, since ${timeWords(since)}` : ''}`;
}

function groupsOf(digest: DigestSummary, mask: Mask): NonNullable<Message['groups']> {
  const busy = digest.busy
    .slice(0, LINES_MAX)
    .map((line): Field => ({ label: nameOf(line.resource, mask), value: busyWords(line) }));
  const told = digest.told.slice(0, LINES_MAX).map((line) => toldField(line, mask));
  return [
    { title: 'Busy, and nobody was refused', fields: withMore(busy, digest.counts.busy) },
    { title: 'Told when they came', fields: withMore(told, digest.counts.told) },
  ].filter(({ fields }) => fields.length > 0);
}

function withMore(fields: Field[], all: number): Field[] {
  const more = all - fields.length;
  return more > 0 && fields.length > 0 ? [...fields, { label: 'And', value: `${numberWords(more)} more` }] : fields;
}

function toldField({ incidentId, resource, severity, cause }: ToldLine, mask: Mask): Field {
  const why = cause === undefined ? 'no cause was found' : mask.text(kindWords(cause), 60);
  return { label: nameOf(resource, mask), value: `${why}, severity ${severity}: why ${incidentId}` };
}

const COUNTED: readonly { of: keyof DigestSummary['counts']; label: string }[] = [
  { of: 'storm', label: 'Told in the summary of a storm' },
  { of: 'silenced', label: 'Silenced, or in maintenance' },
  { of: 'nowhere', label: 'Routed nowhere' },
  { of: 'lone', label: 'Ended without having begun' },
];

function countFields({ counts }: DigestSummary): Field[] {
  return COUNTED.flatMap(({ of, label }) => (counts[of] === 0 ? [] : [{ label, value: numberWords(counts[of]) }]));
}
