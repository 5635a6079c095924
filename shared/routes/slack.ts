import { readSlackCommand, readSlackInteraction, type SlackRequest } from '../chat/slack/request.ts';
import { isSlackHook } from '../chat/slack/response-url.ts';
import { verifySlack } from '../chat/slack/verify.ts';
import { type Sighting, sightRequest } from '../pipeline/once.ts';
import { createRefusal } from './auth.ts';
import { errorResponse, jsonResponse, type Route, type RouteRequest, type RouteResponse, wrongMethod } from './http.ts';
import { answerCommand } from './slack/commands.ts';
import { DONE, type SlackRouteDeps } from './slack/deps.ts';
import { answerPress, answerSubmission } from './slack/interactions.ts';
import { judgePerson, refusePerson } from './slack/standing.ts';

const READERS: Record<string, (raw: Uint8Array) => SlackRequest | null> = {
  '/api/slack/commands': readSlackCommand,
  '/api/slack/interactions': readSlackInteraction,
};

/**
 * `POST /api/slack/commands` and `/api/slack/interactions`: answered within Slack's 3 s; what takes longer is answered by
 * the queue. 413 over the bound, before anything else is looked at; whoever is not Slack gets the same 401 whatever is
 * wrong, and the log the reason; 400 for what Slack never sends. A person who may not do what they ask gets 200 and the
 * reason, for them alone.
 */
export function slackRoute(deps: SlackRouteDeps): Route {
  const refuseCaller = createRefusal(deps.ports, 'slack');
  return async (request) => {
    const read = READERS[request.path.replace(/\/$/, '')];
    if (!read) return errorResponse(404, 'there is nothing here', '', `there is ${Object.keys(READERS).join(', ')}`);
    if (request.method !== 'POST') return wrongMethod('Slack sends by POST', 'POST');
    const body = await request.body(deps.bodyBytes);
    if (!(body instanceof Uint8Array)) return errorResponse(413, `the body is longer than ${deps.bodyBytes} bytes`);
    const believed = believe(deps, request, body);
    if (!believed.ok) return refuseCaller(believed.reason);
    const asked = read(body);
    if (!asked) return errorResponse(400, 'this is nothing that Slack sends');
    if (asked.kind === 'challenge') return jsonResponse(200, { challenge: asked.challenge });
    if (asked.kind === 'ssl-check' || asked.kind === 'other') return DONE;
    const sighting = await sight(deps, asked, believed);
    if (sighting === 'replayed') return refuseCaller('sent before');
    return sighting === 'again' ? DONE : take(deps, asked);
  };
}

type Believed = { ok: true; signature?: string; signedAtMs: number } | { ok: false; reason: string };

function believe({ access, ports }: SlackRouteDeps, request: RouteRequest, raw: Uint8Array): Believed {
  const nowMs = ports.clock.now();
  if (access.kind === 'closed') return { ok: false, reason: 'HEADROOM_SLACK_SIGNING_SECRET is not set' };
  if (access.kind === 'open') return { ok: true, signedAtMs: nowMs };
  const timestamp = request.header('x-slack-request-timestamp');
  const signature = request.header('x-slack-signature');
  const verified = verifySlack({ secrets: access.secrets, timestamp, signature, raw, nowMs });
  if (!verified.ok) return verified;
  return { ok: true, signedAtMs: verified.signedAtMs, ...(signature === undefined ? {} : { signature }) };
}

type Asked = SlackRequest & { kind: 'command' | 'press' | 'submission' };

async function take(deps: SlackRouteDeps, asked: Asked): Promise<RouteResponse> {
  if (asked.kind !== 'submission' && !isSlackHook(asked.responseUrl, deps.endpoint)) {
    deps.ports.log.warn('chat-address-refused', { platform: 'slack', person: asked.person.user });
    return errorResponse(400, 'the address for answers is not one of Slack', 'response_url');
  }
  const standing = await judgePerson(deps, asked.person);
  if (standing !== 'member') return refusePerson(deps, asked, standing);
  switch (asked.kind) {
    case 'command':
      return answerCommand(deps, asked);
    case 'press':
      return answerPress(deps, asked);
    case 'submission':
      return answerSubmission(deps, asked);
  }
}

/** Without a signature (loopback) nothing can be told to be a replay. */
async function sight(
  { ports }: SlackRouteDeps,
  asked: Asked,
  { signature, signedAtMs }: Believed & { ok: true },
): Promise<Sighting> {
  if (signature === undefined) return 'first';
  const once = asked.kind === 'submission' ? signature : asked.once;
  return sightRequest(ports, { signedAt: new Date(signedAtMs).toISOString(), signature, once });
}
