import { describe, expect, test } from 'vitest';
import { guardLoopback, routerOf } from '../../local/router.ts';
import { jsonResponse, type Route, type RouteRequest } from '../../shared/routes/http.ts';

function requestOf(path: string, headers: Record<string, string> = {}): RouteRequest {
  return {
    method: 'GET',
    path,
    query: new URLSearchParams(),
    header: (name) => headers[name],
    body: async () => new Uint8Array(),
  };
}

const named =
  (name: string): Route =>
  async () =>
    jsonResponse(200, name);

describe('the router', () => {
  const route = routerOf([
    { path: '/api', route: named('api') },
    { path: '/api/alerts', route: named('alerts') },
  ]);

  test.each([
    ['/api/alerts', 'alerts'],
    ['/api/alerts/azure', 'alerts'],
    ['/api/alertsmith', 'api'],
    ['/api', 'api'],
  ])('sends %s to the longest path that begins it: %s', async (path, name) => {
    expect(await route(requestOf(path))).toMatchObject({ status: 200, body: JSON.stringify(name) });
  });

  test.each(['/', '', '/apis', '/API', '//api', '/x/../api'])(
    'answers 404 to %j, and says what there is',
    async (path) => {
      const answer = await route(requestOf(path));
      expect(answer.status).toBe(404);
      expect(JSON.parse(answer.body)).toEqual({
        error: 'there is nothing here',
        path: '',
        nextStep: 'there is /api, /api/alerts',
      });
    },
  );
});

describe('a route that is open on this machine', () => {
  const guarded = guardLoopback(named('in'));

  test.each<[string, Record<string, string>]>([
    ['a program that names this machine', { host: '127.0.0.1:7071' }],
    ['a program that says localhost', { host: 'localhost:7071' }],
    ['a program over IPv6', { host: '[::1]:7071' }],
    ['the own page', { host: '127.0.0.1:7071', origin: 'http://127.0.0.1:7071' }],
    ['the own page by another name', { host: 'localhost:7071', origin: 'http://localhost:7071' }],
  ])('lets in %s', async (_who, headers) => {
    expect((await guarded(requestOf('/api/incidents', headers))).status).toBe(200);
  });

  test.each<[string, Record<string, string>]>([
    ['a page of another origin', { host: '127.0.0.1:7071', origin: 'https://page.example' }],
    ['a page without origin of its own', { host: '127.0.0.1:7071', origin: 'null' }],
    [
      'a page whose name was rebound to this machine',
      { host: 'page.example:7071', origin: 'http://page.example:7071' },
    ],
    ['a rebound name without origin', { host: 'page.example' }],
    ['a name that begins like this machine', { host: '127.0.0.1.page.example' }],
    ['a name that hides this machine in a user', { host: '127.0.0.1@page.example' }],
    ['a page that begins like this machine', { host: '127.0.0.1', origin: 'http://localhost.page.example' }],
    ['an empty origin', { host: '127.0.0.1', origin: '' }],
    ['nobody', {}],
  ])('keeps out %s', async (_who, headers) => {
    const answer = await guarded(requestOf('/api/incidents', headers));
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.body)).toMatchObject({ error: 'the caller is not known', path: '' });
  });
});
