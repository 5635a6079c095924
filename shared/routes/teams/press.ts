import type { BotActivity } from '../../chat/teams/bot-activity.ts';
import { plainAnswer, type Reply } from '../../commands/command.ts';
import { runCommand } from '../../commands/dispatch.ts';
import { asHeadroomError } from '../../errors.ts';
import type { IncidentRecord } from '../../incidents/record.ts';
import { auditRefusal } from '../../pipeline/audit.ts';
import { withinDeadline } from '../../pipeline/deadline.ts';
import { incidentOf } from '../../pipeline/keys.ts';
import { getIncident } from '../../pipeline/read.ts';
import { jsonResponse, type RouteResponse } from '../http.ts';
import type { TeamsBotDeps } from './deps.ts';
import { personOf } from './standing.ts';

export type Press = Extract<BotActivity, { kind: 'press' }>;

/** Teams waits some 10 s for an invoke; nobody who presses does. */
const ANSWER_MS = 4_000;
/** What fits the line in which Teams shows it. */
const TOLD_MAX = 300;

/** Of a plan, whose id the button carries in place of the incident's. */
const WORDS = new Set(['approve', 'reject', 'undo']);
const ACTIONS = new Set(['ack', 'assign', 'silence', ...WORDS]);

/**
 * A button on an incident's message. It carries no more than the names of an action and an incident: whether this message is
 * that incident's, whether it is open and who presses is looked up. Who may press gets the card as it stands then (everyone
 * gets it by the queue); who may not is told why, alone.
 */
export async function answerPress(deps: TeamsBotDeps, press: Press): Promise<RouteResponse> {
  try {
    const run = () => perform(deps, press);
    return await withinDeadline(deps.ports.clock, ANSWER_MS, `the press of ${press.action}`, run);
  } catch (error) {
    const known = asHeadroomError(error, 'bug', 'a press could not be performed');
    deps.ports.log.warn('press-failed', {
      incident: press.incidentId,
      action: press.action,
      kind: known.kind,
      error: known.message,
    });
    return tell(
      plainAnswer('This was not done in time', [`Press again, or write: ${press.action} ${press.incidentId}`]),
    );
  }
}

async function perform(deps: TeamsBotDeps, press: Press): Promise<RouteResponse> {
  const { ports } = deps;
  const record = await getIncident(ports, incidentOf(press.incidentId));
  const destination = record ? destinationOf(record, press) : undefined;
  if (!record || destination === undefined) {
    const reason = 'This button belongs to no message of an incident';
    const asked = { action: press.action, ...(record ? { incidentId: record.id } : {}), detail: press.incidentId };
    await auditRefusal(ports, personOf(press), asked, reason);
    return tell(plainAnswer(reason, ["'status' lists the open ones"]));
  }
  if (!ACTIONS.has(press.action))
    return tell(plainAnswer('This button does nothing any more', [`'why ${record.id}' shows what there is`]));
  const privacy = deps.privacyAt(press.conversationId);
  const about = WORDS.has(press.action) ? press.incidentId : record.id;
  const text = [press.action, about, press.input].join(' ').trim();
  const reply = await runCommand({ ...ports, person: personOf(press), privacy }, text);
  if (reply.kind === 'message' || !reply.done) return tell(reply);
  const after = (await getIncident(ports, record.id)) ?? record;
  return jsonResponse(200, {
    statusCode: 200,
    type: 'application/vnd.microsoft.card.adaptive',
    value: deps.messageFor(after, destination),
  });
}

/** Where its message was posted by us: a press that was carried elsewhere is none (field-notes 33). */
function destinationOf({ effects }: IncidentRecord, { conversationId, messageId }: Press): string | undefined {
  const ref = `${conversationId}|${messageId}`;
  return effects.find(({ key, delivered }) => /^teams-bot(?::|$)/.test(key) && delivered?.ref === ref)?.key;
}

/** Shown to who pressed, alone. @see https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model#response-format */
export function tell(reply: Reply): RouteResponse {
  const said = reply.kind === 'answer' ? [reply.answer.title, ...reply.answer.lines].join('. ') : 'Done';
  return jsonResponse(200, {
    statusCode: 200,
    type: 'application/vnd.microsoft.activity.message',
    value: said.slice(0, TOLD_MAX),
  });
}
