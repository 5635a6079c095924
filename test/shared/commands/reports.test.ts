import { expect, test } from 'vitest';
import { chatWorld } from './kit.ts';

test('secrets tells how the own reader fares', async () => {
  const secretStats = () => ({
    hits: 1200,
    misses: 7,
    coalesced: 3,
    stale: 0,
    throttled: 2,
    failures: 1,
    inFlight: 0,
    cached: 6,
    vaults: {
      'https://kv-a.vault.azure.net': { ratePerSecond: 12.5, breaker: 'open' as const },
      'https://kv-b.vault.azure.net': { ratePerSecond: null, breaker: 'closed' as const },
    },
  });
  expect(await chatWorld().answer('secrets', { secretStats })).toEqual({
    title: '6 secrets in memory, 0 being read',
    lines: [
      "1,200 read from memory, 7 from a vault, 3 waited for another's read",
      '2 throttled, 1 failed, 0 served past their time',
    ],
    table: {
      columns: ['vault', 'rate', 'breaker'],
      rows: [
        ['https://kv-a.vault.azure.net', '12.5/s', 'open'],
        ['https://kv-b.vault.azure.net', 'not limited', 'closed'],
      ],
    },
    notes: [],
  });
});

test('secrets of a process that reads none says so', async () => {
  expect((await chatWorld().answer('secrets')).title).toBe('This process reads no secrets from a Key Vault');
});

test('doctor lists every check, and the next step of those that found something', async () => {
  const check = async () => [
    { name: 'stores', ok: true as const, detail: 'they answer' },
    { name: 'scopes', ok: false as const, problem: 'none', nextStep: 'Name one' },
  ];
  expect(await chatWorld().answer('doctor', { check })).toEqual({
    title: '1 of 2 checks found something',
    lines: [],
    table: {
      columns: ['check', 'found'],
      rows: [
        ['stores', 'they answer'],
        ['scopes', 'none'],
      ],
    },
    notes: [{ text: 'scopes: none', nextStep: 'Name one' }],
  });
});
