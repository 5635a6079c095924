import { type BotActivity, readBotActivity } from '../chat/teams/bot-activity.ts';
import { speaksFor } from '../chat/teams/caller.ts';
import { isTeamsService } from '../chat/teams/service-url.ts';
import { judgeTeamsTime } from '../chat/teams/verify.ts';
import { plainAnswer } from '../commands/command.ts';
import { queueJob } from '../commands/job.ts';
import { isRetryable } from '../errors.ts';
import { timeNow } from '../pipeline/deps.ts';
import { sightRequest } from '../pipeline/once.ts';
import { postAnew } from '../pipeline/post-anew.ts';
import { forgetPlace, notePlace } from '../pipeline/teams-places.ts';
import type { TokenCaller } from '../ports.ts';
import { createRefusal } from './auth.ts';
import { errorResponse, type Route, type RouteRequest, type RouteResponse, wrongMethod } from './http.ts';
import type { TeamsBotDeps } from './teams/deps.ts';
import { answerPress, type Press, tell } from './teams/press.ts';
import { judgeMember, personOf, refuseMember } from './teams/standing.ts';

/** What is taken in and needs no words. */
const DONE: RouteResponse = { status: 200, headers: { 'cache-control': 'no-store' }, body: '' };

/**
 * `POST /api/teams/messages`: what the Bot Framework delivers to the Teams bot. What somebody writes is queued and answered in
 * the conversation; what somebody presses is done and answered at once. 413 over the bound, before anything else is looked at;
 * whoever is not Teams, or is of another tenant, gets the same 401 whatever is wrong, and the log the reason; 503 while nobody
 * can be told apart. Who may not do what they ask gets 200 and the reason.
 *
 * @see https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 */
export function teamsBotRoute(deps: TeamsBotDeps): Route {
  const refuse = createRefusal(deps.ports, 'teams-messages');
  return async (request) => {
    if (request.method !== 'POST') return wrongMethod('Teams sends by POST', 'POST');
    const raw = await request.body(deps.bodyBytes);
    if (!(raw instanceof Uint8Array)) return errorResponse(413, `the body is longer than ${deps.bodyBytes} bytes`);
    const believed = await believe(deps, request).catch(unavailable);
    if ('status' in believed) return believed;
    if (!believed.ok) return refuse(believed.why);
    const activity = readBotActivity(raw);
    if (!activity) return errorResponse(400, 'this is nothing that the Bot Framework sends');
    const wrong = judgeActivity(deps, believed.caller, activity);
    if (wrong !== null) return refuse(wrong);
    return activity.kind === 'press' ? takePress(deps, activity, believed.token, refuse) : take(deps, activity);
  };
}

type Believed = { ok: true; caller: TokenCaller; token: string } | { ok: false; why: string };

async function believe({ verifier }: TeamsBotDeps, request: RouteRequest): Promise<Believed> {
  if (!verifier) return { ok: false, why: 'HEADROOM_TEAMS_APP_ID is not set' };
  const token = /^bearer +(\S+)$/i.exec(request.header('authorization') ?? '')?.[1];
  if (token === undefined) return { ok: false, why: 'it shows no token' };
  const verdict = await verifier.verify(token);
  if (!verdict.ok) return { ok: false, why: `its token is refused: ${verdict.why}` };
  return { ok: true, caller: verdict.caller, token };
}

/** While the keys of the Bot Framework cannot be read, nobody can be told apart; what is sent again then is taken. */
function unavailable(error: unknown): RouteResponse {
  if (!isRetryable(error)) throw error;
  return errorResponse(503, 'nobody can be told apart now', '', 'try again in a moment');
}

/** Why an activity is not believed, though its bringer is; null where it is. */
function judgeActivity(deps: TeamsBotDeps, caller: TokenCaller, activity: BotActivity): string | null {
  const { serviceUrl, channelId, tenantId, timestamp } = activity;
  if (channelId !== 'msteams' || !speaksFor(caller, activity)) return 'its token does not speak for its activity';
  if (!isTeamsService(serviceUrl, deps.hosts, deps.endpoint)) return 'its service is none of this cloud';
  if (deps.tenantId === undefined || tenantId !== deps.tenantId) return 'of another tenant';
  const timely = judgeTeamsTime(timestamp, deps.ports.clock.now());
  return timely.ok ? null : timely.reason;
}

async function take(deps: TeamsBotDeps, activity: Exclude<BotActivity, Press>): Promise<RouteResponse> {
  const { records, clock } = deps.ports;
  switch (activity.kind) {
    case 'added':
      await notePlace(records, activity, { at: timeNow(clock), added: true });
      // Also where it was known: the first time may have ended between the two.
      await postAnew(deps.ports, 'teams-bot');
      return DONE;
    case 'removed':
      await forgetPlace(records, activity.conversationId);
      return DONE;
    case 'message':
      if (await notePlace(records, activity, { at: timeNow(clock), added: false }))
        await postAnew(deps.ports, 'teams-bot');
      return queueMessage(deps, activity);
    case 'other':
      return DONE;
  }
}

/** The same message sent again is the same job: nothing is answered twice, and what was not queued the first time is then. */
async function queueMessage(
  deps: TeamsBotDeps,
  message: Extract<BotActivity, { kind: 'message' }>,
): Promise<RouteResponse> {
  const { serviceUrl, threadId, timestamp, once, text } = message;
  const standing = await judgeMember(deps, message);
  const ask =
    standing === 'member' ? { text } : { answer: (await refuseMember(deps, message, 'command', standing)).answer };
  await queueJob(deps.ports, {
    person: personOf(message),
    privacy: standing === 'member' ? deps.privacyAt(message.conversationId) : 'minimal',
    ask,
    place: { serviceUrl, conversationId: threadId },
    ...(deps.tenantId === undefined ? {} : { listener: { userId: message.person.userId, tenantId: deps.tenantId } }),
    once: { at: new Date(timestamp).toISOString(), id: once },
  });
  return DONE;
}

async function takePress(
  deps: TeamsBotDeps,
  press: Press,
  token: string,
  refuse: (why: string) => RouteResponse,
): Promise<RouteResponse> {
  const signedAt = new Date(press.timestamp).toISOString();
  const sighting = await sightRequest(deps.ports, { signedAt, signature: token, once: press.once });
  if (sighting === 'replayed') return refuse('sent before');
  if (sighting === 'again') return tell(plainAnswer('This was taken before'));
  const standing = await judgeMember(deps, press);
  if (standing !== 'member') return tell(await refuseMember(deps, press, press.action, standing));
  return answerPress(deps, press);
}
