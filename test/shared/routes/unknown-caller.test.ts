import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alertVerifier, readVerifier } from '../../../shared/adapters/entra/configured.ts';
import { type AlertsRouteDeps, alertsRoute } from '../../../shared/routes/alerts.ts';
import { type Access, accessBy, unknownCaller } from '../../../shared/routes/auth.ts';
import type { RouteResponse } from '../../../shared/routes/http.ts';
import { readRoute } from '../../../shared/routes/read.ts';
import { type OpenIdServer, startOpenIdServer } from '../../../simulation/servers/openid.ts';
import signed from '../../fixtures/sns/signed.json' with { type: 'json' };
import { ACTION_GROUPS, AUDIENCE, alertClaims, ISSUERS, TENANT } from '../adapters/entra/kit.ts';
import { azureAlert, createWorld, inboxOf, SOURCES, type World } from '../pipeline/kit.ts';
import { type RequestSketch, requestOf } from './requests.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const ALERT = JSON.stringify(azureAlert({ firedAt: '2026-11-20T13:59:00Z' }));
const SNS = JSON.stringify(signed['notification-v2']);
const READ_AUDIENCE = 'api://headroom-read';

let entra: OpenIdServer;
beforeAll(async () => {
  entra = await startOpenIdServer();
});
afterAll(() => entra.close());

function accessOf(world: World): { alerts: Access; reads: Access } {
  const choices = {
    tenantId: TENANT,
    alertAudience: [AUDIENCE],
    alertCaller: ACTION_GROUPS,
    readAudience: [READ_AUDIENCE],
    endpoints: { ENTRA: entra.origin },
  };
  const hosts = { authority: 'https://login.microsoftonline.com', issuers: ISSUERS };
  const token = { reveal: () => 't0ken' };
  return {
    alerts: accessBy({ token, verifier: alertVerifier(choices, hosts, world.deps), nextStep: '' }),
    reads: accessBy({ verifier: readVerifier(choices, hosts, world.deps), nextStep: '' }),
  };
}

function ask(world: World, sketch: RequestSketch, over: Partial<AlertsRouteDeps> = {}): Promise<RouteResponse> {
  const { alerts, reads } = accessOf(world);
  const request = requestOf({ headers: JSON_TYPE, ...sketch });
  if (sketch.path.startsWith('/api/incidents'))
    return readRoute({ ...world.deps, access: reads, healthy: async () => true })(request);
  const deps = { ...world.deps, sources: SOURCES, access: alerts, bodyBytes: 1_048_576 };
  return alertsRoute({ ...deps, ...over })(request);
}

function bearer(token: string): Record<string, string> {
  return { ...JSON_TYPE, authorization: `Bearer ${token}` };
}

describe('a caller who is known', () => {
  test.each<[string, (world: World) => RequestSketch, number]>([
    [
      'the action group service',
      (world) => ({
        method: 'POST',
        path: '/api/alerts/azure',
        body: ALERT,
        headers: bearer(entra.issue(alertClaims(world.clock))),
      }),
      202,
    ],
    [
      'a reader',
      (world) => ({
        path: '/api/incidents',
        headers: bearer(
          entra.issue(alertClaims(world.clock, { aud: READ_AUDIENCE, azp: 'x', roles: ['Headroom.Read'] })),
        ),
      }),
      200,
    ],
    [
      'who holds the token',
      () => ({ method: 'POST', path: '/api/alerts/azure', body: ALERT, query: { token: 't0ken' } }),
      202,
    ],
  ])('%s is let in', async (_what, sketch, status) => {
    const world = createWorld([]);
    expect((await ask(world, sketch(world))).status).toBe(status);
  });
});

