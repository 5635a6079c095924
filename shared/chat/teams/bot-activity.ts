import * as z from 'zod/mini';
import { cleanLine } from '../plain.ts';
import { parseJson, withoutMarkup } from './activity.ts';
import { TEAMS_INPUTS, VERB } from './buttons.ts';

/** Who wrote or pressed, as Teams says it. */
type TeamsPerson = {
  /** Id of the person for this bot (`29:…`). */
  userId: string;
  /** Entra object id, lower case; empty where Teams does not say. */
  objectId: string;
  name: string;
};

/** What every activity says of itself. */
type About = {
  timestamp: string;
  /** `msteams` */
  channelId: string;
  serviceUrl: string;
  /** Of the channel or chat, without the thread. */
  conversationId: string;
  /** In which answers go: the conversation, and the thread where there is one. */
  threadId: string;
  /** Lower case; null where Teams does not say. */
  tenantId: string | null;
  person: TeamsPerson;
  /** What Teams repeats when it sends the activity again. */
  once: string;
};

/** What Teams sent to the bot, read once; whatever Headroom has no use for is `other`. */
export type BotActivity = About &
  (
    | { kind: 'message'; text: string; inTeam: boolean }
    | {
        kind: 'press';
        action: string;
        incidentId: string /** Of the message that holds the button. */;
        messageId: string;
        input: string;
      }
    /** The app was added to a team or chat, or taken away. */
    | { kind: 'added' | 'removed'; inTeam: boolean }
    | { kind: 'other' }
  );

const short = () => z.string().check(z.maxLength(500));
const account = () => z.object({ id: short(), name: z.nullish(short()), aadObjectId: z.nullish(short()) });

const ACTIVITY = z.object({
  type: short(),
  id: z.optional(short()),
  name: z.nullish(short()),
  action: z.nullish(short()),
  timestamp: short(),
  channelId: short(),
  serviceUrl: short(),
  from: account(),
  recipient: z.object({ id: short() }),
  conversation: z.object({ id: short(), tenantId: z.nullish(short()) }),
  replyToId: z.nullish(short()),
  text: z.nullish(z.string().check(z.maxLength(30_000))),
  entities: z.nullish(z.array(z.unknown()).check(z.maxLength(100))),
  membersAdded: z.nullish(z.array(z.object({ id: short() })).check(z.maxLength(1_000))),
  membersRemoved: z.nullish(z.array(z.object({ id: short() })).check(z.maxLength(1_000))),
  channelData: z.nullish(
    z.object({ tenant: z.nullish(z.object({ id: short() })), team: z.nullish(z.object({ id: z.optional(short()) })) }),
  ),
  value: z.optional(z.unknown()),
});
type Activity = z.infer<typeof ACTIVITY>;

const MENTION = z.object({
  type: z.literal('mention'),
  text: z.string().check(z.minLength(1), z.maxLength(500)),
  mentioned: z.object({ id: short() }),
});

const PRESS = z.object({
  action: z.object({
    type: z.literal('Action.Execute'),
    verb: z.string().check(z.regex(VERB)),
    data: z.looseObject({ incident: z.string().check(z.regex(/^[\w-]{1,64}$/)) }),
  }),
});
const INPUT_MAX = 200;

/** The body of a call by the Bot Framework; null when it is none. */
export function readBotActivity(raw: Uint8Array): BotActivity | null {
  const parsed = z.safeParse(ACTIVITY, parseJson(raw));
  if (!parsed.success) return null;
  const activity = parsed.data;
  const about = aboutOf(activity);
  const inTeam = activity.channelData?.team?.id !== undefined;
  switch (activity.type) {
    case 'message':
      return { ...about, kind: 'message', text: textOf(activity), inTeam };
    case 'invoke':
      return pressOf(about, activity) ?? { ...about, kind: 'other' };
    case 'installationUpdate':
      if (activity.action?.startsWith('add')) return { ...about, kind: 'added', inTeam };
      return { ...about, kind: activity.action?.startsWith('remove') ? 'removed' : 'other', inTeam };
    case 'conversationUpdate': {
      const isUs = ({ id }: { id: string }): boolean => id === activity.recipient.id;
      if (activity.membersAdded?.some(isUs)) return { ...about, kind: 'added', inTeam };
      return { ...about, kind: activity.membersRemoved?.some(isUs) ? 'removed' : 'other', inTeam };
    }
    default:
      return { ...about, kind: 'other' };
  }
}

function aboutOf({ conversation, from, channelData, ...activity }: Activity): About {
  const { timestamp, channelId, serviceUrl, id = '' } = activity;
  const tenantId = channelData?.tenant?.id ?? conversation.tenantId ?? null;
  return {
    timestamp,
    channelId,
    serviceUrl,
    conversationId: conversation.id.replace(/;messageid=.*$/, ''),
    threadId: conversation.id,
    tenantId: tenantId?.toLowerCase() ?? null,
    person: {
      userId: from.id,
      objectId: (from.aadObjectId ?? '').toLowerCase(),
      name: cleanLine(from.name ?? '', 60) || 'somebody on Teams',
    },
    once: `${conversation.id} ${activity.type} ${id === '' ? timestamp : id}`,
  };
}

/** What was typed, without the mention of the bot itself; other people are called by their names. */
function textOf({ text, entities, recipient }: Activity): string {
  let typed = text ?? '';
  for (const entity of entities ?? []) {
    const mention = z.safeParse(MENTION, entity);
    if (mention.success && mention.data.mentioned.id === recipient.id) typed = typed.replaceAll(mention.data.text, ' ');
  }
  return withoutMarkup(typed);
}

function pressOf(about: About, { name, value, replyToId }: Activity): BotActivity | null {
  const press = z.safeParse(PRESS, value);
  if (name !== 'adaptiveCard/action' || !press.success || !replyToId) return null;
  const { verb, data } = press.data.action;
  const action = VERB.exec(verb)?.[1] ?? '';
  const field = action === 'silence' || action === 'assign' ? TEAMS_INPUTS[action] : '';
  const input = field === '' ? '' : data[field];
  return {
    ...about,
    kind: 'press',
    action,
    incidentId: data.incident,
    messageId: replyToId,
    input: typeof input === 'string' ? cleanLine(input, INPUT_MAX) : '',
  };
}
