import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeadroomError } from '../../../shared/errors.ts';
import type { TokenVerifier } from '../../../shared/ports.ts';
import { type Access, accessBy, createRefusal, judgeCaller } from '../../../shared/routes/auth.ts';
import { collectingLog, fakeClock } from '../../kit.ts';
import { type RequestSketch, requestOf } from './requests.ts';

const TOKEN = 't0ken-of-32-characters-or-so-long';

function request(headers: Record<string, string>, query: Record<string, string> = {}): ReturnType<typeof requestOf> {
  return requestOf({ path: '/', headers, query });
}

async function carriesToken(
  ...[headers, query, where]: [Record<string, string>, Record<string, string>, { query: boolean }]
): Promise<boolean> {
  return (await judgeCaller(request(headers, query), { kind: 'credential', tokens: [TOKEN] }, where)).allowed;
}

describe('a token', () => {
  test.each<[string, Pick<RequestSketch, 'headers' | 'query'>, boolean, boolean]>([
    ['as a bearer', { headers: { authorization: `Bearer ${TOKEN}` } }, true, true],
    ['in any spelling of the scheme', { headers: { authorization: `bearer  ${TOKEN}` } }, true, true],
    ['in the query', { query: { token: TOKEN } }, true, false],
    ['missing', {}, false, false],
    ['empty', { headers: { authorization: 'Bearer ' }, query: { token: '' } }, false, false],
    ['wrong', { headers: { authorization: `Bearer ${TOKEN}x` } }, false, false],
    ['cut short', { headers: { authorization: `Bearer ${TOKEN.slice(0, -1)}` } }, false, false],
    [
      'wrong as a bearer, right in the query',
      { headers: { authorization: 'Bearer x' }, query: { token: TOKEN } },
      false,
      false,
    ],
    ['of another scheme', { headers: { authorization: `Basic ${TOKEN}` } }, false, false],
    [
      'of another scheme, right in the query',
      { headers: { authorization: 'Basic x' }, query: { token: TOKEN } },
      true,
      false,
    ],
    ['without a scheme', { headers: { authorization: TOKEN } }, false, false],
  ])('%s', async (_what, { headers = {}, query = {} }, whereQueryCounts, whereItDoesNot) => {
    expect(await carriesToken(headers, query, { query: true })).toBe(whereQueryCounts);
    expect(await carriesToken(headers, query, { query: false })).toBe(whereItDoesNot);
  });

  test('nothing but the token is let in, of whatever length', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (given) => {
        const trimmed = given.trimStart();
        expect(await carriesToken({ authorization: `Bearer ${given}` }, {}, { query: false })).toBe(trimmed === TOKEN);
        expect(await carriesToken({}, { token: given }, { query: true })).toBe(given === TOKEN);
      }),
    );
  });
});

describe('access to a group of routes', () => {
  const secret = (token: string) => ({ reveal: () => token });
  const nextStep = 'set HEADROOM_READ_TOKEN';

  test.each<[string, Access, boolean, boolean]>([
    ['open to all', { kind: 'open' }, true, true],
    ['for holders of the token', accessBy({ token: secret(TOKEN), nextStep }), false, true],
    ['for holders of either token', accessBy({ token: secret(`other,${TOKEN}`), nextStep }), false, true],
    ['for holders of another', accessBy({ token: secret('other'), nextStep }), false, false],
    ['closed until a credential is configured', accessBy({ nextStep }), false, false],
    ['closed while the token is commas alone', accessBy({ token: secret(','), nextStep }), false, false],
  ])('%s', async (_what, access, stranger, holder) => {
    const judge = async (sent: ReturnType<typeof request>) =>
      (await judgeCaller(sent, access, { query: true })).allowed;
    expect(await judge(request({}))).toBe(stranger);
    expect(await judge(request({}, { token: '' }))).toBe(stranger);
    expect(await judge(request({ authorization: `Bearer ${TOKEN}` }))).toBe(holder);
  });

  const believes: TokenVerifier = {
    verify: async (token) =>
      token === 'a.b.c' ? { ok: true, caller: { roles: [], endorsements: [] } } : { ok: false, why: 'it has expired' },
  };

  test.each<[string, Parameters<typeof accessBy>[0], Record<string, string>, Record<string, string>, string]>([
    ['Entra lets in', { verifier: believes, nextStep }, { authorization: 'Bearer a.b.c' }, {}, ''],
    [
      'Entra lets in beside a token',
      { token: secret(TOKEN), verifier: believes, nextStep },
      { authorization: 'Bearer a.b.c' },
      {},
      '',
    ],
    [
      'the token lets in beside Entra',
      { token: secret(TOKEN), verifier: believes, nextStep },
      { authorization: `Bearer ${TOKEN}` },
      {},
      '',
    ],
    [
      'Entra refuses',
      { verifier: believes, nextStep },
      { authorization: 'Bearer x.y.z' },
      {},
      'its token is refused: it has expired',
    ],
    [
      'Entra is not asked about what stands in the query',
      { verifier: believes, nextStep },
      {},
      { token: 'a.b.c' },
      'it shows a wrong token',
    ],
  ])('%s', async (_what, credentials, headers, query, why) => {
    const judged = await judgeCaller(request(headers, query), accessBy(credentials), { query: true });
    expect(judged).toEqual(why === '' ? { allowed: true } : { allowed: false, why });
  });

  test('while nobody can be told apart rejects, and does not refuse', async () => {
    const verifier = { verify: () => Promise.reject(new HeadroomError('unavailable', 'no keys')) };
    const judged = judgeCaller(request({ authorization: 'Bearer a.b.c' }), accessBy({ verifier, nextStep }), {
      query: false,
    });
    await expect(judged).rejects.toMatchObject({ kind: 'unavailable' });
  });
});

describe('the log of refusals', () => {
  test('has ten lines a minute, and counts the rest', () => {
    const log = collectingLog();
    const clock = fakeClock();
    const refuse = createRefusal({ log, clock }, 'alerts');
    for (let sent = 0; sent < 1_000; sent += 1) refuse('it shows no token');
    expect(log.events).toHaveLength(10);
    clock.advance(60_000);
    refuse('it shows a wrong token');
    expect(log.events.slice(10)).toEqual([
      { level: 'warn', event: 'callers-refused', fields: { route: 'alerts', unlogged: 990 } },
      { level: 'warn', event: 'caller-refused', fields: { route: 'alerts', why: 'it shows a wrong token' } },
    ]);
  });
});
