import { describe, expect, test } from 'vitest';
import { updateIncident } from '../../../shared/pipeline/incidents.ts';
import type { RouteResponse } from '../../../shared/routes/http.ts';
import { slackRoute } from '../../../shared/routes/slack.ts';
import { answerPress, type Press } from '../../../shared/routes/teams/press.ts';
import { teamsWebhookRoute } from '../../../shared/routes/teams-webhook.ts';
import { type ActionWorld, ALEX, ALEX_ON_TEAMS, actionWorld, HOLD, STRANGER } from '../pipeline/action-kit.ts';
import { fakeChat } from '../pipeline/chat.ts';
import { requestOf } from './requests.ts';
import { fakeDesk, payloadBody, RESPONSE_URL } from './slack-kit.ts';

const CONVERSATION = '19:ops@thread.tacv2';

/** An incident that stands on Slack and on Teams, with a plan that waits. */
async function open(options: Parameters<typeof actionWorld>[0] = {}) {
  const chats = [fakeChat({ key: 'slack-bot:C1' }), fakeChat({ key: 'teams-bot:19' })];
  const w = await actionWorld({ ...options, chats });
  await updateIncident(w.world.deps, w.id, (record) => {
    if (!record) return record;
    const effects = record.effects.map((effect) =>
      effect.delivered && effect.key.startsWith('teams-bot')
        ? { ...effect, delivered: { ...effect.delivered, ref: `${CONVERSATION}|message-1` } }
        : effect,
    );
    return { ...record, effects };
  });
  const { person: _person, privacy: _privacy, ...ports } = w.commandDeps(ALEX);
  return { w, ports };
}

type Opened = Awaited<ReturnType<typeof open>>;

let count = 0;

function pressOnSlack({ ports }: Opened, action: string, planId: string, where: object = {}): Promise<RouteResponse> {
  count += 1;
  const route = slackRoute({
    ports,
    desk: fakeDesk(),
    access: { kind: 'open' },
    bodyBytes: 65_536,
    privacyAt: () => 'full',
  });
  const body = payloadBody({
    type: 'block_actions',
    user: { id: 'U1', username: 'alex', team_id: 'T1' },
    team: { id: 'T1' },
    channel: { id: 'C1' },
    container: { message_ts: '0' },
    actions: [{ type: 'button', action_id: `headroom:${action}`, value: planId, action_ts: String(count) }],
    response_url: RESPONSE_URL,
    trigger_id: `trigger-${count}`,
    ...where,
  });
  return route(requestOf({ method: 'POST', path: '/api/slack/interactions', body }));
}

async function pressOnTeams({ ports }: Opened, action: string, planId: string, more: Partial<Press> = {}) {
  const press: Press = {
    kind: 'press',
    action,
    incidentId: planId,
    messageId: 'message-1',
    input: '',
    timestamp: '2026-11-20T14:00:00Z',
    channelId: 'msteams',
    serviceUrl: 'https://smba.trafficmanager.net/emea/',
    conversationId: CONVERSATION,
    threadId: CONVERSATION,
    tenantId: 't',
    person: { userId: '29:alex', objectId: ALEX_ON_TEAMS.id.replace('entra:', ''), name: 'Alex T' },
    once: 'once',
    ...more,
  };
  const deps = { ports, bodyBytes: 65_536, tenantId: 't', hosts: [], privacyAt: () => 'full' as const };
  const answer = await answerPress({ ...deps, messageFor: () => ({ type: 'AdaptiveCard' }) }, press);
  const { type, value }: { type: string; value: unknown } = JSON.parse(answer.body);
  return type.endsWith('card.adaptive') ? 'the card as it stands' : String(value);
}

async function refusals(w: ActionWorld): Promise<string[]> {
  return (await w.audit())
    .filter(({ outcome }) => outcome === 'refused')
    .map(({ by, action, detail, reason }) => `${by} ${action} ${detail}: ${reason}`);
}

/** What was whispered to who pressed. */
async function whispered({ w }: Opened): Promise<string> {
  const keys = [...w.world.keys.values()].filter(({ id }) => id.startsWith('job~'));
  const jobs = await Promise.all(keys.map((key) => w.world.records.get(key)));
  return JSON.stringify(jobs.map((job) => job?.value));
}

