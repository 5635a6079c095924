import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Access, isAllowed } from '../../../shared/routes/auth.ts';
import { type RequestSketch, requestOf } from './requests.ts';

const TOKEN = 't0ken-of-32-characters-or-so-long';

function request(headers: Record<string, string>, query: Record<string, string> = {}): ReturnType<typeof requestOf> {
  return requestOf({ path: '/', headers, query });
}

function carriesToken(
  ...[headers, query, where]: [Record<string, string>, Record<string, string>, { query: boolean }]
): boolean {
  return isAllowed(request(headers, query), { kind: 'token', token: TOKEN }, where);
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
  ])('%s', (_what, { headers = {}, query = {} }, whereQueryCounts, whereItDoesNot) => {
    expect(carriesToken(headers, query, { query: true })).toBe(whereQueryCounts);
    expect(carriesToken(headers, query, { query: false })).toBe(whereItDoesNot);
  });

  test('nothing but the token is let in, of whatever length', () => {
    fc.assert(
      fc.property(fc.string(), (given) => {
        const trimmed = given.trimStart();
        expect(carriesToken({ authorization: `Bearer ${given}` }, {}, { query: false })).toBe(trimmed === TOKEN);
        expect(carriesToken({}, { token: given }, { query: true })).toBe(given === TOKEN);
      }),
    );
  });
});

describe('access to a group of routes', () => {
  test.each<[string, Access, boolean, boolean]>([
    ['open to all', { kind: 'open' }, true, true],
    ['for holders of the token', { kind: 'token', token: TOKEN }, false, true],
    ['closed until a credential is configured', { kind: 'closed', nextStep: 'set HEADROOM_READ_TOKEN' }, false, false],
  ])('%s', (_what, access, stranger, holder) => {
    expect(isAllowed(request({}), access, { query: true })).toBe(stranger);
    expect(isAllowed(request({ authorization: `Bearer ${TOKEN}` }), access, { query: true })).toBe(holder);
  });
});
