import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBotVerifier, createReaderVerifier } from '../../../../shared/adapters/entra/verifiers.ts';
import { speaksFor } from '../../../../shared/chat/teams/caller.ts';
import { type OpenIdServer, startOpenIdServer } from '../../../../simulation/servers/openid.ts';
import { collectingLog, fakeClock } from '../../../kit.ts';
import { ACTION_GROUPS, AUDIENCE, alertClaims, checkAlerts, ISSUERS, oldAlertClaims, TENANT, tenantAt } from './kit.ts';

let server: OpenIdServer;
beforeAll(async () => {
  server = await startOpenIdServer();
});
afterAll(() => server.close());

function part(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

describe('a token of the action group service', () => {
  test('of version 2 names its caller', async () => {
    const { verifier, clock } = checkAlerts(server);
    expect(await verifier.verify(server.issue(alertClaims(clock)))).toEqual({
      ok: true,
      caller: {
        tenantId: TENANT,
        appId: ACTION_GROUPS,
        objectId: '99999999-aaaa-4bbb-8ccc-dddddddddddd',
        roles: ['ActionGroupsSecureWebhook'],
        endorsements: [],
      },
    });
  });

  test('of version 1 does as well', async () => {
    const { verifier, clock } = checkAlerts(server);
    expect(await verifier.verify(server.issue(oldAlertClaims(clock)))).toMatchObject({
      ok: true,
      caller: { appId: ACTION_GROUPS },
    });
  });

  test.each([
    ['an id alone', AUDIENCE],
    ['a URI of the id', `api://${AUDIENCE}`],
  ])('is for the audience given as %s, whichever way it says it', async (_what, given) => {
    const { verifier, clock } = checkAlerts(server, [given]);
    const verdicts = [alertClaims(clock), oldAlertClaims(clock)].map((claims) => verifier.verify(server.issue(claims)));
    expect(await Promise.all(verdicts)).toMatchObject([{ ok: true }, { ok: true }]);
  });

  const other = '11111111-2222-4333-8444-555555555555';
  test.each<[string, Record<string, unknown>, string]>([
    ['another audience', { aud: other }, 'it is for another audience'],
    ['several audiences', { aud: [AUDIENCE, other] }, 'it is no token of the known form'],
    ['another tenant', { tid: other }, 'it is of another tenant'],
    ['no tenant', { tid: undefined }, 'it is of another tenant'],
    ["another tenant's issuer", { iss: `${ISSUERS.v2}/${other}/v2.0` }, 'it is of another issuer'],
    ['an issuer that begins alike', { iss: `${ISSUERS.v2}/${TENANT}/v2.0/x` }, 'it is of another issuer'],
    [
      'the issuer of another cloud',
      { iss: `https://login.microsoftonline.us/${TENANT}/v2.0` },
      'it is of another issuer',
    ],
    ['another application', { azp: other }, 'it is of another application'],
    [
      'the application under its old name alone',
      { azp: undefined, appid: ACTION_GROUPS },
      'it is of another application',
    ],
    ['an old token with the new name alone', { ver: '1.0' }, 'it is of another application'],
    ['no role', { roles: undefined }, 'it lacks the role ActionGroupsSecureWebhook'],
    ['another role', { roles: ['Reader'] }, 'it lacks the role ActionGroupsSecureWebhook'],
    ['a role that is text', { roles: 'ActionGroupsSecureWebhook' }, 'it is no token of the known form'],
  ])('is refused for %s', async (_what, change, why) => {
    const { verifier, clock } = checkAlerts(server);
    const before = server.requests();
    expect(await verifier.verify(server.issue(alertClaims(clock, change)))).toEqual({ ok: false, why });
    // Whoever sends such tokens makes nobody ask the issuer.
    expect(server.requests()).toBe(before);
  });

  test.each([
    [3_600 + 300 - 1, true],
    [3_600 + 300, false],
  ])('that ran out is still good after %i s: %s', async (seconds, ok) => {
    const { verifier, clock } = checkAlerts(server);
    const token = server.issue(alertClaims(clock));
    clock.advance(seconds * 1_000);
    expect((await verifier.verify(token)).ok).toBe(ok);
  });

  test.each<[string, Record<string, unknown>, string | true]>([
    ['from 300 s ahead on', { nbf: Date.parse('2026-11-20T14:05:00Z') / 1_000 }, true],
    ['from 301 s ahead on', { nbf: Date.parse('2026-11-20T14:05:01Z') / 1_000 }, 'it is not valid yet'],
    ['for ever', { exp: undefined }, 'its exp is missing or wrong'],
    ['until a text', { exp: 'tomorrow' }, 'its exp is missing or wrong'],
  ])('valid %s', async (_what, change, expected) => {
    const { verifier, clock } = checkAlerts(server);
    const verdict = await verifier.verify(server.issue(alertClaims(clock, change)));
    expect(verdict.ok || verdict.why).toBe(expected);
  });
});

describe('a forged token is refused', () => {
  test.each<[string, (claims: Record<string, unknown>, good: string) => string, string]>([
    ['unsigned', (claims) => `${part({ alg: 'none', kid: 'key-1' })}.${part(claims)}.`, 'it is not signed with RS256'],
    [
      'signed with the public key as a shared secret',
      (claims) => {
        const signed = `${part({ alg: 'HS256', kid: 'key-1' })}.${part(claims)}`;
        return `${signed}.${createHmac('sha256', server.publicPem()).update(signed).digest('base64url')}`;
      },
      'it is not signed with RS256',
    ],
    [
      'of another algorithm of the same key',
      (claims) => server.issue(claims, { alg: 'PS256' }),
      'it is not signed with RS256',
    ],
    [
      'with a key of its own',
      (claims) => server.issue(claims, { kid: 'mine', jku: 'https://evil.example' }),
      'it is signed by no key of its issuer',
    ],
    ['without a key id', (claims) => server.issue(claims, { kid: undefined }), 'it is no token of the known form'],
    [
      'with claims changed after signing',
      (claims, good) => [good.split('.')[0], part({ ...claims, oid: 'me' }), good.split('.')[2]].join('.'),
      'its signature is wrong',
    ],
    ['without its signature', (_claims, good) => `${good.split('.').slice(0, 2).join('.')}.`, 'its signature is wrong'],
    [
      'with an extension that nobody knows',
      (claims) => server.issue(claims, { crit: ['x'], x: 1 }),
      'it is no token of the known form',
    ],
    [
      'longer than any',
      (claims) => server.issue({ ...claims, more: 'x'.repeat(16_384) }),
      'it is longer than 16384 characters',
    ],
    ['cut short', (_claims, good) => good.split('.').slice(0, 2).join('.'), 'it is no token of the known form'],
    ['empty', () => '', 'it is no token of the known form'],
  ])('%s', async (_what, forge, why) => {
    const { verifier, clock } = checkAlerts(server);
    const claims = alertClaims(clock);
    const good = server.issue(claims);
    expect(await verifier.verify(good)).toMatchObject({ ok: true });
    expect(await verifier.verify(forge(claims, good))).toEqual({ ok: false, why });
  });

  test('whatever it is: no text throws, and none is believed', async () => {
    const { verifier, clock } = checkAlerts(server);
    const good = server.issue(alertClaims(clock));
    const piece = fc.oneof(fc.string(), fc.json().map(part), fc.constantFrom(...good.split('.')));
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join('.')),
    );
    await fc.assert(
      fc.asyncProperty(text, async (sent) => {
        const verdict = await verifier.verify(sent);
        expect(verdict.ok).toBe(sent === good);
      }),
      { numRuns: 300 },
    );
  });

  test('in any one character of the signed text', async () => {
    const { verifier, clock } = checkAlerts(server);
    const good = server.issue(alertClaims(clock));
    const letters = [...'ABCXYZabcxyz0189-_.'];
    await fc.assert(
      fc.asyncProperty(fc.nat(good.lastIndexOf('.') - 1), fc.constantFrom(...letters), async (at, letter) => {
        fc.pre(good[at] !== letter);
        const changed = good.slice(0, at) + letter + good.slice(at + 1);
        expect((await verifier.verify(changed)).ok).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a token of who reads incidents', () => {
  test.each([
    ['with the role', { roles: ['Headroom.Read'] }, true],
    ['with another', { roles: ['ActionGroupsSecureWebhook'] }, false],
    ['without any: everybody in a tenant can ask for such a token', { roles: undefined }, false],
  ])('%s: %s', async (_what, change, ok) => {
    const clock = fakeClock();
    const deps = { clock, log: collectingLog() };
    const verifier = createReaderVerifier(tenantAt(server), { audiences: ['api://headroom-read'] }, deps);
    const claims = oldAlertClaims(clock, { aud: 'api://headroom-read', appid: 'a-person-s-tool', ...change });
    expect((await verifier.verify(server.issue(claims))).ok).toBe(ok);
  });
});

describe('a token of the Bot Framework', () => {
  const BOT = '0b0b0b0b-1111-4222-8333-444455556666';
  const SERVICE = 'https://smba.trafficmanager.net/emea/';
  let framework: OpenIdServer;
  beforeAll(async () => {
    framework = await startOpenIdServer({ endorsements: ['msteams', 'webchat'] });
  });
  afterAll(() => framework.close());

  function check(claims: Record<string, unknown>): ReturnType<ReturnType<typeof createBotVerifier>['verify']> {
    const clock = fakeClock();
    const verifier = createBotVerifier(
      { appId: BOT, issuer: 'https://api.botframework.com', keysUrl: `${framework.origin}/v1/.well-known/keys` },
      { clock, log: collectingLog() },
    );
    const exp = clock.now() / 1_000 + 3_600;
    return verifier.verify(
      framework.issue({ aud: BOT, iss: 'https://api.botframework.com', exp, serviceurl: SERVICE, ...claims }),
    );
  }

  test('names where replies go, and the channels of its key', async () => {
    const caller = { roles: [], serviceUrl: SERVICE, endorsements: ['msteams', 'webchat'] };
    expect(await check({})).toEqual({ ok: true, caller });
  });

  test.each<[string, Record<string, unknown>, boolean]>([
    ['the URI of the bot', { aud: `api://botid-${BOT}` }, true],
    ['another bot', { aud: TENANT }, false],
    ['an issuer of Entra', { iss: `${ISSUERS.v2}/${TENANT}/v2.0` }, false],
  ])('for %s: %s', async (_what, claims, ok) => {
    expect((await check(claims)).ok).toBe(ok);
  });

  test.each<[string, { serviceUrl: string; channelId: string }, boolean]>([
    ['of its place and channel', { serviceUrl: SERVICE, channelId: 'msteams' }, true],
    [
      'of its place in another spelling',
      { serviceUrl: 'https://SMBA.trafficmanager.net/emea', channelId: 'msteams' },
      true,
    ],
    ['that names another place', { serviceUrl: 'https://evil.example/emea/', channelId: 'msteams' }, false],
    ['of a channel that the key may not speak for', { serviceUrl: SERVICE, channelId: 'slack' }, false],
  ])('speaks for an activity %s: %s', (_what, activity, fits) => {
    const caller = { roles: [], serviceUrl: SERVICE, endorsements: ['msteams'] };
    expect(speaksFor(caller, activity)).toBe(fits);
  });

  test('without a place speaks for nothing', () => {
    expect(speaksFor({ roles: [], endorsements: ['msteams'] }, { serviceUrl: '', channelId: 'msteams' })).toBe(false);
  });
});
