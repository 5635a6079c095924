import { type Answered, type FaultyServer, type Received, startFaultyServer } from './faulty-server.ts';
import { createDesk, isHookPath, type SlackDeskServer, TEAM } from './slack-desk.ts';

/**
 * The part of Slack that Headroom speaks to: incoming webhooks, chat.postMessage, chat.update, conversations.history
 * with message metadata, views.open, and the addresses that answers go to. It checks the token, the channel and the coarse limits of Block Kit, and answers with Slack's
 * own error codes and status codes.
 * @see https://docs.slack.dev/reference/methods/chat.postMessage and https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export type SlackServer = FaultyServer & {
  /** Base of the Web API, to be given as `HEADROOM_SLACK_ENDPOINT`. */
  endpoint: string;
  webhookUrl: string;
  token: string;
  channel: string;
  /** What stands in the channel, oldest first; an edit changes it in place. */
  messages: SlackMessage[];
  /** What stands in threads below messages, oldest first. */
  replies: { thread: string; text: string; blocks: unknown[] }[];
  /** Takes a message away, as a person would. */
  remove(ts: string): void;
  /** What people in the workspace do, and what they alone see. */
  desk: SlackDeskServer;
};

type SlackMessage = {
  ts: string;
  text: string;
  blocks: unknown[];
  metadata?: { event_type: string; event_payload: Record<string, unknown> };
  edits: number;
};

export type SlackServerOptions = {
  /** Whether the token has the `channels:history` scope; default true. */
  history?: boolean;
  /** Whether chart blocks are taken; default true. */
  nativeCharts?: boolean;
  /** Epoch milliseconds, for message timestamps. */
  now?: () => number;
};

const TOKEN = 'xoxb-0000-simulated';
const CHANNEL = 'C0HEADROOM';
const WEBHOOK_PATH = '/services/T0000/B0000/simulatedwebhooksecret';
const MAX_BLOCKS = 50;
const MAX_BLOCKS_JSON = 13_200;

export async function startSlackServer(options: SlackServerOptions = {}): Promise<SlackServer> {
  const messages: SlackMessage[] = [];
  const replies: SlackServer['replies'] = [];
  const now = options.now ?? Date.now;
  const desk = createDesk(now, (fields) => refusal(fields, options.nativeCharts ?? true));
  let counter = 0;

  function nextTs(): string {
    counter += 1;
    return `${Math.floor(now() / 1000)}.${String(counter).padStart(6, '0')}`;
  }

  function handle(request: Received): Answered {
    const path = request.path.split('?', 1)[0] ?? '';
    if (path === WEBHOOK_PATH) return webhook(request);
    if (path.startsWith('/services/')) return plain(404, 'no_service');
    if (isHookPath(path)) return desk.hear(path, jsonRecord(request.body));
    if (!path.startsWith('/api/')) return plain(404, 'not found');
    if (tokenOf(request) !== TOKEN) return api({ ok: false, error: tokenOf(request) ? 'invalid_auth' : 'not_authed' });
    const fields = fieldsOf(request);
    switch (path.slice('/api/'.length)) {
      case 'auth.test':
        return withScopes(api({ ok: true, team: 'simulated', team_id: TEAM, user: 'headroom' }), options);
      case 'views.open':
        return api(desk.open(fields));
      case 'chat.postMessage':
        return post(fields);
      case 'chat.update':
        return update(fields);
      case 'conversations.history':
        return history(fields);
      default:
        return api({ ok: false, error: 'unknown_method' });
    }
  }

  function webhook(request: Received): Answered {
    const fields = jsonRecord(request.body);
    if (!fields) return plain(400, 'invalid_payload');
    const refused = refusal(fields, options.nativeCharts ?? true);
    if (refused) return plain(400, refused);
    messages.push({ ts: nextTs(), text: String(fields['text'] ?? ''), blocks: blocksOf(fields), edits: 0 });
    return plain(200, 'ok');
  }

  function post(fields: Record<string, unknown>): Answered {
    if (fields['channel'] !== CHANNEL) return api({ ok: false, error: 'channel_not_found' });
    const refused = refusal(fields, options.nativeCharts ?? true);
    if (refused) return api({ ok: false, error: refused });
    if (fields['thread_ts'] !== undefined) return answerBelow(fields);
    const message: SlackMessage = {
      ts: nextTs(),
      text: String(fields['text'] ?? ''),
      blocks: blocksOf(fields),
      edits: 0,
      ...metadataOf(fields),
    };
    messages.push(message);
    return api({ ok: true, channel: CHANNEL, ts: message.ts, message });
  }

  function answerBelow(fields: Record<string, unknown>): Answered {
    const parent = messages.find(({ ts }) => ts === fields['thread_ts']);
    if (!parent) return api({ ok: false, error: 'thread_not_found' });
    replies.push({ thread: parent.ts, text: String(fields['text'] ?? ''), blocks: blocksOf(fields) });
    return api({ ok: true, channel: CHANNEL, ts: nextTs() });
  }

  function update(fields: Record<string, unknown>): Answered {
    const message = messages.find((candidate) => candidate.ts === fields['ts']);
    if (fields['channel'] !== CHANNEL) return api({ ok: false, error: 'channel_not_found' });
    if (!message) return api({ ok: false, error: 'message_not_found' });
    const refused = refusal(fields, options.nativeCharts ?? true);
    if (refused) return api({ ok: false, error: refused });
    Object.assign(message, { text: String(fields['text'] ?? ''), blocks: blocksOf(fields), edits: message.edits + 1 });
    Object.assign(message, metadataOf(fields));
    return api({ ok: true, channel: CHANNEL, ts: message.ts, text: message.text });
  }

  function history(fields: Record<string, unknown>): Answered {
    if (options.history === false)
      return api({ ok: false, error: 'missing_scope', needed: 'channels:history', provided: 'chat:write' });
    if (fields['channel'] !== CHANNEL) return api({ ok: false, error: 'channel_not_found' });
    const oldest = Number(fields['oldest'] ?? 0);
    const limit = Math.min(999, Number(fields['limit'] ?? 100));
    const from = Number(fields['cursor'] ?? 0);
    const matching = messages.filter((message) => Number(message.ts) > oldest).reverse();
    const page = matching.slice(from, from + limit);
    const more = from + limit < matching.length;
    const shown = page.map(({ metadata, ...message }) =>
      isTrue(fields['include_all_metadata']) && metadata ? { ...message, metadata } : message,
    );
    return api({
      ok: true,
      messages: shown,
      has_more: more,
      response_metadata: { next_cursor: more ? String(from + limit) : '' },
    });
  }

  const server = await startFaultyServer(handle);
  return Object.assign(server, {
    endpoint: server.origin,
    webhookUrl: server.origin + WEBHOOK_PATH,
    token: TOKEN,
    channel: CHANNEL,
    messages,
    replies,
    desk: desk.of(server.origin),
    remove: (ts: string) => {
      const index = messages.findIndex((message) => message.ts === ts);
      if (index >= 0) messages.splice(index, 1);
    },
  });
}