describe('a button of a plan', () => {
  test('on Slack has it done', async () => {
    const opened = await open();
    const { w } = opened;
    expect((await pressOnSlack(opened, 'approve', `${w.id}-1`)).status).toBe(200);
    await w.workOff();
    expect(w.plane.writes.length).toBe(1);
    expect((await w.plan()).approvals).toMatchObject([{ id: ALEX.id, name: 'alex' }]);
  });

  test('on Teams has it done, and the card says so to who pressed', async () => {
    const opened = await open();
    const { w } = opened;
    expect(await pressOnTeams(opened, 'approve', `${w.id}-1`)).toBe('the card as it stands');
    await w.workOff();
    expect(w.plane.writes.length).toBe(1);
    expect(w.text(0)).toContain('Done by Alex T');
    expect(await pressOnTeams(opened, 'undo', `${w.id}-1`)).toBe('the card as it stands');
    await w.workOff();
    expect(w.plane.values.size).toBe(0);
  });

  test.each([
    ['another channel', { channel: { id: 'C2' } }],
    ['another message of the channel', { container: { message_ts: '99' } }],
  ])('of %s is refused, privately and audited', async (_where, where) => {
    const opened = await open();
    const { w } = opened;
    await pressOnSlack(opened, 'approve', `${w.id}-1`, where);
    expect(await whispered(opened)).toContain('This button belongs to no message of an incident');
    expect(await refusals(w)).toEqual([
      `${ALEX.id} approve ${w.id}-1: This button belongs to no message of an incident`,
    ]);
    await w.workOff();
    expect(w.plane.writes).toEqual([]);
  });

  test('of another conversation on Teams is refused, privately and audited', async () => {
    const opened = await open();
    const { w } = opened;
    const told = await pressOnTeams(opened, 'approve', `${w.id}-1`, { conversationId: '19:other' });
    expect(told).toContain('This button belongs to no message of an incident');
    expect(await refusals(w)).toHaveLength(1);
    expect((await w.plan()).phase.state).toBe('planned');
  });

  test('of another incident than its message is refused', async () => {
    const opened = await open();
    const { w } = opened;
    await pressOnSlack(opened, 'approve', 'aaaaaaaa-1');
    expect(await whispered(opened)).toContain('This button belongs to no message of an incident');
    expect((await w.plan()).phase.state).toBe('planned');
  });

  test('that is pressed by a stranger is refused, privately and audited', async () => {
    const opened = await open();
    const { w } = opened;
    await pressOnSlack(opened, 'approve', `${w.id}-1`, { user: { id: 'U9', username: 'sam', team_id: 'T1' } });
    const reason = 'You are not on the list of those who may client-policy';
    expect(await whispered(opened)).toContain(reason);
    expect(await refusals(w)).toEqual([`${STRANGER.id} approve ${w.id}-1: ${reason}`]);
    expect((await w.plan()).phase.state).toBe('planned');
  });

  test('that needs two people is not approved by one human on both platforms', async () => {
    const opened = await open({ actions: [HOLD] });
    const { w } = opened;
    await pressOnSlack(opened, 'approve', `${w.id}-1`);
    expect(await pressOnTeams(opened, 'approve', `${w.id}-1`)).toContain('it needs that of a second person');
    await w.workOff();
    expect(w.plane.writes).toEqual([]);
    expect(await refusals(w)).toHaveLength(1);
  });
});

test('an outgoing webhook, which cannot tell who asks, approves nothing', async () => {
  const { w, ports } = await open();
  const route = teamsWebhookRoute({ ports, bodyBytes: 65_536, access: { kind: 'open' }, privacy: 'full' });
  for (const word of ['approve', 'reject', 'undo']) {
    const body = JSON.stringify({
      type: 'message',
      id: `id-${word}`,
      timestamp: new Date(w.world.clock.now()).toISOString(),
      text: `<at>Headroom</at> ${word} ${w.id}-1`,
      from: { id: '29:alex', name: 'Alex', aadObjectId: ALEX_ON_TEAMS.id.replace('entra:', '') },
      conversation: { id: CONVERSATION },
      channelData: { tenant: { id: 't' } },
    });
    const answer = await route(requestOf({ method: 'POST', path: '/api/teams/webhook', body }));
    expect(answer.status).toBe(200);
  }
  await w.workOff();
  expect((await w.plan()).phase.state).toBe('planned');
  expect(w.plane.writes).toEqual([]);
});
