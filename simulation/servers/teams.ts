import { type Answered, type FaultyServer, type Received, startFaultyServer } from './faulty-server.ts';

/**
 * A Teams channel behind a Workflows webhook ("When a Teams webhook request is received"): the trigger answers 202 at
 * once, and what the flow then cannot post, too large or without a card, is lost without a word.
 */
export type TeamsServer = FaultyServer & {
  url: string;
  /** Cards that were posted, oldest first. */
  posts: unknown[];
  /** Messages that were answered 202 and then dropped, with the reason. */
  dropped: string[];
};

const PATH = '/workflows/0123456789abcdef/triggers/manual/paths/invoke';
const SIGNATURE = 'simulated-workflow-signature';
/** @see Teams webhooks: 28 KB for the whole message */
const MAX_MESSAGE_BYTES = 28 * 1024;

export async function startTeamsServer(): Promise<TeamsServer> {
  const posts: unknown[] = [];
  const dropped: string[] = [];

  function handle(request: Received): Answered {
    const [path = '', query = ''] = request.path.split('?', 2);
    if (path !== PATH) return fail(404, 'WorkflowNotFound', 'The workflow could not be found.');
    if (request.method !== 'POST') return fail(405, 'MethodNotAllowed', 'The trigger takes POST alone.');
    if (new URLSearchParams(query).get('sig') !== SIGNATURE)
      return fail(401, 'DirectApiAuthorizationRequired', 'The request must be authenticated by a signature.');
    if (!(request.headers['content-type'] ?? '').includes('application/json'))
      return fail(400, 'TriggerInputSchemaMismatch', 'The input body for trigger did not match its schema.');
    const body = parse(request.body);
    if (body === undefined) return fail(400, 'InvalidRequestContent', 'The request content is not valid JSON.');
    const bytes = Buffer.byteLength(request.body);
    const card = cardOf(body);
    if (bytes > MAX_MESSAGE_BYTES) dropped.push(`${bytes} bytes`);
    else if (card === undefined) dropped.push('no adaptive card');
    else posts.push(card);
    return { status: 202, body: '' };
  }

  const server = await startFaultyServer(handle);
  const url = `${server.origin}${PATH}?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=${SIGNATURE}`;
  return Object.assign(server, { url, posts, dropped });
}

function cardOf(body: unknown): unknown {
  if (!isRecord(body) || body['type'] !== 'message' || !Array.isArray(body['attachments'])) return undefined;
  const attachment: unknown = body['attachments'][0];
  if (!isRecord(attachment) || attachment['contentType'] !== 'application/vnd.microsoft.card.adaptive')
    return undefined;
  return attachment['content'];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fail(status: number, code: string, message: string): Answered {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ error: { code, message } }),
  };
}
