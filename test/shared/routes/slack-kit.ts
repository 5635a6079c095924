import { createHmac } from 'node:crypto';
import type { CommandPorts } from '../../../shared/commands/command.ts';
import { answerJob } from '../../../shared/commands/job.ts';
import type { AuditEntry } from '../../../shared/pipeline/audit.ts';
import { handleDelivery } from '../../../shared/pipeline/handle-delivery.ts';
import type { SlackDesk } from '../../../shared/ports.ts';
import type { RouteResponse } from '../../../shared/routes/http.ts';
import type { SlackRouteDeps } from '../../../shared/routes/slack/deps.ts';
import { slackRoute } from '../../../shared/routes/slack.ts';
import { chatWorld, settingsOf } from '../commands/kit.ts';
import { requestOf } from './requests.ts';

const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
export const RESPONSE_URL = 'https://hooks.slack.com/commands/T1/1/x';

/** What Slack was asked to do, and how it answers. */
export type FakeDesk = SlackDesk & {
  views: { triggerId: string; view: unknown }[];
  answers: { url: string; body: string }[];
  /** Thrown by the next calls, one each. */
  failures: Error[];
};

export function fakeDesk(team: string | null = 'T1'): FakeDesk {
  const views: FakeDesk['views'] = [];
  const answers: FakeDesk['answers'] = [];
  const failures: Error[] = [];
  const mayFail = (): void => {
    const failure = failures.shift();
    if (failure) throw failure;
  };
  return {
    views,
    answers,
    failures,
    async openView(triggerId, view) {
      mayFail();
      views.push({ triggerId, view });
    },
    async respond(url, body) {
      mayFail();
      answers.push({ url, body: JSON.stringify(body) });
    },
    async team() {
      mayFail();
      return team;
    },
    scopes: async () => null,
    isIn: async () => 'unknown',
  };
}

/** A world whose messages stand in a Slack channel, with the routes that Slack sends to. */
export function slackWorld(given: Partial<SlackRouteDeps> = {}, settings: unknown = {}) {
  const chat = chatWorld('slack-bot:C1');
  const desk = fakeDesk();
  const ports: CommandPorts = { ...chat.deps, settings: settingsOf(settings) };
  chat.world.deps.answerChat = (job) => answerJob(ports, desk, job);
  const route = slackRoute({
    ports,
    desk,
    access: { kind: 'signed', secrets: ['another', SECRET] },
    bodyBytes: 65_536,
    privacyAt: () => 'masked',
    ...given,
  });
  let count = 0;

  function send(path: string, body: string, headers: Record<string, string> = {}): Promise<RouteResponse> {
    const timestamp = String(Math.floor(chat.world.clock.now() / 1000));
    const signature = `v0=${createHmac('sha256', SECRET).update(`v0:${timestamp}:${body}`).digest('hex')}`;
    const signed = { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature, ...headers };
    return route(requestOf({ method: 'POST', path, headers: signed, body }));
  }

  return {
    ...chat,
    desk,
    ports,
    route,
    send,
    /** Somebody types a slash command. */
    type(text: string, fields: Record<string, string> = {}): Promise<RouteResponse> {
      count += 1;
      return send('/api/slack/commands', commandBody(text, { trigger_id: `t${count}`, ...fields }));
    },
    /** Somebody presses a button of the incident's message, which stands in the channel. */
    press(action: string, incidentId: string, fields: Record<string, unknown> = {}): Promise<RouteResponse> {
      count += 1;
      const payload = pressOf(action, incidentId, { trigger_id: `p${count}`, ...fields });
      return send('/api/slack/interactions', payloadBody(payload));
    },
    submit(action: string, incidentId: string, values: Record<string, string>): Promise<RouteResponse> {
      count += 1;
      return send('/api/slack/interactions', payloadBody(submissionOf(action, incidentId, values, `V${count}`)));
    },
    /** What the world was told by the answers that came later. */
    async later(): Promise<string[]> {
      const { deps } = chat.world;
      for (;;) {
        const deliveries = await deps.queue.receive({ max: 8, visibilityMs: 120_000 });
        if (deliveries.length === 0) break;
        for (const delivery of deliveries) {
          await handleDelivery(deps, delivery.message);
          await delivery.ack();
        }
      }
      return desk.answers.splice(0).map(({ body }) => body);
    },
  };
}

export function commandBody(text: string, fields: Record<string, string>): string {
  return new URLSearchParams({
    command: '/headroom',
    team_id: 'T1',
    user_id: 'U1',
    user_name: 'alex',
    channel_id: 'C1',
    text,
    response_url: RESPONSE_URL,
    ...fields,
  }).toString();
}

export function payloadBody(payload: unknown): string {
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}

const PEOPLE = { user: { id: 'U1', username: 'alex', team_id: 'T1' }, team: { id: 'T1' } };

function pressOf(action: string, incidentId: string, fields: Record<string, unknown>) {
  return {
    type: 'block_actions',
    ...PEOPLE,
    channel: { id: 'C1' },
    container: { message_ts: '0' },
    actions: [{ type: 'button', action_id: `headroom:${action}`, value: incidentId, action_ts: '1' }],
    response_url: RESPONSE_URL,
    ...fields,
  };
}

function submissionOf(action: string, incidentId: string, values: Record<string, string>, id: string) {
  const state = Object.entries(values).map(([block, value]) => [block, { value: { type: 'plain_text_input', value } }]);
  const view = {
    id,
    callback_id: `headroom:${action}`,
    private_metadata: incidentId,
    state: { values: Object.fromEntries(state) },
  };
  return { type: 'view_submission', ...PEOPLE, view };
}

/** Settings in which the one who types in these tests may do everything. */
export const ALEX = { approvers: [{ people: ['slack:T1/U1'], actions: ['*'] }] };

export type Slack = ReturnType<typeof slackWorld>;

/** What was done or refused, as it is kept. */
export async function auditOf({ world }: Slack): Promise<AuditEntry[]> {
  const keys = [...world.keys.values()].filter(({ id }) => id.startsWith('audit~'));
  return (await Promise.all(keys.map((key) => world.records.get<AuditEntry>(key)))).flatMap(
    (entry) => entry?.value ?? [],
  );
}
