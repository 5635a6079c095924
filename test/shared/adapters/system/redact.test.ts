import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redact, redactText } from '../../../../shared/adapters/system/redact.ts';

describe('fields that are named for a secret', () => {
  test.each([
    'token',
    'alertToken',
    'clientSecret',
    'password',
    'Authorization',
    'set-cookie',
    'credential',
    'x-slack-signature',
    'connectionString',
    'apiKey',
    'api-key',
    'privateKey',
  ])('%s is hidden', (name) => {
    expect(redact({ [name]: 'hunter2' })).toEqual({ [name]: '[secret]' });
  });

  test('numbers and flags about them are shown', () => {
    expect(redact({ tokenAgeMs: 12, secretCached: true })).toEqual({ tokenAgeMs: 12, secretCached: true });
  });

  test.each(['incident', 'resource', 'key', 'partition', 'ms'])('%s is shown', (name) => {
    expect(redact({ [name]: 'kv-payments' })).toEqual({ [name]: 'kv-payments' });
  });
});

describe('what looks like a secret in other text', () => {
  const JWT = `eyJ${'hbGciOi'}.eyJ${'zdWIiOi'}.c2lnbmF0dXJl`;
  test.each([
    ['a bearer header', 'sent Authorization: Bearer abc.def-ghi=', 'abc.def'],
    ['a JSON Web Token', `token was ${JWT} today`, 'c2lnbmF0dXJl'],
    ['a Slack bot token', `got ${'xox'}b-123456-abcdef`, '123456-abcdef'],
    ['a Slack app token', `got ${'xap'}p-1-A123-456`, '1-A123-456'],
    ['a GitLab token', `got ${'glp'}at-abcdefghij`, 'abcdefghij'],
    ['a GitHub token', `got ${'gh'}p_abcdefghij`, 'abcdefghij'],
    ['an AWS access key id', `by ${'AKI'}AABCDEFGHIJKLMNOP`, 'ABCDEFGHIJKLMNOP'],
    ['a storage connection string', 'AccountName=a;AccountKey=Zm9vYmFy==;EndpointSuffix=x', 'Zm9vYmFy'],
    ['a shared access signature', 'failed: sv=2024&sig=Zm9vYmFy%3D&se=1', 'Zm9vYmFy'],
    ['a private key', `-----BEGIN ${'RSA PRIVATE'} KEY-----\nMIIabc\n-----END ${'RSA PRIVATE'} KEY-----`, 'MIIabc'],
    ['a Slack webhook', 'post to https://hooks.slack.com/services/T0/B0/abcdef failed', 'T0/B0/abcdef'],
    ['a Teams workflow', 'https://prod-1.westeurope.logic.azure.com:443/workflows/abcdef/triggers', 'abcdef'],
    ['a query string', 'GET https://example.com/api?token=abc123&x=1', 'abc123'],
    ['a user name and password in a URL', 'GET https://me:hunter2@example.com/api', 'hunter2'],
    ['what only begins like a URL', 'GET http://[hunter2', 'hunter2'],
  ])('%s is hidden', (_what, text, secret) => {
    expect(redactText(text)).not.toContain(secret);
  });

  test.each([
    ['/subscriptions/0000/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-payments'],
    ['arn:aws:cloudwatch:eu-west-1:123456789012:alarm:Errors'],
    ['opening /var/lib/headroom.sqlite failed: EACCES'],
    ['GET https://example.com/api/incidents answered 503'],
    ['12 tokens left; secret cached'],
  ])('%s is shown as it is', (text) => {
    expect(redactText(text)).toBe(text);
  });
});

describe('hostile text', () => {
  test.each([
    ['a colour', '\u001b[31mred\u001b[0m', 'red'],
    ['a window title', '\u001b]0;title\u0007after', 'after'],
    ['a line break', 'one\r\ntwo', 'one two'],
    ['a null', 'a\u0000b', 'a b'],
    ['a reversal of direction', 'a\u202eb', 'a b'],
  ])('%s does not reach the terminal', (_what, text, shown) => {
    expect(redactText(text)).toBe(shown);
  });

  test('any text comes out short, well-formed and without control characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), (text) => {
        const shown = redactText(text);
        expect(shown.length).toBeLessThanOrEqual(501);
        expect(/\p{Cc}/u.test(shown)).toBe(false);
        expect(shown.isWellFormed() || !text.isWellFormed()).toBe(true);
      }),
    );
  });

  test('a long text is cut and says so', () => {
    expect(redactText('x'.repeat(5_000))).toBe(`${'x'.repeat(500)}…`);
  });
});
