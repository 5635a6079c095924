import { readTeamsActivity, type TeamsActivity } from '../chat/teams/activity.ts';
import { judgeTeamsTime, type TeamsVerified, verifyTeamsWebhook } from '../chat/teams/verify.ts';
import { type CommandPorts, plainAnswer, type Reply } from '../commands/command.ts';
import { readCommand } from '../commands/dispatch.ts';
import { teamsReply } from '../commands/teams-reply.ts';
import { asHeadroomError } from '../errors.ts';
import type { Privacy } from '../model.ts';
import { auditRefusal, type Person } from '../pipeline/audit.ts';
import { withinDeadline } from '../pipeline/deadline.ts';
import { timeNow } from '../pipeline/deps.ts';
import { sightRequest } from '../pipeline/once.ts';
import { createRefusal } from './auth.ts';
import { errorResponse, jsonResponse, type Route, type RouteRequest, wrongMethod } from './http.ts';

export type TeamsWebhookDeps = {
  ports: CommandPorts;
  /** Several secrets while one takes the other's place. */
  access: { kind: 'signed'; secrets: readonly string[] } | { kind: 'open' } | { kind: 'closed' };
  /** HEADROOM_BODY_BYTES */
  bodyBytes: number;
  privacy: Privacy;
  /** HEADROOM_TEAMS_TENANT_ID, in lower case; without it the signature alone says whose team it is. */
  tenantId?: string;
};

/** Of the 5 s that Teams waits. It takes no answer later than that. */
const ANSWER_MS = 4_000;

/**
 * `POST /api/teams/webhook`: a Teams outgoing webhook, the light set-up. It answers what only reads, within 4 s; whoever
 * wants to change something needs the bot, since nothing here says safely enough who asks. 413 over the bound; the same 401
 * whatever is wrong with a caller, an old or repeated message included.
 */
export function teamsWebhookRoute(deps: TeamsWebhookDeps): Route {
  const refuseCaller = createRefusal(deps.ports, 'teams-webhook');
  return async (request) => {
    if (request.method !== 'POST') return wrongMethod('Teams sends by POST', 'POST');
    const raw = await request.body(deps.bodyBytes);
    if (!(raw instanceof Uint8Array)) return errorResponse(413, `the body is longer than ${deps.bodyBytes} bytes`);
    const believed = believe(deps, request, raw);
    if (!believed.ok) return refuseCaller(believed.reason);
    const activity = readTeamsActivity(raw);
    if (!activity) return errorResponse(400, 'this is nothing that an outgoing webhook sends');
    const fresh = await judgeFreshness(deps, activity, request.header('authorization'));
    if (!fresh.ok) return refuseCaller(fresh.reason);
    return jsonResponse(200, teamsReply(await answer(deps, activity)));
  };
}

function believe({ access }: TeamsWebhookDeps, request: RouteRequest, raw: Uint8Array): TeamsVerified {
  if (access.kind === 'open') return { ok: true };
  if (access.kind === 'closed') return { ok: false, reason: 'HEADROOM_TEAMS_WEBHOOK_SECRET is not set' };
  return verifyTeamsWebhook({ secrets: access.secrets, authorization: request.header('authorization'), raw });
}

async function judgeFreshness(
  { access, ports }: TeamsWebhookDeps,
  { timestamp, once }: TeamsActivity,
  signature = '',
): Promise<TeamsVerified> {
  if (access.kind === 'open') return { ok: true };
  const timely = judgeTeamsTime(timestamp, ports.clock.now());
  if (!timely.ok) return timely;
  const sighting = await sightRequest(ports, { signedAt: new Date(timestamp).toISOString(), signature, once });
  return sighting === 'first' ? { ok: true } : { ok: false, reason: 'sent before' };
}

async function answer(deps: TeamsWebhookDeps, activity: TeamsActivity): Promise<Reply> {
  const { ports, privacy, tenantId } = deps;
  const person: Person = { id: `entra:${activity.objectId || 'unknown'}`, name: activity.name || 'somebody on Teams' };
  if (tenantId !== undefined && activity.tenantId !== tenantId) {
    await auditRefusal(ports, person, { action: 'command' }, 'of another tenant');
    ports.log.warn('person-refused', { platform: 'teams', person: person.id, at: timeNow(ports.clock) });
    return plainAnswer('Headroom answers members of its own tenant', ['Ask one of them']);
  }
  const read = readCommand(activity.text);
  const name = read.command?.name ?? 'help';
  if (read.command?.writes) {
    await auditRefusal(ports, person, { action: name }, 'an outgoing webhook only reads');
    return plainAnswer(`'${name}' changes something, which this webhook never does`, ['Use Slack, or headroom chat']);
  }
  try {
    const run = () => read.run({ ...ports, person, privacy });
    return await withinDeadline(ports.clock, ANSWER_MS, `the answer to ${name}`, run);
  } catch (error) {
    const known = asHeadroomError(error, 'bug', 'a command could not be answered');
    ports.log.warn('chat-not-answered', { platform: 'teams', kind: known.kind, error: known.message });
    if (known.kind === 'timed-out')
      return plainAnswer('This takes longer than Teams waits', [
        'Ask for a shorter window, or in Slack or with headroom chat',
      ]);
    return plainAnswer('This could not be answered', ['Ask again in a moment; the log of this process says why']);
  }
}
