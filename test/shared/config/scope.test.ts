import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { covers, inScope, parseScope, scopeOf } from '../../../shared/config/scope.ts';

const SUB = '11111111-1111-1111-1111-111111111111';
const OTHER = '22222222-2222-2222-2222-222222222222';
const GROUP = `/subscriptions/${SUB}/resourcegroups/shop`;
const VAULT = `${GROUP}/providers/microsoft.keyvault/vaults/kv-shop`;
const ACCOUNT = '123456789012';
const ALARM = `arn:aws:cloudwatch:eu-west-1:${ACCOUNT}:alarm:sts-throttle`;

describe('a scope in the settings', () => {
  test.each([
    [SUB, `/subscriptions/${SUB}`],
    [SUB.toUpperCase(), `/subscriptions/${SUB}`],
    [`/Subscriptions/${SUB}/`, `/subscriptions/${SUB}`],
    [`/subscriptions/${SUB}/resourceGroups/Shop`, GROUP],
    [VAULT.toUpperCase(), VAULT],
    [ACCOUNT, ACCOUNT],
    [ALARM, ALARM],
    [`arn:aws:cloudwatch:eu-west-1:${ACCOUNT}:alarm:*`, `arn:aws:cloudwatch:eu-west-1:${ACCOUNT}:alarm:*`],
    ['arn:aws-cn:s3:::bucket', 'arn:aws-cn:s3:::bucket'],
  ])('%s is understood as %s', (text, scope) => {
    expect(parseScope(text)).toBe(scope);
  });

  test.each([
    '',
    '/',
    '*',
    'shop',
    '/subscriptions',
    '/subscriptions/shop',
    `/subscriptions/${SUB}/resourceGroups`,
    `/subscriptions/${SUB}/shop`,
    '/providers/Microsoft.Management/managementGroups/all',
    `${VAULT}/../kv-other`,
    `${GROUP}/providers/microsoft.keyvault/vaults`,
    '12345678901',
    'arn:aws:*',
    'arn:gcp:x:y:123456789012:z',
  ])('%j is not', (text) => {
    expect(parseScope(text)).toBeUndefined();
  });
});

describe('a scope covers', () => {
  test.each([
    ['a vault in its subscription', `/subscriptions/${SUB}`, VAULT, true],
    ['a vault in its group', GROUP, VAULT, true],
    ['the vault itself', VAULT, VAULT, true],
    ['the subscription itself', `/subscriptions/${SUB}`, `/subscriptions/${SUB}`, true],
    ['not another subscription', `/subscriptions/${OTHER}`, VAULT, false],
    ['not a group whose name goes on', GROUP, VAULT.replace('/shop/', '/shop2/'), false],
    ['not the group of a vault', VAULT, GROUP, false],
    ['not an id that climbs out', GROUP, `${GROUP}/../other/providers/microsoft.keyvault/vaults/kv`, false],
    ['not an id with a query', GROUP, `${VAULT}?x=1`, false],
    ['not an id with an escape', GROUP, `${GROUP}/providers/microsoft.keyvault/vaults/%2e%2e`, false],
    ['not an id with an empty segment', GROUP, `${GROUP}//providers/microsoft.keyvault/vaults/kv`, false],
    ['an alarm of its account', ACCOUNT, ALARM, true],
    ['not an alarm of another account', '210987654321', ALARM, false],
    ['not an alarm whose name looks like the account', ACCOUNT, `arn:aws:sns:eu-west-1:210987654321:${ACCOUNT}`, false],
    ['the alarm itself', ALARM, ALARM, true],
    ['an alarm whose name has spaces', ACCOUNT, `${ALARM} (2 of 3)`, true],
    ['not an alarm whose name goes on', ALARM, `${ALARM}-2`, false],
    ['what begins as its prefix does', `arn:aws:cloudwatch:eu-west-1:${ACCOUNT}:alarm:sts-*`, ALARM, true],
    ['not an ARM id by an account', ACCOUNT, VAULT, false],
    ['nothing that has no id', `/subscriptions/${SUB}`, `other:${SUB}:rule`, false],
  ])('%s', (_, scope, id, expected) => {
    expect(covers(scope, id)).toBe(expected);
  });

  test('nothing outside, whatever the id is', () => {
    fc.assert(
      fc.property(fc.string(), (tail) => {
        expect(covers(GROUP, `/subscriptions/${OTHER}/resourcegroups/${tail}`)).toBe(false);
        expect(covers(ACCOUNT, `arn:aws:sns:eu-west-1:210987654321:${tail}`)).toBe(false);
      }),
    );
  });
});

describe('what may be asked and what is verified', () => {
  test.each([
    ['no scopes, one machine', [], VAULT, 'local', true, 'unverified'],
    ['no scopes, a cloud', [], VAULT, 'cloud', false, 'unverified'],
    ['inside the scopes, one machine', [GROUP], VAULT, 'local', true, 'verified'],
    ['inside the scopes, a cloud', [ACCOUNT, GROUP], VAULT, 'cloud', true, 'verified'],
    ['outside the scopes, one machine', [ACCOUNT], VAULT, 'local', false, 'unverified'],
    ['outside the scopes, a cloud', [ACCOUNT], VAULT, 'cloud', false, 'unverified'],
  ] as const)('%s', (_, scopes, id, where, asked, verified) => {
    expect(inScope({ scopes }, { id }, where)).toBe(asked);
    expect(scopeOf({ scopes }, { id })).toBe(verified);
  });
});
