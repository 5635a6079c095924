import { afterEach, expect, test } from 'vitest';
import { startTeamsServer, type TeamsServer } from '../../../simulation/servers/teams.ts';

const servers: TeamsServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

function message(text: string): string {
  const content = { type: 'AdaptiveCard', version: '1.5', body: [{ type: 'TextBlock', text }] };
  return JSON.stringify({
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
  });
}

test.each([
  ['a card', message('x'), 1, []],
  ['a card over 28 KB', message('x'.repeat(29_000)), 0, [expect.stringContaining('bytes')]],
  ['no card', JSON.stringify({ text: 'hello' }), 0, ['no adaptive card']],
])('answers 202 to %s, and tells nobody what became of it', async (_what, body, posts, dropped) => {
  const server = await startTeamsServer();
  servers.push(server);
  const response = await fetch(server.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  expect(response.status).toBe(202);
  expect(server.posts).toHaveLength(posts);
  expect(server.dropped).toEqual(dropped);
});
