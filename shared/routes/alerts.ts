import { isRetryable } from '../errors.ts';
import type { Source } from '../model.ts';
import type { ReceiveDeps } from '../pipeline/deps.ts';
import { type Received, receiveAlerts, refuse } from '../pipeline/receive.ts';
import { type Access, createRefusal, type Judged, judgeCaller } from './auth.ts';
import { errorResponse, jsonResponse, type Route, type RouteRequest, type RouteResponse, wrongMethod } from './http.ts';
import { looksLikeSns } from './sns/message.ts';
import { judgeSns, type SnsAccess } from './sns/receive.ts';

export type AlertsRouteDeps = ReceiveDeps & {
  sources: readonly Source[];
  access: Access;
  /** HEADROOM_BODY_BYTES */
  bodyBytes: number;
  /** What SNS needs to be believed; without it, its messages are refused. */
  sns?: SnsAccess;
};

/** Deeper nesting than any sender uses; some parsers and all readers suffer from it. */
const MAX_DEPTH = 64;

/** What AWS calls SNS is read by the source that knows all three CloudWatch envelopes. */
const SOURCE_OF_PATH: Record<string, string> = { azure: 'azure', alertmanager: 'alertmanager', sns: 'cloudwatch' };

/**
 * `POST /api/alerts/{azure|alertmanager|sns}`: 202 `{ incident, incidents }` once everything is durable.
 * Errors are `{ error, path, nextStep? }`: 400 not understood (kept), 401, 404, 405, 413, 415; 503 while the store is down,
 * which action groups and SNS retry.
 */
export function alertsRoute(deps: AlertsRouteDeps): Route {
  const refuseCaller = createRefusal(deps, 'alerts');
  return async (request) => {
    const name = /^\/api\/alerts\/([^/]+)\/?$/.exec(request.path)?.[1] ?? '';
    const source = deps.sources.find((known) => known.name === SOURCE_OF_PATH[name]);
    if (!source) return errorResponse(404, `no alert source named '${name.slice(0, 40)}'`, '', nameSources());
    if (request.method !== 'POST') return wrongMethod('alerts are sent by POST', 'POST');
    try {
      const judged = await judgeCaller(request, deps.access, { query: name === 'azure' });
      // SNS carries no token of ours: its signature is what lets it in.
      if (!judged.allowed && name !== 'sns') return refuseCaller(judged.why);
      return await take({ ...deps, refuseCaller }, request, source, { judged, sns: name === 'sns' });
    } catch (error) {
      deps.log.error('receive-failed', {
        source: source.name,
        error: error instanceof Error ? error.message : 'unknown',
      });
      const next = isRetryable(error)
        ? 'send it again; nothing was lost'
        : 'send it again and see the log of this process';
      return errorResponse(503, 'the alert could not be taken in', '', next);
    }
  };
}

function nameSources(): string {
  return `send to /api/alerts/${Object.keys(SOURCE_OF_PATH).join(', /api/alerts/')}`;
}

type TakeDeps = AlertsRouteDeps & { refuseCaller(why: string): RouteResponse };

async function take(
  deps: TakeDeps,
  request: RouteRequest,
  source: Source,
  caller: { judged: Judged; sns: boolean },
): Promise<RouteResponse> {
  const type = (request.header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const body = await request.body(deps.bodyBytes);
  const tooLarge = !(body instanceof Uint8Array);
  const raw = tooLarge ? body.head : body;
  if (caller.sns) {
    const parsed = tooLarge ? null : parseJson(raw);
    if (parsed?.ok && looksLikeSns(parsed.value)) return takeSns(deps, { source, body: parsed.value, raw });
    // Nothing is kept for a caller who is not known (field-notes 23).
    if (!caller.judged.allowed) return deps.refuseCaller(caller.judged.why);
  }
  const bytes = tooLarge ? Math.max(body.bytes, declaredBytes(request)) : raw.byteLength;
  const kept = { source: source.name, raw, bytes, path: '' };
  if (tooLarge) {
    const error = `the body is longer than ${deps.bodyBytes} bytes`;
    return answer(413, await refuse(deps, { ...kept, error, nextStep: 'raise HEADROOM_BODY_BYTES or send less' }));
  }
  if (!isJsonType(type)) {
    const error = `content type '${type.slice(0, 80)}' is not JSON`;
    return answer(415, await refuse(deps, { ...kept, error, nextStep: 'send application/json' }));
  }
  const parsed = parseJson(raw);
  if (!parsed.ok) return answer(400, await refuse(deps, { ...kept, error: parsed.error }));
  return answer(400, await receiveAlerts(deps, { source, body: parsed.value, raw }));
}

/** What the sender says; counting ends where reading does. */
function declaredBytes(request: RouteRequest): number {
  const declared = request.header('content-length') ?? '';
  return /^\d{1,12}$/.test(declared) ? Number(declared) : 0;
}

async function takeSns(
  deps: TakeDeps,
  input: { source: Source; body: unknown; raw: Uint8Array },
): Promise<RouteResponse> {
  const judged = await judgeSns(deps, deps.sns, input.body);
  if (judged.believed === 'no') return deps.refuseCaller(judged.why);
  if (judged.believed === 'done') return judged.response;
  const response = answer(400, await receiveAlerts(deps, input));
  await judged.remember();
  return response;
}

/** 202 for what was taken in, else the given status. */
function answer(refusedStatus: number, received: Received): RouteResponse {
  if (received.ok) return jsonResponse(202, { incident: received.incidents[0], incidents: received.incidents });
  return errorResponse(refusedStatus, received.error, received.path, received.nextStep);
}

/** SNS sends its JSON as text/plain. */
function isJsonType(type: string): boolean {
  return type === '' || type === 'text/plain' || /^application\/([a-z0-9.+-]+\+)?json$/.test(type);
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function parseJson(raw: Uint8Array): { ok: true; value: unknown } | { ok: false; error: string } {
  if (raw.byteLength === 0) return { ok: false, error: 'the body is empty' };
  try {
    const text = decoder.decode(raw);
    if (isTooDeep(text)) return { ok: false, error: `the body is nested deeper than ${MAX_DEPTH} levels` };
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, error: 'the body is not JSON' };
  }
}

/** Told before parsing, so that no reader downstream has to be written for it. */
function isTooDeep(text: string): boolean {
  // Most payloads have fewer brackets than the bound allows levels, and need no walk.
  return !hasAtMost(text, MAX_DEPTH) && isNestedDeeper(text);
}

function hasAtMost(text: string, brackets: number): boolean {
  let found = 0;
  for (const bracket of ['{', '['])
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      found += 1;
      if (found > brackets) return false;
    }
  return true;
}

function isNestedDeeper(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 92) i += 1;
      else if (code === 34) inString = false;
    } else if (code === 34) inString = true;
    else if (code === 123 || code === 91) {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (code === 125 || code === 93) depth -= 1;
  }
  return false;
}
