import { createHmac } from 'node:crypto';
import type { SlackServer } from './slack.ts';
import { type OpenedView, TEAM } from './slack-desk.ts';

export type SlackPeopleOptions = {
  slack: SlackServer;
  /** Where the app listens: `http://127.0.0.1:7071`. */
  app: string;
  /** HEADROOM_SLACK_SIGNING_SECRET */
  signingSecret: string;
  /** Epoch milliseconds, for signatures. */
  now?: () => number;
};

/** What Slack shows to who did something: the app's answer, or that it did not come in time. */
export type Shown = { status: number; body: string; ms: number } | 'operation_timeout';

/** Prepared, so that it can be sent more than once, and in another order than it was done. */
export type Deed = {
  send(): Promise<Shown>;
  /** What Slack would send now. */
  request(): SlackCall;
  /** Where later answers go. */
  hook: string | null;
};

export type SlackCall = { path: string; headers: Record<string, string>; body: string };

export type Who = { user: string; name: string; team?: string };

/** @see https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response */
const ACKNOWLEDGED_WITHIN_MS = 3_000;

const SOMEBODY: Who = { user: 'U0ALEX', name: 'alex' };

/** People of a workspace that the app is installed in: what they type and press reaches the app as Slack sends it, signed. */
export function slackPeople(options: SlackPeopleOptions) {
  const { slack, signingSecret, now = Date.now } = options;

  function sign(path: string, body: string): SlackCall {
    const timestamp = String(Math.floor(now() / 1000));
    const signature = `v0=${createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signature,
    };
    return { path, headers, body };
  }

  async function send({ path, headers, body }: SlackCall): Promise<Shown> {
    const startedMs = performance.now();
    try {
      const signal = AbortSignal.timeout(ACKNOWLEDGED_WITHIN_MS);
      const url = new URL(path, options.app);
      const answer = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
      return { status: answer.status, body: await answer.text(), ms: performance.now() - startedMs };
    } catch {
      return 'operation_timeout';
    }
  }

  function deed(path: string, body: string, hook: string | null): Deed {
    const request = () => sign(path, body);
    return { hook, request, send: () => send(request()) };
  }

  const interaction = (payload: object) => new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const people = ({ user, name, team = TEAM }: Who) => ({
    user: { id: user, username: name, name, team_id: team },
    team: { id: TEAM, domain: 'simulated' },
  });

  return {
    types(text: string, who: Who = SOMEBODY): Deed {
      const hook = slack.desk.newHook('commands');
      const body = new URLSearchParams({
        token: 'legacy',
        team_id: who.team ?? TEAM,
        channel_id: slack.channel,
        user_id: who.user,
        user_name: who.name,
        command: '/headroom',
        text,
        response_url: hook,
        trigger_id: slack.desk.newTrigger(),
      }).toString();
      return deed('/api/slack/commands', body, hook);
    },
    /** A button that stands in the message. */
    presses(message: { ts: string; blocks: unknown[] }, action: string, who: Who = SOMEBODY): Deed {
      const button = buttonsOf(message).find(({ action_id }) => action_id === `headroom:${action}`);
      if (!button) throw new Error(`no button ${action} stands there`);
      const hook = slack.desk.newHook('actions');
      const body = interaction({
        type: 'block_actions',
        ...people(who),
        channel: { id: slack.channel, name: 'ops' },
        container: { type: 'message', message_ts: message.ts, channel_id: slack.channel, is_ephemeral: false },
        actions: [{ type: 'button', ...button, action_ts: String(now() / 1000) }],
        response_url: hook,
        trigger_id: slack.desk.newTrigger(),
      });
      return deed('/api/slack/interactions', body, hook);
    },
    /** What somebody fills into a modal, by block. */
    submits({ id, view }: OpenedView, values: Record<string, string>, who: Who = SOMEBODY): Deed {
      const filled = Object.entries(values).map(([block, value]) => [
        block,
        { value: { type: 'plain_text_input', value } },
      ]);
      const state = { values: Object.fromEntries(filled) };
      const body = interaction({ type: 'view_submission', ...people(who), view: { ...view, id, state } });
      return deed('/api/slack/interactions', body, null);
    },
  };
}

/** The buttons of a message, as they were posted. */
export function buttonsOf({ blocks }: { blocks: unknown[] }): { action_id: string; value: string }[] {
  return blocks.flatMap((block) => {
    const elements = isRecord(block) && block['type'] === 'actions' ? block['elements'] : [];
    return (Array.isArray(elements) ? elements : []).flatMap((element: unknown) => {
      if (!isRecord(element)) return [];
      const { action_id, value } = element;
      return typeof action_id === 'string' && typeof value === 'string' ? [{ action_id, value }] : [];
    });
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
