import { expect, test } from 'vitest';
import type { VaultLimit } from '../../simulation/limit.ts';
import { seededRandom } from '../../simulation/random.ts';
import { createVault, type VaultNature } from '../../simulation/vault.ts';

const LIMIT: VaultLimit = { requests: 80, windowMs: 10_000, shape: 'sliding', countsRefused: false };
const CALLER = { address: '10.0.0.4', clientInfo: 'test', identity: { appId: 'a', objectId: 'b' } };

/** How many of so many requests at once are answered 200. */
function served(operation: string, path: string, nature?: VaultNature): number {
  const vault = createVault(LIMIT, seededRandom(1), nature);
  for (let index = 0; index < 400; index++) vault.ask({ ...CALLER, timeMs: index, operation, path });
  expect(vault.log).toHaveLength(400);
  return vault.log.filter(({ status }) => status === 200).length;
}

const keys: VaultNature['keys'] = new Map([
  ['heavy', { type: 'rsa-4096', hsm: false }],
  ['mid', { type: 'rsa-3072', hsm: false }],
  ['hardware', { type: 'rsa-2048', hsm: true }],
  ['heaviest', { type: 'rsa-4096', hsm: true }],
]);

test.each<[string, string, number]>([
  ['SecretGet', '/secrets/one', 80],
  ['SecretList', '/secrets', 80],
  ['SecretSet', '/secrets/one', 30],
  ['CertificateImport', '/certificates/one', 30],
  ['KeyImport', '/keys/one', 30],
  ['KeyCreate', '/keys/one', 20],
  ['KeySign', '/keys/light/v/sign', 80],
  ['KeySign', '/keys/mid/v/sign', 20],
  ['KeySign', '/keys/heavy/v/sign', 10],
  ['KeySign', '/keys/hardware/v/sign', 40],
  ['KeySign', '/keys/heaviest/v/sign', 5],
])('%s of %s is served %i times of a limit of 80', (operation, path, expected) => {
  expect(served(operation, path, { keys, creates: 30 })).toBe(expected);
});

test('what has no permission or no name is refused as such, once the limit has let it through', () => {
  const vault = createVault({ ...LIMIT, requests: 1 }, seededRandom(1), { fault: () => 404 });
  const statuses = [0, 1].map(
    (timeMs) => vault.ask({ ...CALLER, timeMs, operation: 'SecretGet', path: '/secrets/x' }).status,
  );
  expect(statuses).toEqual([404, 429]);
});

test('a subscription over its limit refuses a share, however idle the vault is', () => {
  const refused = 400 - served('SecretGet', '/secrets/one', { refusedOutside: () => 1 });
  expect(refused).toBe(400);
  const vault = createVault({ ...LIMIT, requests: 10_000 }, seededRandom(1), { refusedOutside: () => 0.3 });
  for (let index = 0; index < 4_000; index++)
    vault.ask({ ...CALLER, timeMs: index, operation: 'SecretGet', path: '/secrets/x' });
  const share = vault.log.filter(({ status }) => status === 429).length / 4_000;
  expect(Math.abs(share - 0.3)).toBeLessThan(0.04);
});