describe('a caller who is not known', () => {
  const azure = { method: 'POST', path: '/api/alerts/azure', body: ALERT };
  const sns = { method: 'POST', path: '/api/alerts/sns' };
  const claims = (world: World, change: Record<string, unknown> = {}) => alertClaims(world.clock, change);

  test.each<[string, string, (world: World) => RequestSketch, Partial<AlertsRouteDeps>?]>([
    ['nothing', 'no token', () => azure],
    ['a wrong token', 'wrong token', () => ({ ...azure, query: { token: 'other' } })],
    ['half a token', 'refused', () => ({ ...azure, headers: bearer('t0ke') })],
    ['nothing, with a body that is none', 'no token', () => ({ ...azure, body: '{' })],
    ['nothing, with a body over the bound', 'no token', () => ({ ...azure, body: 'x'.repeat(2_000_000) })],
    ['nothing, to another source', 'no token', () => ({ ...azure, path: '/api/alerts/alertmanager' })],
    ['an expired token', 'expired', (world) => ({ ...azure, headers: bearer(entra.issue(claims(world, { exp: 1 }))) })],
    [
      'a token of another tenant',
      'another tenant',
      (world) => ({ ...azure, headers: bearer(entra.issue(claims(world, { tid: 'x' }))) }),
    ],
    [
      'a token without the role',
      'lacks the role',
      (world) => ({ ...azure, headers: bearer(entra.issue(claims(world, { roles: [] }))) }),
    ],
    [
      'a token signed by someone',
      'no key',
      (world) => ({ ...azure, headers: bearer(entra.issue(claims(world), { kid: 'x' })) }),
    ],
    ['a token that is long', 'longer', () => ({ ...azure, headers: bearer('x'.repeat(20_000)) })],
    [
      'a token for alerts, to read',
      'another audience',
      (world) => ({ path: '/api/incidents', headers: bearer(entra.issue(claims(world))) }),
    ],
    ['the shared token, to read in a cloud', 'refused', () => ({ path: '/api/incidents', headers: bearer('t0ken') })],
    ['nothing, to read one', 'no token', () => ({ path: '/api/incidents/abcdefgh' })],
    ['no credential at all', 'no credential', () => azure, { access: { kind: 'closed', nextStep: 'set one' } }],
    ['an alert that is not of SNS', 'no token', () => ({ ...sns, body: ALERT })],
    ['a message of SNS from a topic that is not ours', 'topic', () => ({ ...sns, body: SNS })],
    [
      'a message of SNS that is too old',
      'hour old',
      () => ({ ...sns, body: SNS }),
      {
        sns: {
          topics: [signed['notification-v2'].TopicArn],
          authority: { certificate: async () => '', confirm: async () => {} },
        },
      },
    ],
    [
      'a message of SNS with a wrong signature',
      'signature',
      (world) => ({
        ...sns,
        body: JSON.stringify({ ...signed['notification-v2'], Timestamp: new Date(world.clock.now()).toISOString() }),
      }),
      {
        sns: {
          topics: [signed['notification-v2'].TopicArn],
          authority: { certificate: async () => signed.certificate, confirm: async () => {} },
        },
      },
    ],
  ])(
    'and shows %s gets the same answer, byte for byte, and leaves nothing behind',
    async (_what, why, sketch, over) => {
      const world = createWorld([]);
      expect(await ask(world, sketch(world), over)).toEqual(unknownCaller());
      expect(await inboxOf(world)).toEqual([]);
      expect(await world.queue.depth()).toEqual({ waiting: 0, dead: 0 });
      expect([world.keys.size, world.log.events.map(({ fields }) => fields['why'])]).toEqual([
        0,
        [expect.stringContaining(why)],
      ]);
    },
  );

  test('is asked to try again while nobody can be told apart, as an action group does', async () => {
    const world = createWorld([]);
    const token = entra.issue(claims(world));
    entra.setOutage('cut');
    const response = await ask(world, { ...azure, headers: bearer(token) });
    entra.setOutage('none');
    expect([response.status, response.headers['retry-after'], await inboxOf(world)]).toEqual([503, '5', []]);
  });
});
