import { describe, expect, test } from 'vitest';
import { createMemoryQueue } from '../../../shared/adapters/memory/queue.ts';
import { createMemoryRecords } from '../../../shared/adapters/memory/records.ts';
import { readConfig } from '../../../shared/config.ts';
import type { CheckPorts } from '../../../shared/doctor/check.ts';
import { examine } from '../../../shared/doctor/examine.ts';
import { HeadroomError } from '../../../shared/errors.ts';
import { notePlace } from '../../../shared/pipeline/teams-places.ts';
import { fakeClock } from '../../kit.ts';

function portsOf(environment: Record<string, string> = {}, settings: unknown = {}): CheckPorts {
  const read = readConfig({ environment, cloud: 'local', settings });
  if (!read.ok) throw new Error(read.problems.map(({ problem }) => problem).join('; '));
  const clock = fakeClock();
  return {
    config: read.config,
    records: createMemoryRecords(),
    queue: createMemoryQueue({ clock }),
    clock,
    slack: { scopes: async () => ['chat:write', 'commands', 'channels:history'], isIn: async () => 'yes' },
    destinations: ['terminal'],
  };
}

async function found(ports: CheckPorts, name: string): Promise<unknown> {
  const result = (await examine(ports)).find((one) => one.name === name);
  return result?.ok ? result.detail : result?.problem;
}

const SECRET = { HEADROOM_SLACK_SIGNING_SECRET: '0f3c9a' };

