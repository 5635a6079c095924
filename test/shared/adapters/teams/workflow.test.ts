import { afterEach, describe, expect, test } from 'vitest';
import { teamsWorkflow } from '../../../../shared/adapters/teams/workflow.ts';
import { startTeamsServer, type TeamsServer } from '../../../../simulation/servers/teams.ts';
import { chatSenderContract, renderedFor } from '../../../contract/chat-sender.ts';

chatSenderContract('a Teams workflow', { canEdit: false, canFind: false, network: true }, async ({ timeoutMs }) => {
  const server = await startTeamsServer();
  return {
    sender: teamsWorkflow({ url: server.url, timeoutMs }),
    standing: () => server.posts.length,
    fail: (fault) => server.faults.push(fault),
    secrets: ['simulated-workflow-signature'],
    close: server.close,
  };
});

describe('a Teams workflow', () => {
  const servers: TeamsServer[] = [];
  const start = async () => {
    const server = await startTeamsServer();
    servers.push(server);
    return server;
  };
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  test('needs a person when the signature is refused', async () => {
    const server = await start();
    const sender = teamsWorkflow({ url: server.url.replace(/sig=.*/, 'sig=old') });
    await expect(sender.post(renderedFor(sender))).rejects.toMatchObject({
      kind: 'denied',
      message: 'the Teams workflow answered 401 (DirectApiAuthorizationRequired)',
      nextStep: expect.stringContaining('HEADROOM_TEAMS_WORKFLOW_URL'),
    });
  });

  test.each([
    [
      'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId',
      'throttled',
    ],
    [
      'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 413 with ContextId',
      'invalid',
    ],
    [
      'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 503 with ContextId',
      'unavailable',
    ],
  ])('reads the failure inside a 200: %s', async (body, kind) => {
    const server = await start();
    server.faults.push({ status: 200, body });
    const sender = teamsWorkflow({ url: server.url });
    await expect(sender.post(renderedFor(sender))).rejects.toMatchObject({ kind });
  });

  test('is asked whether anybody is there without starting the flow', async () => {
    const server = await start();
    const sender = teamsWorkflow({ url: server.url });
    expect(await sender.probe?.()).toContain('its host answers (405 to HEAD)');
    server.faults.push({ status: 503 }, { status: 410 });
    await expect(sender.probe?.()).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(sender.probe?.()).rejects.toMatchObject({ kind: 'denied' });
    expect(server.received.map(({ method, body }) => [method, body])).toEqual(Array(3).fill(['HEAD', '']));
    expect([...server.posts, ...server.dropped]).toEqual([]);
  });

  test('keeps path and signature when an endpoint stands in for the cloud', async () => {
    const server = await start();
    const { pathname, search } = new URL(server.url);
    const sender = teamsWorkflow({
      url: `https://prod-01.westeurope.logic.azure.com${pathname}${search}`,
      endpoint: server.origin,
    });
    await sender.post(renderedFor(sender));
    expect(server.posts).toHaveLength(1);
    expect(server.dropped).toEqual([]);
  });
});