/** The error code with which Slack refuses the content; undefined when it takes it. */
function refusal(fields: Record<string, unknown>, nativeCharts: boolean): string | undefined {
  const blocks = blocksOf(fields);
  if (blocks.length === 0 && String(fields['text'] ?? '') === '') return 'no_text';
  if (blocks.length > MAX_BLOCKS) return 'invalid_blocks';
  if (JSON.stringify(blocks).length > MAX_BLOCKS_JSON) return 'msg_blocks_too_long';
  const types = blocks.map((block) => (isRecord(block) ? block['type'] : undefined));
  if (types.some((type) => typeof type !== 'string')) return 'invalid_blocks';
  if (!nativeCharts && types.includes('data_visualization')) return 'invalid_blocks';
  return undefined;
}

function blocksOf(fields: Record<string, unknown>): unknown[] {
  const blocks = typeof fields['blocks'] === 'string' ? parse(fields['blocks']) : fields['blocks'];
  return Array.isArray(blocks) ? blocks : [];
}

function metadataOf(fields: Record<string, unknown>): Pick<SlackMessage, 'metadata'> {
  const value = typeof fields['metadata'] === 'string' ? parse(fields['metadata']) : fields['metadata'];
  if (!isRecord(value) || typeof value['event_type'] !== 'string' || !isRecord(value['event_payload'])) return {};
  return { metadata: { event_type: value['event_type'], event_payload: value['event_payload'] } };
}

function tokenOf(request: Received): string | undefined {
  return /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
}

function fieldsOf(request: Received): Record<string, unknown> {
  if ((request.headers['content-type'] ?? '').includes('json')) return jsonRecord(request.body) ?? {};
  return Object.fromEntries(new URLSearchParams(request.body));
}

function jsonRecord(text: string): Record<string, unknown> | undefined {
  const value = parse(text);
  return isRecord(value) ? value : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true' || value === '1';
}

function plain(status: number, body: string): Answered {
  return { status, headers: { 'content-type': 'text/html' }, body };
}

/** Slack tells the token's scopes with each answer. */
function withScopes(answered: Answered, { history = true }: SlackServerOptions): Answered {
  const scopes = ['chat:write', 'commands', ...(history ? ['channels:history'] : [])];
  return { ...answered, headers: { ...answered.headers, 'x-oauth-scopes': scopes.join(',') } };
}

/** The Web API answers 200 also to what it refuses. */
function api(body: Record<string, unknown>): Answered {
  return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}