describe('the checks', () => {
  test('are all well in a small installation that is configured', async () => {
    const settings = {
      scopes: ['123456789012'],
      approvers: [{ people: ['slack:T1/U1'], actions: ['*'] }],
    };
    expect(await examine(portsOf(SECRET, settings))).toEqual([
      { name: 'stores', ok: true, detail: 'they answer; waiting: 0 messages' },
      { name: 'destinations', ok: true, detail: 'terminal' },
      { name: 'slack', ok: true, detail: 'not configured' },
      { name: 'teams', ok: true, detail: 'not configured' },
      { name: 'webhooks', ok: true, detail: 'none' },
      { name: 'escalation', ok: true, detail: 'nobody is called: headroom.json has no escalation' },
      { name: 'scopes', ok: true, detail: '1 configured' },
      {
        name: 'logs',
        ok: true,
        detail: 'none is asked live: HEADROOM_WORKSPACE_ID or a scope of Azure names where they lie',
      },
      { name: 'metrics', ok: true, detail: 'none are asked: no scope is one of Azure' },
      { name: 'resource graph', ok: true, detail: 'not asked: no scope is a subscription of Azure' },
      { name: 'sign-ins', ok: true, detail: 'not read: signInsWorkspaceId of headroom.json names their workspace' },
      { name: 'approvers', ok: true, detail: 'named: 1' },
      { name: 'actions', ok: true, detail: 'off' },
    ]);
  });

  test('find work that failed for good', async () => {
    const ports = portsOf();
    await ports.queue.send({ v: 1, incidentId: 'abcdefgh' });
    const [delivery] = await ports.queue.receive({ max: 1, visibilityMs: 1_000 });
    await delivery?.bury('no');
    expect(await found(ports, 'stores')).toBe('1 message failed for good');
  });

  test('find routes that lead nowhere', async () => {
    const ports = portsOf({}, { routes: [{ to: ['slack-bot:C9'] }] });
    expect(await found(ports, 'destinations')).toBe("routes[0].to[0] names 'slack-bot:C9', which is not configured");
    expect(await found({ ...ports, destinations: [] }, 'destinations')).toBe('messages go nowhere');
  });

  test('find that nobody may act from chat, once chat can send commands', async () => {
    expect(await found(portsOf(), 'approvers')).toContain('none needed');
    expect(await found(portsOf(SECRET), 'approvers')).toContain('nobody may acknowledge');
  });

  describe('of a Slack bot', () => {
    const BOT = { ...SECRET, HEADROOM_SLACK_BOT_TOKEN: 'xoxb-0-0-x', HEADROOM_SLACK_CHANNEL: 'C1' };
    const SCOPES = ['chat:write', 'commands', 'channels:history'];
    const slackSays = (
      scopes: string[],
      isIn: 'yes' | 'no' | 'unknown' = 'yes',
      environment: Record<string, string> = BOT,
    ) => found({ ...portsOf(environment), slack: { scopes: async () => scopes, isIn: async () => isIn } }, 'slack');

    test('tell what it can do', async () => {
      expect(await slackSays(SCOPES)).toBe('posts to C1; hears commands and buttons');
      expect(await slackSays(SCOPES.slice(0, 2), 'unknown')).toBe(
        'posts to C1; hears commands and buttons; cannot ask before it repeats a post: give it channels:history',
      );
      const { HEADROOM_SLACK_SIGNING_SECRET: _secret, ...deaf } = BOT;
      expect(await slackSays(SCOPES, 'yes', deaf)).toContain('HEADROOM_SLACK_SIGNING_SECRET is not set');
    });

    test('find what it lacks', async () => {
      expect(await slackSays(['channels:history'])).toBe('the token lacks chat:write and commands');
      expect(await slackSays(SCOPES, 'no')).toBe('the app is not in the channel C1');
    });

    test('find a token that Slack refuses, with the next step', async () => {
      const nextStep = 'Install the Slack app again';
      const refused = async () =>
        Promise.reject(new HeadroomError('denied', 'Slack refused auth.test: invalid_auth', { nextStep }));
      const results = await examine({ ...portsOf(BOT), slack: { scopes: refused, isIn: async () => 'yes' } });
      expect(results).toContainEqual({
        name: 'slack',
        ok: false,
        problem: 'Slack refused auth.test: invalid_auth',
        nextStep,
      });
    });
  });

  describe('of a Teams bot', () => {
    const GUID = '6f1b3c6e-0d3c-4d0e-9a53-2f1f5f0e8a11';
    const BOT = { HEADROOM_TEAMS_APP_ID: GUID, HEADROOM_TEAMS_TENANT_ID: GUID, HEADROOM_TEAMS_APP_PASSWORD: 'x' };
    const place = { serviceUrl: 'https://smba.trafficmanager.net/emea/', conversationId: '19:a@thread.tacv2' };
    const teams = { probe: async () => undefined };

    test('tell where it was added, and which channel was never heard from', async () => {
      const ports = {
        ...portsOf(BOT),
        teams,
        destinations: ['teams-bot:19:a@thread.tacv2', 'teams-bot:19:b@thread.tacv2'],
      };
      expect(await found(ports, 'teams')).toBe('the Teams app was not added to any team or chat');
      await notePlace(ports.records, place, { at: '2026-11-20T14:00:00.000Z', added: true });
      expect(await found(ports, 'teams')).toBe(
        'has a token by its client secret; added to 19:a@thread.tacv2; never heard from teams-bot:19:b@thread.tacv2: mention it there once',
      );
    });

    test('find a secret that Entra refuses', async () => {
      const refused = new HeadroomError('denied', 'Entra refuses the bot a token: invalid_client', {
        nextStep: 'Renew it',
      });
      const results = await examine({ ...portsOf(BOT), teams: { probe: () => Promise.reject(refused) } });
      expect(results).toContainEqual({ name: 'teams', ok: false, problem: refused.message, nextStep: 'Renew it' });
    });

    test('tell what lighter set-ups can do', async () => {
      const light = {
        HEADROOM_TEAMS_WORKFLOW_URL: 'https://w.example/?sig=x',
        HEADROOM_TEAMS_WEBHOOK_SECRET: 'c2VjcmV0',
      };
      expect(await found(portsOf(light), 'teams')).toBe(
        'a workflow posts, and neither edits nor hears anything; an outgoing webhook answers questions alone',
      );
    });
  });

  test('find a store that is down, without its detail', async () => {
    const ports = portsOf();
    const records = { ...ports.records, get: () => Promise.reject(new Error('password=x')) };
    expect(await found({ ...ports, records }, 'stores')).toBe('the check itself failed');
  });
});
