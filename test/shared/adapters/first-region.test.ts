import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { bearer, createFirstRegion, entraBearer, firstRegionOf } from '../../../shared/adapters/first-region.ts';

const running: Server[] = [];
afterEach(() => {
  for (const server of running.splice(0)) server.close().closeAllConnections();
});

type Seen = { url?: string | undefined; authorization?: string | undefined };

async function serve(status: number, body: string): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    seen.push({ url: request.url, authorization: request.headers.authorization });
    response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(body);
  });
  running.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

const listed = (delivery: string): string =>
  JSON.stringify({ incidents: [{ id: 'abcdefgh', state: 'open', delivery, resource: 'kv' }] });

describe('asking the first region', () => {
  test.each([
    ['received', null],
    ['claimed', { incidentId: 'abcdefgh' }],
    ['posted', { incidentId: 'abcdefgh' }],
    ['diagnosed', { incidentId: 'abcdefgh' }],
  ])('an incident whose delivery is %s answers %o', async (delivery, answer) => {
    const { url, seen } = await serve(200, listed(delivery));
    const region = createFirstRegion({ url, sign: bearer('both-know-it') });
    expect(await region.findWorked('a b&c=d')).toEqual(answer);
    expect(seen).toEqual([{ url: '/api/incidents?alert=a+b%26c%3Dd', authorization: 'Bearer both-know-it' }]);
  });

  test('an alert that it does not know answers nothing', async () => {
    const { url } = await serve(200, '{"incidents":[]}');
    expect(await createFirstRegion({ url, sign: bearer(undefined) }).findWorked('a')).toBeNull();
  });

  test.each([
    [401, '', 'denied'],
    [404, '', 'denied'],
    [302, '', 'invalid'],
    [429, '', 'throttled'],
    [503, '', 'unavailable'],
    [200, 'a page of somebody else', 'invalid'],
    [200, '{"incidents":[{"id":"abcdefgh","delivery":"eaten"}]}', 'invalid'],
  ])('an answer of %i %j is %s', async (status, body, kind) => {
    const { url } = await serve(status, body);
    await expect(createFirstRegion({ url, sign: bearer('x') }).findWorked('a')).rejects.toMatchObject({ kind });
  });

  test('nobody there is unavailable', async () => {
    const { url } = await serve(200, '');
    for (const server of running.splice(0)) await new Promise((resolve) => server.close(resolve));
    const region = createFirstRegion({ url, sign: bearer('x') });
    await expect(region.findWorked('a')).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('a token of Entra is asked for the audience of its GET routes', async () => {
    const scopes: unknown[] = [];
    const credential = {
      getToken: (scope: unknown) => {
        scopes.push(scope);
        return Promise.resolve({ token: 'entra', expiresOnTimestamp: 0 });
      },
    };
    const url = new URL('https://first.example');
    expect(await entraBearer(credential, 'api://headroom-read')(url)).toEqual({ authorization: 'Bearer entra' });
    expect(await entraBearer(credential, undefined)(url)).toEqual({});
    expect(scopes).toEqual(['api://headroom-read/.default']);
  });

  test('there is none where the settings name no peer', () => {
    expect(firstRegionOf({}, () => bearer('x'))).toEqual({});
    expect(Object.keys(firstRegionOf({ peer: { url: 'https://first.example' } }, () => bearer('x')))).toEqual([
      'firstRegion',
    ]);
  });
});
