import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanBlock, cleanLine, safeUrl, shorten, shortenMiddle } from '../../../shared/chat/plain.ts';
import { checkString } from './check-text.ts';
import { text } from './hostile.ts';

describe('one clean line', () => {
  test.each([
    ['keeps what people write', 'kv-orders: 92 % · “quoted” über', 'kv-orders: 92 % · “quoted” über'],
    ['keeps markup, which each platform escapes', '<!channel> *x* [a](http://b)', '<!channel> *x* [a](http://b)'],
    ['collapses line breaks and tabs', 'one\r\ntwo\u2028three\tfour', 'one two three four'],
    ['takes out terminal colours', '\u001b[31mred\u001b[0m', 'red'],
    ['takes out terminal titles and links', '\u001b]0;title\u0007a\u001b]8;;http://x\u001b\\b', 'ab'],
    ['takes out sequences of the C1 form', 'a\u009b2Jb', 'ab'],
    ['takes out direction overrides', 'a\u202egnp.exe\u2066', 'agnp.exe'],
    ['takes out invisible characters', 'a\u200bb\ufeffc\u00add', 'abcd'],
    ['keeps joined emoji together', '👩‍👧', '👩‍👧'],
    ['replaces half a surrogate pair', 'a\ud83db', 'a\ufffdb'],
    ['drops query strings', 'see https://kv.example/secrets?sig=abc&x=1 now', 'see https://kv.example/secrets now'],
    [
      'keeps sentences about tokens, codes and secrets',
      'token: expired, code: 429, secret: orders-db',
      'token: expired, code: 429, secret: orders-db',
    ],
    ['trims', '  a   b  ', 'a b'],
  ])('%s', (_what, given, expected) => {
    expect(cleanLine(given)).toBe(expected);
  });

  test.each([
    ['sig=Zm9vYmFy', 'Zm9vYmFy'],
    ['AccountKey=abc123==;EndpointSuffix=x', 'abc123'],
    ['SharedAccessSignature=sv1', 'sv1'],
    ['client_secret: hunter2', 'hunter2'],
    ['password = hunter2', 'hunter2'],
    ['Authorization: Bearer abcdefgh12345678', 'abcdefgh12345678'],
    ['token xoxb-12-34-abc', 'xoxb-12-34-abc'],
    ['eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', 'eyJzdWIiOiIxIn0'],
    ['https://hooks.slack.com/services/T0/B0/abc', 'T0/B0/abc'],
  ])('removes the credential from %s', (given, secret) => {
    expect(cleanLine(given)).not.toContain(secret);
    expect(cleanLine(given)).toContain('[removed]');
  });

  test.each([
    'const password = await secrets.getSecret(url);',
    'String password = secrets.get(name);',
    'token = new TokenSource();',
  ])('leaves the code of a snippet alone: %s', (given) => {
    expect(cleanLine(given)).toBe(given);
  });

  test('never passes its bound and never passes unclean text', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 300 }), (given, max) => {
        const line = cleanLine(given, max);
        expect(line.length).toBeLessThanOrEqual(max);
        expect(line).not.toContain('\n');
        expect(checkString(line, 'line')).toEqual([]);
      }),
    );
  });
});

test.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'ab…'],
  ['abcd', 1, '…'],
  ['abcd', 0, ''],
  ['a👍👍', 3, 'a…'],
  ['a👍👍', 4, 'a👍…'],
  ['ab  cd', 5, 'ab…'],
])('shortens %s to %d characters as %s', (given, max, expected) => {
  expect(shorten(given, max)).toBe(expected);
});

test('keeps both ends of a long name', () => {
  expect(shortenMiddle('kv-orders-production-westeurope-001', 20)).toBe('kv-orders-pro…pe-001');
});

test('keeps the lines of a snippet, bounded in both directions', () => {
  expect(cleanBlock('a\n  b\u001b[1m\r\nc\nd', 3, 10)).toBe('a\n  b\n…');
  expect(cleanBlock('abcdefghijkl', 3, 10)).toBe('abcdefghi…');
});

test.each([
  ['https://portal.azure.com/#view', 'https://portal.azure.com/#view'],
  ['http://prometheus.internal:9090/graph?g0.expr=up', 'http://prometheus.internal:9090/graph?g0.expr=up'],
  ['https://x.example/a?sig=secret&b=1', 'https://x.example/a'],
  ['https://x.example/a?access_token=secret', 'https://x.example/a'],
  ['https://user:pass@x.example/', null],
  ['javascript:alert(1)', null],
  ['ftp://x.example/', null],
  ['not a link', null],
  [`https://x.example/${'a'.repeat(2000)}`, null],
])('shows the link %s as %s', (given, expected) => {
  expect(safeUrl(given)).toBe(expected);
});
