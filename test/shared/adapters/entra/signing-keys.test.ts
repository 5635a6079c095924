import { afterEach, describe, expect, test } from 'vitest';
import { createSigningKeys } from '../../../../shared/adapters/entra/signing-keys.ts';
import { type SimulatedServer, sendJson, startServer } from '../../../../simulation/servers/http-server.ts';
import { type OpenIdServer, startOpenIdServer } from '../../../../simulation/servers/openid.ts';
import { collectingLog, fakeClock } from '../../../kit.ts';
import { alertClaims, checkAlerts } from './kit.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const opened: SimulatedServer[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()));
});

async function openId(): Promise<OpenIdServer> {
  const server = await startOpenIdServer();
  opened.push(server);
  return server;
}

describe('the keys of an issuer', () => {
  test('are asked for once, however many callers wait', async () => {
    const server = await openId();
    const { verifier, clock } = checkAlerts(server);
    const token = server.issue(alertClaims(clock));
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => verifier.verify(token)));
    expect(verdicts.every(({ ok }) => ok)).toBe(true);
    // The metadata, and the list that they name.
    expect(server.requests()).toBe(2);
  });

  test('are kept; a new one is found when a token names it', async () => {
    const server = await openId();
    const { verifier, clock } = checkAlerts(server);
    expect(await verifier.verify(server.issue(alertClaims(clock)))).toMatchObject({ ok: true });
    server.rollOver();
    clock.advance(5 * MINUTE_MS);
    expect(await verifier.verify(server.issue(alertClaims(clock)))).toMatchObject({ ok: true });
    expect(server.requests()).toBe(4);
  });

  test('are asked for every 5 minutes at most, whatever key ids are sent', async () => {
    const server = await openId();
    const { verifier, clock } = checkAlerts(server);
    const forged = (kid: string): string => server.issue(alertClaims(clock), { kid });
    for (const [minutes, requests] of [
      [0, 2],
      [1, 2],
      [3.9, 2],
      [0.1, 4],
      [1, 4],
    ] as const) {
      clock.advance(minutes * MINUTE_MS);
      for (const kid of ['a', 'b', 'c'])
        expect(await verifier.verify(forged(kid))).toMatchObject({ ok: false, why: /no key/ });
      expect(server.requests()).toBe(requests);
    }
  });

  test('are asked for anew after an hour, so that a withdrawn key is forgotten, beside the request at hand', async () => {
    const server = await openId();
    const { verifier, clock } = checkAlerts(server);
    const token = server.issue(alertClaims(clock, { exp: clock.now() / 1_000 + 86_400 }));
    await verifier.verify(token);
    server.rollOver({ forgetOld: true });
    clock.advance(HOUR_MS + 1);
    expect(await verifier.verify(token)).toMatchObject({ ok: true });
    await expect.poll(async () => (await verifier.verify(token)).ok, { interval: 5 }).toBe(false);
  });

  test.each([
    [24, true],
    [24.1, false],
  ])('outlive %d hours without their issuer: %s', async (hours, alive) => {
    const server = await openId();
    const { verifier, clock } = checkAlerts(server);
    await verifier.verify(server.issue(alertClaims(clock)));
    server.setOutage({ status: 503 });
    clock.advance(hours * HOUR_MS);
    const verdict = verifier.verify(server.issue(alertClaims(clock)));
    if (alive) expect(await verdict).toMatchObject({ ok: true });
    else await expect(verdict).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('of an issuer that is down tell nobody apart: that is no refusal; it is asked again after 5 s', async () => {
    const server = await openId();
    const { verifier, clock, log } = checkAlerts(server);
    server.setOutage('cut');
    const token = server.issue(alertClaims(clock));
    await expect(verifier.verify(token)).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(verifier.verify(token)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(server.requests()).toBe(1);
    expect(log.events).toMatchObject([{ level: 'warn', event: 'signing-keys-unread', fields: { keys: 0 } }]);
    server.setOutage('none');
    clock.advance(5_000);
    expect(await verifier.verify(token)).toMatchObject({ ok: true });
  });

  test('with a new key that cannot be asked for: neither believed nor refused', async () => {
    const server = await openId();
    const { verifier, clock } = checkAlerts(server);
    const old = server.issue(alertClaims(clock));
    await verifier.verify(old);
    server.rollOver();
    server.setOutage({ status: 500 });
    clock.advance(5 * MINUTE_MS);
    await expect(verifier.verify(server.issue(alertClaims(clock)))).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await verifier.verify(old)).toMatchObject({ ok: true });
  });
});

describe('a list of keys', () => {
  async function listing(body: unknown, status = 200, headers: Record<string, string> = {}): Promise<string> {
    const server = await startServer(({ response }) => sendJson(response, status, body, headers));
    opened.push(server);
    return `${server.origin}/keys`;
  }
  const good = { kty: 'RSA', kid: 'good', n: Buffer.alloc(256, 0xab).toString('base64url'), e: 'AQAB' };

  test.each<[string, unknown]>([
    ['none', { keys: [] }],
    ['another shape', ['a']],
    ['nothing', null],
    ['a short key', { keys: [{ ...good, n: Buffer.alloc(128, 0xab).toString('base64url') }] }],
    ['a shared secret', { keys: [{ kty: 'oct', kid: 'good', k: 'c2VjcmV0' }] }],
    ['a key for encryption', { keys: [{ ...good, use: 'enc' }] }],
    ['a key of another algorithm', { keys: [{ ...good, alg: 'PS256' }] }],
    ['more than anyone has', { keys: Array.from({ length: 101 }, (_, i) => ({ ...good, kid: `${i}` })) }],
    ['more bytes than anyone sends', { keys: [good], more: 'x'.repeat(300_000) }],
  ])('with %s is no list', async (_what, body) => {
    const keys = createSigningKeys({ keysUrl: await listing(body) }, { clock: fakeClock(), log: collectingLog() });
    await expect(keys.find('good')).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('leaves out what signs no token', async () => {
    const body = { keys: [null, { kty: 'EC', kid: 'good' }, { ...good, endorsements: ['msteams'] }] };
    const keys = createSigningKeys({ keysUrl: await listing(body) }, { clock: fakeClock(), log: collectingLog() });
    expect(await keys.find('good')).toMatchObject({ endorsements: ['msteams'] });
  });

  test('is not followed elsewhere', async () => {
    const target = await listing({ keys: [good] });
    const keysUrl = await listing({}, 302, { location: target });
    const keys = createSigningKeys({ keysUrl }, { clock: fakeClock(), log: collectingLog() });
    await expect(keys.find('good')).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('that the metadata place on another host without https is not read', async () => {
    const metadataUrl = await listing({ jwks_uri: 'http://127.0.0.1:1/keys' });
    const keys = createSigningKeys({ metadataUrl }, { clock: fakeClock(), log: collectingLog() });
    await expect(keys.find('good')).rejects.toMatchObject({ message: expect.stringMatching(/without https/) });
  });
});
