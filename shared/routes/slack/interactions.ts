import { mayAct } from '../../chat/entitlement.ts';
import { confirmation, MODAL_BLOCKS, modalFor } from '../../chat/slack/modals.ts';
import type { SlackRequest } from '../../chat/slack/request.ts';
import { plainAnswer, type Reply } from '../../commands/command.ts';
import { runCommand } from '../../commands/dispatch.ts';
import { queueJob } from '../../commands/job.ts';
import { asHeadroomError } from '../../errors.ts';
import type { IncidentRecord } from '../../incidents/record.ts';
import { auditRefusal } from '../../pipeline/audit.ts';
import { withinDeadline } from '../../pipeline/deadline.ts';
import { incidentOf } from '../../pipeline/keys.ts';
import { getIncident } from '../../pipeline/read.ts';
import { jsonResponse, type RouteResponse } from '../http.ts';
import { AT_ONCE_MS } from './commands.ts';
import { DONE, type SlackRouteDeps } from './deps.ts';
import { personOf } from './person.ts';

type Press = SlackRequest & { kind: 'press' };
type Submission = SlackRequest & { kind: 'submission' };

/** Slack shows an error below its field. */
const ERROR_MAX = 300;

/** What a press does when it is not done at once. */
type Said = Extract<Reply, { kind: 'answer' }>;

/**
 * A button on an incident's message. It carries no more than the names of an action and an incident: whether this message is
 * that incident's, whether it is open and who presses is looked up. What is done is seen in the message itself; what is not
 * is told to who pressed, alone.
 */
export async function answerPress(deps: SlackRouteDeps, press: Press): Promise<RouteResponse> {
  const said = await withinDeadline(deps.ports.clock, AT_ONCE_MS, `the press of ${press.action}`, () =>
    perform(deps, press),
  ).catch((error: unknown) => failed(deps, press, error));
  if (said)
    await queueJob(deps.ports, {
      person: personOf(press.person),
      privacy: deps.privacyAt(press.channel),
      ask: { answer: said.answer },
      responseUrl: press.responseUrl,
    });
  return DONE;
}

/** What needs no words. */
const AT_ONCE = new Set(['ack', 'approve', 'reject', 'undo']);

/** @returns what is to be said to who pressed; nothing where the message shows it */
async function perform(deps: SlackRouteDeps, press: Press): Promise<Said | undefined> {
  const { ports } = deps;
  const person = personOf(press.person);
  const record = await getIncident(ports, incidentOf(press.incidentId));
  if (!record || !standsAt(record, press)) {
    const reason = 'This button belongs to no message of an incident';
    const asked = { action: press.action, ...(record ? { incidentId: record.id } : {}), detail: press.incidentId };
    await auditRefusal(ports, person, asked, reason);
    return plainAnswer(reason, ["'/headroom status' lists the open ones"]);
  }
  if (AT_ONCE.has(press.action)) {
    const text = `${press.action} ${press.action === 'ack' ? record.id : press.incidentId}`;
    const reply = await runCommand({ ...ports, person, privacy: deps.privacyAt(press.channel) }, text);
    return reply.kind === 'answer' && !reply.done ? reply : undefined;
  }
  if (press.action !== 'silence' && press.action !== 'assign')
    return plainAnswer('This button does nothing any more', [`'/headroom why ${record.id}' shows what there is`]);
  if (record.lifecycle.state === 'resolved')
    return plainAnswer(`${record.id} (${record.resource.name}) is over already`);
  const entitled = mayAct(ports.settings, person.id, press.action, record.resource);
  if (!entitled.ok) {
    await auditRefusal(ports, person, { action: press.action, incidentId: record.id }, entitled.reason);
    return plainAnswer(entitled.reason, [entitled.nextStep]);
  }
  return openModal(deps, press, record, press.action);
}

/** Where its message was posted by us: a press that was carried elsewhere is none (field-notes 33). */
function standsAt({ effects }: IncidentRecord, { channel, messageTs }: Press): boolean {
  const ref = `${channel}:${messageTs}`;
  return effects.some(({ key, delivered }) => key.startsWith('slack-bot:') && delivered?.ref === ref);
}

async function openModal(
  { desk, ports }: SlackRouteDeps,
  press: Press,
  record: IncidentRecord,
  action: keyof typeof MODAL_BLOCKS,
): Promise<Said | undefined> {
  try {
    await desk.openView(press.triggerId, modalFor(action, record));
    return undefined;
  } catch (error) {
    const known = asHeadroomError(error, 'unavailable', 'the modal could not be opened');
    ports.log.warn('modal-failed', { incident: record.id, action, kind: known.kind, error: known.message });
    const typed = action === 'silence' ? `/headroom silence ${record.id} 1h` : `/headroom assign ${record.id} name`;
    return plainAnswer('Slack did not open the form', [`Type it instead: ${typed}`]);
  }
}

function failed({ ports }: SlackRouteDeps, press: Press, error: unknown): Said {
  const known = asHeadroomError(error, 'bug', 'a press could not be performed');
  ports.log.warn('press-failed', {
    incident: press.incidentId,
    action: press.action,
    kind: known.kind,
    error: known.message,
  });
  return plainAnswer('This was not done in time', [
    `Press again, or type: /headroom ${press.action} ${press.incidentId}`,
  ]);
}

/** What was filled in. Refused input is shown below its field, for who filled it in alone. */
export async function answerSubmission(deps: SlackRouteDeps, submission: Submission): Promise<RouteResponse> {
  const { action, incidentId, values } = submission;
  if (action !== 'silence' && action !== 'assign') return DONE;
  const block = MODAL_BLOCKS[action];
  const text = `${action} ${incidentId} ${values[block] ?? ''}`;
  const run = () => runCommand({ ...deps.ports, person: personOf(submission.person), privacy: 'masked' }, text);
  try {
    const reply = await withinDeadline(deps.ports.clock, AT_ONCE_MS, `the form of ${action}`, run);
    if (reply.kind === 'message') return DONE;
    if (reply.done) {
      const { answer } = reply;
      if (answer.notes.length === 0) return DONE;
      return jsonResponse(200, { response_action: 'update', view: confirmation(action, answer) });
    }
    return invalid(block, [reply.answer.title, ...reply.answer.lines].join('. '));
  } catch (error) {
    const known = asHeadroomError(error, 'bug', 'a form could not be taken');
    deps.ports.log.warn('form-failed', { incident: incidentId, action, kind: known.kind, error: known.message });
    return invalid(block, 'This was not done in time. Try again.');
  }
}

function invalid(block: string, error: string): RouteResponse {
  return jsonResponse(200, { response_action: 'errors', errors: { [block]: error.slice(0, ERROR_MAX) } });
}
