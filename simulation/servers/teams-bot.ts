import { type Answered, type FaultyServer, type Received, startFaultyServer } from './faulty-server.ts';

/**
 * The Bot Framework connector as Teams serves it to one bot: posts, updates in place, replies in threads, and who is in a
 * conversation. It checks the token's presence, that the bot was added, sizes, and how much one thread takes in a second.
 *
 * @see https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
 */
export type TeamsBotServer = FaultyServer & {
  /** As activities name it: `http://127.0.0.1:<port>/amer/`. */
  serviceUrl: string;
  /** A channel that the bot was added to. */
  channel: string;
  /** What stands anywhere, oldest first; an update changes it in place. */
  messages: TeamsBotMessage[];
  /** Who is there, by the id that Teams gives people. */
  members: Map<string, { tenantId: string; userRole: string }>;
  /** What one person alone was told in a conversation; not among the messages. */
  whispers: { to: string; conversation: string; activity: Record<string, unknown> }[];
  /** Whether Teams shows messages to one person of a conversation alone. */
  targets: boolean;
  /** People who have a chat with the bot, or may be given one; by the id of that chat. */
  chats: Map<string, string>;
  /** Takes a message away, as a person would. */
  remove(id: string): void;
};

export type TeamsBotMessage = {
  id: string;
  /** With `;messageid=…` for a reply. */
  conversation: string;
  activity: Record<string, unknown>;
  edits: number;
};

export type TeamsBotServerOptions = {
  /** Epoch milliseconds; without it nothing is refused for coming too fast. */
  now?: () => number;
};

export const TENANT = '22222222-2222-2222-2222-222222222222';
const CHANNEL = '19:0headroom0simulated@thread.tacv2';
/** @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages#size */
const MAX_ACTIVITY_BYTES = 28 * 1024;
/** Operations in one thread within a second. @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit */
const PER_SECOND = 7;

export async function startTeamsBotServer(options: TeamsBotServerOptions = {}): Promise<TeamsBotServer> {
  const messages: TeamsBotMessage[] = [];
  const members: TeamsBotServer['members'] = new Map();
  const sent = new Map<string, number[]>();
  let count = 0;

  function handle(request: Received): Answered {
    if (!/^Bearer \S+$/.test(request.headers.authorization ?? '')) return fail(401, 'Unauthorized');
    const [prefix, conversations, rawId = '', kind, rawItem, ...more] = pathOf(request.path);
    if (prefix !== 'v3' || conversations !== 'conversations' || more.length > 0) return fail(404, 'NotFound');
    if (rawId === '') return begin(request.body);
    const conversation = decodeURIComponent(rawId);
    const isChat = [...server.chats.values()].includes(conversation);
    if (!conversation.startsWith(CHANNEL) && !isChat) return fail(403, 'BotNotInConversationRoster');
    const item = rawItem === undefined ? undefined : decodeURIComponent(rawItem);
    if (kind === 'members' && request.method === 'GET') return member(item);
    if (kind !== 'activities') return fail(404, 'NotFound');
    if (isTooFast(conversation)) return fail(429, 'Throttled', { 'retry-after': '1' });
    const activity = readActivity(request.body);
    if (typeof activity === 'string') return fail(activity === 'MessageSizeTooBig' ? 413 : 400, activity);
    const isTargeted = new URLSearchParams(request.path.split('?')[1]).get('isTargetedActivity') === 'true';
    if (isTargeted) return whisper(conversation, activity);
    if (request.method === 'POST' && item === undefined) return post(conversation, activity);
    return request.method === 'PUT' && item !== undefined ? update(item, activity) : fail(405, 'MethodNotAllowed');
  }

  function member(id = ''): Answered {
    const known = members.get(id);
    if (!known) return fail(404, 'MemberNotFoundInConversation');
    return json(200, { id, name: id, ...known });
  }

  function isTooFast(conversation: string): boolean {
    if (!options.now) return false;
    const now = options.now();
    const lately = (sent.get(conversation) ?? []).filter((at) => now - at < 1_000);
    if (lately.length < PER_SECOND) lately.push(now);
    else return true;
    sent.set(conversation, lately);
    return false;
  }

  function post(conversation: string, activity: Record<string, unknown>): Answered {
    count += 1;
    const id = String(1_795_000_000_000 + count);
    messages.push({ id, conversation, activity, edits: 0 });
    return json(201, { id });
  }

  /** For one person of the conversation, whom the activity has to name. */
  function whisper(conversation: string, activity: Record<string, unknown>): Answered {
    const to = isRecord(activity['recipient']) ? String(activity['recipient']['id']) : '';
    if (!server.targets || !conversation.startsWith(CHANNEL)) return fail(400, 'BadArgument');
    if (to === '') return fail(400, 'BadArgument');
    server.whispers.push({ to, conversation, activity });
    return json(201, { id: `w${server.whispers.length}` });
  }

  /** The chat of one person and the bot; refused where the app may not speak to that person. */
  function begin(body: string): Answered {
    const { members = [], tenantId }: { members?: { id: string }[]; tenantId?: string } = JSON.parse(body);
    const chat = server.chats.get(members[0]?.id ?? '');
    if (tenantId !== TENANT || members.length !== 1) return fail(400, 'BadSyntax');
    return chat === undefined ? fail(403, 'ForbiddenOperationException') : json(201, { id: chat });
  }

  function update(id: string, activity: Record<string, unknown>): Answered {
    const message = messages.find((one) => one.id === id);
    if (!message) return fail(404, 'ActivityNotFoundInConversation');
    message.activity = activity;
    message.edits += 1;
    return json(200, { id });
  }

  const started = await startFaultyServer(handle);
  const server: TeamsBotServer = Object.assign(started, {
    whispers: [],
    targets: true,
    chats: new Map<string, string>(),
    serviceUrl: `${started.origin}/amer/`,
    channel: CHANNEL,
    messages,
    members,
    remove(id: string) {
      const at = messages.findIndex((one) => one.id === id);
      if (at >= 0) messages.splice(at, 1);
    },
  });
  return server;
}

/** Behind the region, with which every path begins. */
function pathOf(path: string): string[] {
  return (path.split('?', 1)[0] ?? '').split('/').slice(2);
}

function readActivity(body: string): Record<string, unknown> | 'BadSyntax' | 'MessageSizeTooBig' {
  if (Buffer.byteLength(body) > MAX_ACTIVITY_BYTES) return 'MessageSizeTooBig';
  try {
    const value: unknown = JSON.parse(body);
    return isRecord(value) && value['type'] === 'message' ? value : 'BadSyntax';
  } catch {
    return 'BadSyntax';
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fail(status: number, code: string, headers: Record<string, string> = {}): Answered {
  return { ...json(status, { error: { code, message: 'simulated' } }), headers: { ...headers, ...JSON_TYPE } };
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

function json(status: number, value: unknown): Answered {
  return { status, headers: JSON_TYPE, body: JSON.stringify(value) };
}
