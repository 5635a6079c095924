import type { SlackPerson, SlackRequest } from '../../chat/slack/request.ts';
import { plainAnswer } from '../../commands/command.ts';
import { queueJob } from '../../commands/job.ts';
import { slackReply } from '../../commands/slack-reply.ts';
import { asHeadroomError } from '../../errors.ts';
import { auditRefusal } from '../../pipeline/audit.ts';
import { jsonResponse, type RouteResponse } from '../http.ts';
import { DONE, type SlackRouteDeps } from './deps.ts';
import { personOf } from './person.ts';

/** `unknown`: Slack, which was asked, did not say. */
type Standing = 'member' | 'outsider' | 'unknown';

const REFUSALS = {
  outsider: plainAnswer('Headroom answers members of its own workspace', ['Ask one of them']),
  unknown: plainAnswer('It cannot be told now which workspace you belong to', ['Ask again in a moment']),
} as const;

/**
 * Whether the person belongs to our workspace, and not to another company's in a channel that is shared with it
 * (field-notes 28). Ours are those that the settings name people of, and the one that the app is installed in.
 */
export async function judgePerson(deps: SlackRouteDeps, { team, home }: SlackPerson): Promise<Standing> {
  const named = namedTeams(deps);
  if (named.has(team)) return 'member';
  if (team !== home) return 'outsider';
  try {
    const own = await deps.desk.team();
    if (own !== null) return own === team ? 'member' : 'outsider';
    // Without a token there is no asking. Where the settings name no workspace, the signature says at least that the app is installed there.
    return named.size === 0 ? 'member' : 'outsider';
  } catch (error) {
    const known = asHeadroomError(error, 'unavailable', 'the workspace could not be asked for');
    deps.ports.log.warn('workspace-unknown', { kind: known.kind, error: known.message });
    return 'unknown';
  }
}

function namedTeams({ ports }: SlackRouteDeps): Set<string> {
  const { approvers, identities } = ports.settings;
  const people = [
    ...approvers.flatMap((entry) => entry.people),
    ...identities.flatMap(({ slack }) => (slack === undefined ? [] : [`slack:${slack}`])),
  ];
  return new Set(people.flatMap((id) => /^slack:(T[A-Z0-9]+)\//.exec(id)?.[1] ?? []));
}

/** Refused in words that only they see, and audited. */
export async function refusePerson(
  deps: SlackRouteDeps,
  asked: SlackRequest & { kind: 'command' | 'press' | 'submission' },
  standing: Exclude<Standing, 'member'>,
): Promise<RouteResponse> {
  const { ports } = deps;
  const person = personOf(asked.person);
  const action = asked.kind === 'command' ? 'command' : asked.action;
  const refusal = REFUSALS[standing];
  await auditRefusal(
    ports,
    person,
    { action },
    standing === 'outsider' ? 'of another workspace' : 'workspace not known',
  );
  ports.log.warn('person-refused', { platform: 'slack', person: person.id, action, standing });
  if (asked.kind === 'command') return jsonResponse(200, slackReply(refusal));
  if (asked.kind === 'submission') return jsonResponse(200, { response_action: 'clear' });
  await queueJob(ports, {
    person,
    privacy: 'minimal',
    ask: { answer: refusal.answer },
    responseUrl: asked.responseUrl,
  });
  return DONE;
}
