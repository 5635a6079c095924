import { createHmac, randomUUID } from 'node:crypto';

export type TeamsPeopleOptions = {
  /** Where the app listens. */
  app: string;
  /** The token that Teams shows when an outgoing webhook is made, base64. */
  secret: string;
  now?: () => number;
};

/** What Teams shows in the thread: the app's card, or that it did not answer in time. */
export type TeamsShown = { status: number; body: string; ms: number } | 'no answer within 5 s';

/** @see https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-outgoing-webhook */
const ANSWERED_WITHIN_MS = 5_000;
const TENANT = '22222222-2222-2222-2222-222222222222';

/** People of a team that has an outgoing webhook: what mentions it reaches the app as Teams sends it, signed. */
export function teamsPeople({ app, secret, now = Date.now }: TeamsPeopleOptions) {
  return {
    /** Prepared, so that it can be sent more than once. */
    says(text: string): { send(): Promise<TeamsShown> } {
      const conversation = '19:simulated@thread.tacv2';
      const body = JSON.stringify({
        type: 'message',
        id: randomUUID(),
        timestamp: new Date(now()).toISOString(),
        serviceUrl: 'https://smba.trafficmanager.net/amer/',
        channelId: 'msteams',
        from: { id: '29:alex', name: 'Alex', aadObjectId: '99999999-9999-9999-9999-999999999999' },
        conversation: { isGroup: true, id: conversation },
        textFormat: 'plain',
        text: `<at>headroom</at>&nbsp;${text}`,
        channelData: { tenant: { id: TENANT }, teamsChannelId: conversation },
      });
      const signature = createHmac('sha256', Buffer.from(secret, 'base64')).update(body).digest('base64');
      const headers = { 'content-type': 'application/json; charset=utf-8', authorization: `HMAC ${signature}` };
      return {
        async send() {
          const startedMs = performance.now();
          try {
            const signal = AbortSignal.timeout(ANSWERED_WITHIN_MS);
            const url = new URL('/api/teams/webhook', app);
            const answer = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
            return { status: answer.status, body: await answer.text(), ms: performance.now() - startedMs };
          } catch {
            return 'no answer within 5 s';
          }
        },
      };
    },
  };
}
