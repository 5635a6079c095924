import { buildMessage } from '../../shared/chat/message.ts';
import { renderSlackAnswer } from '../../shared/chat/slack/answer.ts';
import { renderSlack } from '../../shared/chat/slack/message.ts';
import { modalFor } from '../../shared/chat/slack/modals.ts';
import { renderSlackThread } from '../../shared/chat/slack/thread.ts';
import { renderTeamsAnswer } from '../../shared/chat/teams/answer.ts';
import { renderTeams } from '../../shared/chat/teams/message.ts';
import { renderTeamsThread } from '../../shared/chat/teams/thread.ts';
import { threadOf } from '../../shared/chat/thread.ts';
import type { Answer, Incident } from '../../shared/model.ts';
import { CASES } from '../shared/chat/cases.ts';
import { VAULT } from '../shared/chat/incidents.ts';
import { PLAN_CASES } from '../shared/chat/plan-cases.ts';
import { incidentOfKind, SHOWN_KINDS } from './shown-kinds.ts';

export type Shown = { name: string; platform: 'slack' | 'teams'; payload: unknown };

const ACTIONS = [
  { id: 'ack', label: 'Acknowledge', style: 'primary' },
  { id: 'assign', label: 'Assign…' },
  { id: 'silence', label: 'Silence…' },
] as const;

const ANSWER: Answer = {
  title: 'Who asks most of kv-orders-prod',
  lines: ['2026-11-20 14:00 to 15:00 UTC: 80,210 requests, 12,404 refused'],
  table: {
    columns: ['Caller', 'Requests', 'Refused', 'Share'],
    rows: [
      ['orders-api', '61,044', '11,950', '76 %'],
      ['billing-worker', '9,120', '301', '11 %'],
      ['JavaScript app a24fc0be', '6,525', '153', '8 %'],
    ],
  },
  notes: [{ text: 'Two of 60 minutes are not in the log yet.', nextStep: 'ask again in five minutes' }],
};

/**
 * Messages of every finding kind, found in a log of it, and of every other state, with the buttons that a bot's message has;
 * on Teams those of finding kinds unfolded too (`…-details`); the end of a thread; an answer; the modals.
 *
 * @param part only those whose name holds it
 */
export async function shownMessages(part: string): Promise<Shown[]> {
  const states = Object.entries({ ...CASES, ...PLAN_CASES }).map(([name, incident]) => ({
    name: `state-${name}`,
    incident,
  }));
  const kinds = SHOWN_KINDS.filter((kind) => `${kind}-details`.includes(part));
  const found: { name: string; incident: Incident }[] = [];
  // One after the other: a log store that has to answer all at once answers none in time.
  for (const name of kinds) found.push({ name, incident: await incidentOfKind(name) });
  const all = [
    ...[...states, ...found].flatMap(({ name, incident }) => shownIncident(name, incident)),
    ...found.map(({ name, incident }) => unfolded(`${name}-details`, incident)),
    ...threadEnd(),
    ...others(),
  ];
  return all.filter(({ name }) => name.includes(part));
}

function shownIncident(name: string, incident: Incident): Shown[] {
  const message = buildMessage(incident, { actions: ACTIONS });
  return [
    { name, platform: 'slack', payload: renderSlack(message) },
    { name, platform: 'teams', payload: renderTeams(message, { buttons: true }) },
  ];
}

/** The card as it stands once `Details` was pressed. */
function unfolded(name: string, incident: Incident): Shown {
  const payload = renderTeams(buildMessage(incident, { actions: ACTIONS }), { buttons: true });
  const text = JSON.stringify(payload).replace('"isVisible":false', '"isVisible":true');
  return { name, platform: 'teams', payload: JSON.parse(text) };
}

function threadEnd(): Shown[] {
  const incident = PLAN_CASES['final-summary'];
  const entry = incident && threadOf(incident, 'masked').at(-1);
  if (!entry) return [];
  return [
    { name: 'thread-end', platform: 'slack', payload: renderSlackThread(entry) },
    { name: 'thread-end', platform: 'teams', payload: renderTeamsThread(entry) },
  ];
}

function others(): Shown[] {
  const incident = CASES['retry-storm'];
  const webhook = incident && renderSlack(buildMessage(incident), { nativeChart: false });
  return [
    ...(webhook ? [{ name: 'webhook', platform: 'slack' as const, payload: webhook }] : []),
    { name: 'answer', platform: 'slack', payload: renderSlackAnswer(ANSWER) },
    { name: 'answer', platform: 'teams', payload: renderTeamsAnswer(ANSWER) },
    { name: 'modal-silence', platform: 'slack', payload: modalFor('silence', { id: 'tcmyo4yu', resource: VAULT }) },
    { name: 'modal-assign', platform: 'slack', payload: modalFor('assign', { id: 'tcmyo4yu', resource: VAULT }) },
  ];
}
