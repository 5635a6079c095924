import { describe, expect, test } from 'vitest';
import type { RouteResponse } from '../../../shared/routes/http.ts';
import { type ReadRouteDeps, readRoute } from '../../../shared/routes/read.ts';
import { dead, faulty } from '../../contract/faulty.ts';
import { fakeChat } from '../pipeline/chat.ts';
import { azureAlert, createWorld, receive, theIncident, type World, workOff } from '../pipeline/kit.ts';
import { jsonOf, type RequestSketch, requestOf } from './requests.ts';

function ask(
  world: World,
  sketch: Partial<RequestSketch>,
  change: Partial<ReadRouteDeps> = {},
): Promise<RouteResponse> {
  const route = readRoute({ ...world.deps, access: { kind: 'open' }, healthy: async () => true, ...change });
  return route(requestOf({ path: '/api/incidents', ...sketch }));
}

async function worldOf(...vaults: string[]): Promise<World> {
  const world = createWorld([fakeChat()]);
  for (const vault of vaults) await receive(world, azureAlert({ firedAt: '2026-11-20T13:59:00Z', vaults: [vault] }));
  await workOff(world);
  return world;
}

describe('GET /api/incidents', () => {
  test('lists incidents as lines, with a place to go on from', async () => {
    const world = await worldOf('kv-a', 'kv-b', 'kv-c');
    const first = jsonOf(await ask(world, { query: { limit: '2' } }));
    expect(first['incidents']).toMatchObject([
      { state: 'open', family: 'throttle', delivery: 'diagnosed', alerts: 1 },
      {},
    ]);
    const second = jsonOf(await ask(world, { query: { limit: '2', after: String(first['next']) } }));
    expect(second['incidents']).toHaveLength(1);
    expect('next' in second).toBe(false);
  });

  test('finds the incident of an alert', async () => {
    const world = await worldOf('kv-a');
    const { id, accepted } = await theIncident(world);
    const found = async (alert: string): Promise<unknown> =>
      jsonOf(await ask(world, { query: { alert } }))['incidents'];
    expect(await found(accepted[0]?.id ?? '')).toMatchObject([{ id }]);
    expect(await found('0000000000000000')).toEqual([]);
  });

  test.each([
    ['state', 'closed'],
    ['state', ''],
    ['limit', '0'],
    ['limit', '101'],
    ['limit', '-1'],
    ['limit', '1e1'],
    ['limit', ''],
    ['alert', ''],
    ['alert', '../../open'],
    ['alert', 'x'.repeat(201)],
  ])('says that %s=%j is wrong, and where', async (name, value) => {
    const response = await ask(createWorld([]), { query: { [name]: value } });
    expect([response.status, jsonOf(response)['path']]).toEqual([400, name]);
  });
});

describe('GET /api/incidents/{id}', () => {
  test('shows the incident with delivery, ledger and outcomes', async () => {
    const world = await worldOf('kv-a');
    const { id } = await theIncident(world);
    for (const path of [`/api/incidents/${id}`, `/api/incidents/${id}/`])
      expect(jsonOf(await ask(world, { path }))).toMatchObject({
        id,
        delivery: 'diagnosed',
        alerts: [{ outcome: 'posted' }],
        ledger: [
          { step: 'received' },
          { step: 'claimed' },
          { step: 'posted' },
          { step: 'diagnosed' },
          { step: 'edited' },
        ],
      });
  });

  test.each(['abcdefgh', 'ABCDEFGH', 'abcdefg', '..', '%2e%2e', 'state'])('knows no incident %s', async (id) => {
    const response = await ask(createWorld([]), { path: `/api/incidents/${id}` });
    expect([response.status, jsonOf(response)['path']]).toEqual([404, 'id']);
  });
});

describe('GET /api/health', () => {
  test.each<[string, () => Promise<boolean>, number, unknown]>([
    ['the stores answer', async () => true, 200, { status: 'ok' }],
    ['they do not', async () => false, 503, { status: 'unavailable' }],
    ['they fail', () => Promise.reject(new Error('at 10.0.0.4: no such table')), 503, { status: 'unavailable' }],
  ])('%s', async (_what, healthy, status, body) => {
    const response = await ask(createWorld([]), { path: '/api/health' }, { healthy });
    expect([response.status, jsonOf(response)]).toEqual([status, body]);
  });

  test('is open to callers who may read nothing else', async () => {
    const access: ReadRouteDeps['access'] = { kind: 'credential', tokens: ['t0ken'] };
    expect((await ask(createWorld([]), { path: '/api/health' }, { access })).status).toBe(200);
    expect((await ask(createWorld([]), {}, { access })).status).toBe(401);
  });
});

describe('a request that is refused', () => {
  test.each<[string, Partial<RequestSketch>, number]>([
    ['POST', { method: 'POST' }, 405],
    ['DELETE', { method: 'DELETE', path: '/api/health' }, 405],
    ['another path', { path: '/api/incident' }, 404],
    ['something below an incident', { path: '/api/incidents/abcdefgh/plan' }, 404],
  ])('%s', async (_what, sketch, status) => {
    const response = await ask(createWorld([]), sketch);
    expect(response.status).toBe(status);
    expect(jsonOf(response)['error']).toMatch(/\S/);
  });

  test('HEAD is GET without its body', async () => {
    expect((await ask(createWorld([]), { method: 'HEAD' })).status).toBe(200);
  });

  test.each<[string, ReadRouteDeps['access'], Partial<RequestSketch>, number]>([
    ['no token', { kind: 'credential', tokens: ['t0ken'] }, {}, 401],
    [
      'the token in the query, where logs would keep it',
      { kind: 'credential', tokens: ['t0ken'] },
      { query: { token: 't0ken' } },
      401,
    ],
    [
      'the token as a bearer',
      { kind: 'credential', tokens: ['t0ken'] },
      { headers: { authorization: 'Bearer t0ken' } },
      200,
    ],
    [
      'no credential configured',
      { kind: 'closed', nextStep: 'set HEADROOM_READ_TOKEN' },
      { headers: { authorization: 'Bearer x' } },
      401,
    ],
  ])('%s', async (_what, access, sketch, status) => {
    const response = await ask(createWorld([]), sketch, { access });
    expect(response.status).toBe(status);
    expect(response.body).not.toContain('t0ken');
  });

  test.each(['/api/incidents', '/api/incidents/abcdefgh'])(
    '%s while the store is down is 503, and no word of why',
    async (path) => {
      const world = createWorld([]);
      const response = await ask(world, { path }, { records: faulty(world.deps.records, () => dead()) });
      expect([response.status, response.headers['retry-after']]).toEqual([503, '5']);
      expect(response.body).not.toContain('connection refused');
      expect(world.log.events).toMatchObject([{ level: 'error', event: 'read-failed' }]);
    },
  );

  test('an incident that only a newer process can read is 503 too', async () => {
    const world = createWorld([]);
    await world.records.put({ partition: 'incident/abcdefgh', id: 'state' }, { v: 2 }, 'absent');
    expect((await ask(world, { path: '/api/incidents/abcdefgh' })).status).toBe(503);
  });
});
