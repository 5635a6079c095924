import { describe, expect, test } from 'vitest';
import { HeadroomError } from '../../../shared/errors.ts';
import { configuredRoute } from '../../../shared/routes/configured.ts';
import { jsonResponse, type Route, type RouteRequest } from '../../../shared/routes/http.ts';
import { collectingLog } from '../../kit.ts';

const request: RouteRequest = {
  method: 'GET',
  path: '/',
  query: new URLSearchParams(),
  header: () => undefined,
  body: async () => new Uint8Array(),
};

describe('a route made at its first request', () => {
  test('answers through the route that was made', async () => {
    const echo: Route = async ({ path }) => jsonResponse(200, { path });
    const route = configuredRoute(async () => echo, collectingLog());
    expect(await route(request)).toMatchObject({ status: 200, body: '{"path":"/"}' });
  });

  test('answers 503 without detail while the configuration is wrong', async () => {
    const route = configuredRoute(async () => {
      throw new HeadroomError('configuration', 'HEADROOM_RECORDS is none of sqlite, memory');
    }, collectingLog());
    const answer = await route(request);
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('5');
    expect(answer.body).not.toContain('HEADROOM_RECORDS');
  });

  test('answers 503 when the process could not start for another reason, and tries again at the next request', async () => {
    let failures = 1;
    const route = configuredRoute(async () => {
      if (failures-- > 0) throw new HeadroomError('unavailable', 'the store is locked');
      return async () => jsonResponse(200, {});
    }, collectingLog());
    expect([(await route(request)).status, (await route(request)).status]).toEqual([503, 200]);
  });

  test.each([
    ['503 while the store is down', new HeadroomError('unavailable', 'the store is down'), 503, 'unavailable'],
    ['500 for a fault of ours', new TypeError('x is undefined'), 500, 'bug'],
  ])('answers %s, and logs it', async (_what, error, status, kind) => {
    const log = collectingLog();
    const route = configuredRoute(
      async () => async () => {
        throw error;
      },
      log,
    );
    const answer = await route(request);
    expect([answer.status, answer.body.includes(error.message)]).toEqual([status, false]);
    expect(log.events).toMatchObject([{ event: 'route-failed', fields: { kind, error: error.message } }]);
  });
});
