import type { Limit } from './limit.ts';

const PUBLISHED = {
  service: 'key-vault',
  windowSeconds: 10,
  countsRefused: false,
  scope: 'resource',
  source: 'https://learn.microsoft.com/azure/key-vault/general/service-limits',
  readOn: '2026-11-20',
} as const;

const PUBLISHED_VAULT: readonly Limit[] = [
  { ...PUBLISHED, class: 'secret', max: 4000, weight: 1 },
  { ...PUBLISHED, class: 'create', max: 300, weight: 1 },
  { ...PUBLISHED, class: 'key', max: 4000, weight: 1 },
  { ...PUBLISHED, class: 'key-create', max: 20, weight: 1 },
  { ...PUBLISHED, class: 'key-rsa-2048', max: 4000, weight: 1 },
  { ...PUBLISHED, class: 'key-rsa-3072', max: 1000, weight: 4 },
  { ...PUBLISHED, class: 'key-rsa-4096', max: 500, weight: 8 },
  { ...PUBLISHED, class: 'key-ec', max: 4000, weight: 1 },
  { ...PUBLISHED, class: 'key-rsa-2048-hsm', max: 2000, weight: 1 },
  { ...PUBLISHED, class: 'key-rsa-3072-hsm', max: 500, weight: 4 },
  { ...PUBLISHED, class: 'key-rsa-4096-hsm', max: 250, weight: 8 },
  { ...PUBLISHED, class: 'key-ec-hsm', max: 2000, weight: 1 },
  { ...PUBLISHED, class: 'key-create-hsm', max: 10, weight: 1 },
];

const OLDER = {
  ...PUBLISHED,
  // The throttling guidance of that time: "failed requests that return a 429 count towards the throttle limits".
  countsRefused: true,
  source: 'https://learn.microsoft.com/azure/key-vault/general/overview-throttling (before 2022)',
} as const;

const OLDER_VAULT: readonly Limit[] = [
  { ...OLDER, class: 'secret', max: 2000, weight: 1 },
  { ...OLDER, class: 'create', max: 2000, weight: 1 },
  { ...OLDER, class: 'key', max: 2000, weight: 1 },
  { ...OLDER, class: 'key-create', max: 10, weight: 1 },
  { ...OLDER, class: 'key-rsa-2048', max: 2000, weight: 1 },
  { ...OLDER, class: 'key-rsa-3072', max: 500, weight: 4 },
  { ...OLDER, class: 'key-rsa-4096', max: 250, weight: 8 },
  { ...OLDER, class: 'key-ec', max: 2000, weight: 1 },
  { ...OLDER, class: 'key-rsa-2048-hsm', max: 1000, weight: 1 },
  { ...OLDER, class: 'key-rsa-3072-hsm', max: 250, weight: 4 },
  { ...OLDER, class: 'key-rsa-4096-hsm', max: 125, weight: 8 },
  { ...OLDER, class: 'key-ec-hsm', max: 1000, weight: 1 },
  { ...OLDER, class: 'key-create-hsm', max: 5, weight: 1 },
];

/** "The subscription-wide limit for all transaction types is five times per key vault limit." */
const SUBSCRIPTION_FACTOR = 5;

/**
 * Key Vault, per vault and region, and five times as much per subscription. `secret` is every secret, certificate and
 * vault transaction that is not a `create` (create secret, import certificate, import key: 300 together). The audit log
 * does not always say type and size of a key: `key` then stands for the largest class, and the classes with a type for
 * what it weighs against that.
 */
export const KEY_VAULT_PUBLISHED: readonly Limit[] = withSubscription(PUBLISHED_VAULT);

/** The numbers that many guides still quote. */
export const KEY_VAULT_2000: readonly Limit[] = withSubscription(OLDER_VAULT);

function withSubscription(limits: readonly Limit[]): readonly Limit[] {
  return [
    ...limits,
    ...limits.map((limit): Limit => ({ ...limit, max: SUBSCRIPTION_FACTOR * limit.max, scope: 'subscription' })),
  ];
}
