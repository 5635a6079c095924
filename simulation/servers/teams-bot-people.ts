import { randomUUID } from 'node:crypto';
import type { OpenIdServer } from './openid.ts';
import { TENANT, type TeamsBotMessage, type TeamsBotServer } from './teams-bot.ts';

export type TeamsBotPeopleOptions = {
  teams: TeamsBotServer;
  /** Where the keys of the Bot Framework are published. */
  openid: OpenIdServer;
  /** Where the app listens. */
  app: string;
  /** Application id of the bot. */
  appId: string;
  now?: () => number;
};

export type TeamsWho = { userId: string; name: string; objectId: string };
/** What Teams shows to who did something: the app's answer, or that it did not come in time. */
export type TeamsSeen = { status: number; body: string; ms: number } | 'no answer';
/** Prepared, so that it can be sent more than once, and in another order than it was done. */
export type TeamsDeed = { send(change?: { token?: string; body?: string }): Promise<TeamsSeen> };

const ALEX: TeamsWho = { userId: '29:alex', name: 'Alex', objectId: '99999999-9999-9999-9999-999999999999' };

/** @see https://learn.microsoft.com/azure/bot-service/bot-builder-basics: what takes longer is given up */
const ANSWERED_WITHIN_MS = 10_000;

/** People of a team that the bot was added to: what they write and press reaches the app as the Bot Framework brings it. */
export function teamsBotPeople({ teams, openid, app, appId, now = Date.now }: TeamsBotPeopleOptions) {
  const bot = { id: `28:${appId}`, name: 'headroom' };
  let said = 0;

  function token(change: Record<string, unknown> = {}, header: Record<string, unknown> = {}): string {
    const seconds = Math.floor(now() / 1_000);
    const claims = { iss: 'https://api.botframework.com', aud: appId, serviceurl: teams.serviceUrl };
    return openid.issue({ ...claims, nbf: seconds - 60, exp: seconds + 3_600, ...change }, header);
  }

  function activity(fields: Record<string, unknown>, who: TeamsWho = ALEX): Record<string, unknown> {
    return {
      id: randomUUID(),
      timestamp: new Date(now()).toISOString(),
      channelId: 'msteams',
      serviceUrl: teams.serviceUrl,
      from: { id: who.userId, name: who.name, aadObjectId: who.objectId },
      recipient: bot,
      conversation: { id: teams.channel, tenantId: TENANT, isGroup: true, conversationType: 'channel' },
      channelData: { tenant: { id: TENANT }, team: { id: teams.channel }, channel: { id: teams.channel } },
      ...fields,
    };
  }

  function deed(content: Record<string, unknown>): TeamsDeed {
    const body = JSON.stringify(content);
    return {
      async send(change = {}) {
        const startedMs = performance.now();
        const headers = {
          'content-type': 'application/json; charset=utf-8',
          authorization: `Bearer ${change.token ?? token()}`,
        };
        try {
          const answer = await fetch(new URL('/api/teams/messages', app), {
            method: 'POST',
            headers,
            body: change.body ?? body,
            redirect: 'error',
            signal: AbortSignal.timeout(ANSWERED_WITHIN_MS),
          });
          return { status: answer.status, body: await answer.text(), ms: performance.now() - startedMs };
        } catch {
          return 'no answer';
        }
      },
    };
  }

  return {
    token,
    activity,
    deed,
    /** Somebody adds the app to the team, or takes it away. */
    adds: (action: 'add' | 'remove' = 'add') => deed(activity({ type: 'installationUpdate', action })),
    /** Somebody mentions the bot, in a thread of its own. */
    says(text: string, who?: TeamsWho): TeamsDeed & { thread: string } {
      said += 1;
      const id = String(Math.floor(now()) + said);
      const thread = `${teams.channel};messageid=${id}`;
      const mention = { type: 'mention', text: '<at>headroom</at>', mentioned: bot };
      const conversation = { id: thread, tenantId: TENANT, isGroup: true, conversationType: 'channel' };
      const content = { type: 'message', id, text: `<at>headroom</at> ${text}`, entities: [mention], conversation };
      return { ...deed(activity(content, who)), thread };
    },
    /** Somebody presses a button of a message, as its card says, with what they filled in. */
    presses(message: TeamsBotMessage, verb: string, inputs: Record<string, string> = {}, who?: TeamsWho): TeamsDeed {
      const action = executesIn(message.activity).find((one) => one['verb'] === `headroom:${verb}`);
      if (!action) throw new Error(`the message has no button ${verb}`);
      const data = action['data'];
      const value = {
        action: { type: 'Action.Execute', verb: action['verb'], data: { ...(isRecord(data) ? data : {}), ...inputs } },
        trigger: 'manual',
      };
      const conversation = { id: `${message.conversation};messageid=${message.id}`, tenantId: TENANT };
      const content = { type: 'invoke', name: 'adaptiveCard/action', replyToId: message.id, value, conversation };
      return deed(activity(content, who));
    },
  };
}

/** The buttons of a message that come back to the bot, those in forms included. */
export function executesIn(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap(executesIn);
  if (!isRecord(value)) return [];
  const own = value['type'] === 'Action.Execute' ? [value] : [];
  return [...own, ...Object.values(value).flatMap(executesIn)];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
