import * as z from 'zod/mini';
import { cleanLine } from '../plain.ts';

/** Who pressed or typed. `team` is the person's own workspace, `home` the one that the request came from. */
export type SlackPerson = { team: string; user: string; name: string; home: string };

/** What Slack sent, read once; whatever Headroom has no use for is `other`, which is acknowledged and nothing else. */
export type SlackRequest =
  | { kind: 'ssl-check' }
  | { kind: 'challenge'; challenge: string }
  | { kind: 'command'; person: SlackPerson; channel: string; text: string; responseUrl: string; once: string }
  | {
      kind: 'press';
      person: SlackPerson;
      channel: string;
      /** Of the message that holds the button. */
      messageTs: string;
      action: string;
      incidentId: string;
      responseUrl: string;
      triggerId: string;
      once: string;
    }
  | {
      kind: 'submission';
      person: SlackPerson;
      action: string;
      incidentId: string;
      /** What was typed or chosen, by block. */
      values: Record<string, string>;
    }
  | { kind: 'other' };

/** What a button of ours is called: `headroom:ack`. */
const OUR_ACTION = /^headroom:([a-z-]{1,40})$/;

const short = () => z.string().check(z.maxLength(255));
const id = () => z.string().check(z.regex(/^[A-Z0-9]{1,40}$/));
const url = () => z.string().check(z.maxLength(3000));

const COMMAND = z.object({
  team_id: id(),
  user_id: id(),
  user_name: z._default(short(), ''),
  channel_id: id(),
  text: z._default(z.string().check(z.maxLength(8000)), ''),
  response_url: url(),
  trigger_id: short(),
});

const USER = z.object({
  id: id(),
  name: z.optional(short()),
  username: z.optional(short()),
  team_id: z.optional(id()),
});
const TEAM = z.nullish(z.object({ id: id() }));

const PRESS = z.object({
  type: z.literal('block_actions'),
  user: USER,
  team: TEAM,
  channel: z.object({ id: id() }),
  container: z.object({ message_ts: short() }),
  actions: z
    .array(z.object({ action_id: short(), value: z.optional(z.string().check(z.maxLength(2000))), action_ts: short() }))
    .check(z.minLength(1)),
  response_url: url(),
  trigger_id: short(),
});

const STATE = z.object({
  type: z.string(),
  value: z.nullish(z.string().check(z.maxLength(3000))),
  selected_option: z.nullish(z.object({ value: short() })),
});
const SUBMISSION = z.object({
  type: z.literal('view_submission'),
  user: USER,
  team: TEAM,
  view: z.object({
    callback_id: short(),
    private_metadata: z.string().check(z.maxLength(3000)),
    state: z.object({ values: z.record(z.string(), z.record(z.string(), STATE)) }),
  }),
});
const CHALLENGE = z.object({ type: z.literal('url_verification'), challenge: z.string().check(z.maxLength(500)) });

/** The body of a slash command, as a form. Null when it is none. */
export function readSlackCommand(raw: Uint8Array): SlackRequest | null {
  const form = readForm(raw);
  if (form === null) return readChallenge(raw);
  if (form.get('ssl_check') === '1') return { kind: 'ssl-check' };
  const parsed = z.safeParse(COMMAND, Object.fromEntries(form));
  if (!parsed.success) return null;
  const {
    team_id: team,
    user_id: user,
    user_name: name,
    channel_id: channel,
    text,
    response_url,
    trigger_id,
  } = parsed.data;
  const person = { team, user, name: nameOf(name, user), home: team };
  return { kind: 'command', person, channel, text: plainText(text), responseUrl: response_url, once: trigger_id };
}

/** The body of an interaction: a form with the JSON in `payload`. Null when it is none. */
export function readSlackInteraction(raw: Uint8Array): SlackRequest | null {
  const form = readForm(raw);
  if (form === null) return readChallenge(raw);
  if (form.get('ssl_check') === '1') return { kind: 'ssl-check' };
  const payload = parseJson(form.get('payload') ?? '');
  const type = typeof payload === 'object' && payload !== null && 'type' in payload ? payload.type : undefined;
  if (typeof type !== 'string') return null;
  if (type === 'block_actions') return readPress(payload);
  return type === 'view_submission' ? readSubmission(payload) : { kind: 'other' };
}

function readPress(payload: unknown): SlackRequest {
  const parsed = z.safeParse(PRESS, payload);
  // A press elsewhere than on a message, or of a menu: nothing of ours.
  if (!parsed.success) return { kind: 'other' };
  const { user, team, channel, container, actions, response_url, trigger_id } = parsed.data;
  const [pressed] = actions;
  const action = OUR_ACTION.exec(pressed?.action_id ?? '')?.[1];
  if (!pressed || action === undefined) return { kind: 'other' };
  return {
    kind: 'press',
    person: personOf(user, team?.id),
    channel: channel.id,
    messageTs: container.message_ts,
    action,
    incidentId: pressed.value ?? '',
    responseUrl: response_url,
    triggerId: trigger_id,
    once: `${trigger_id} ${pressed.action_ts}`,
  };
}

function readSubmission(payload: unknown): SlackRequest | null {
  const parsed = z.safeParse(SUBMISSION, payload);
  if (!parsed.success) return null;
  const { user, team, view } = parsed.data;
  const action = OUR_ACTION.exec(view.callback_id)?.[1];
  if (action === undefined) return { kind: 'other' };
  const values = Object.entries(view.state.values).flatMap(([block, inputs]) => {
    const [state] = Object.values(inputs);
    const value = state?.selected_option?.value ?? state?.value;
    return typeof value === 'string' ? [[block, value]] : [];
  });
  return {
    kind: 'submission',
    person: personOf(user, team?.id),
    action,
    incidentId: view.private_metadata,
    values: Object.fromEntries(values),
  };
}

function personOf(user: z.infer<typeof USER>, home: string | undefined): SlackPerson {
  const team = user.team_id ?? home ?? '';
  return { team, user: user.id, name: nameOf(user.name ?? user.username ?? '', user.id), home: home ?? team };
}

function nameOf(name: string, user: string): string {
  return cleanLine(name, 60) || user;
}

function readChallenge(raw: Uint8Array): SlackRequest | null {
  const parsed = z.safeParse(CHALLENGE, parseJson(textOf(raw) ?? ''));
  return parsed.success ? { kind: 'challenge', challenge: parsed.data.challenge } : null;
}

/** Null for JSON, and for bytes that are no text. */
function readForm(raw: Uint8Array): URLSearchParams | null {
  const text = textOf(raw);
  return text === null || text.trimStart().startsWith('{') ? null : new URLSearchParams(text);
}

function textOf(raw: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(raw);
  } catch {
    return null;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** As it was typed: links and people that Slack has marked up become their words again, entities their characters. */
function plainText(text: string): string {
  return text
    .replace(/<@[UW][A-Z0-9]+\|([^<>]*)>/g, '@$1')
    .replace(/<#[CG][A-Z0-9]+\|([^<>]*)>/g, '#$1')
    .replace(/<(?:https?:\/\/|mailto:)[^<>|]*\|([^<>]*)>/g, '$1')
    .replace(/<((?:https?:\/\/|mailto:)[^<>|]*)>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
