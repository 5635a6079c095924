/** Published service limits as data, by profile. */
import { APP_CONFIGURATION } from './limits/app-configuration.ts';
import { IDENTITY } from './limits/identity.ts';
import { KEY_VAULT_2000, KEY_VAULT_PUBLISHED } from './limits/key-vault.ts';
import type { Limit, LimitProfile } from './limits/limit.ts';
import { type ParsedLimits, parseLimits } from './limits/parse.ts';
import type { Resource } from './model.ts';

export { refreshSecondsFor } from './limits/app-configuration.ts';
export type { Limit, LimitProfile } from './limits/limit.ts';
export type { ParsedLimits } from './limits/parse.ts';

const OTHER_SERVICES = [...APP_CONFIGURATION, ...IDENTITY];

/**
 * `published`: as the services state them today. `2000`: what older documents say of Key Vault, which also count refused
 * requests.
 */
export const LIMIT_PROFILES: readonly LimitProfile[] = [
  { name: 'published', limits: [...KEY_VAULT_PUBLISHED, ...OTHER_SERVICES] },
  { name: '2000', limits: [...KEY_VAULT_2000, ...OTHER_SERVICES] },
];

/** The shipped profile of that name; null when there is none. */
export function limitProfile(name: string): LimitProfile | null {
  return LIMIT_PROFILES.find((profile) => profile.name === name) ?? null;
}

/** A limits file that may extend a shipped profile. @see parseLimits */
export function parseLimitProfile(name: string, value: unknown): ParsedLimits {
  return parseLimits(name, value, LIMIT_PROFILES);
}

/** What all shipped profiles say of one class of one resource's operations; the services changed their limits before. */
export function everyLimitFor(resource: Resource, operationClass: string): Limit[] {
  return LIMIT_PROFILES.flatMap((profile) => limitFor(profile, resource, operationClass) ?? []);
}

const SERVICES: Readonly<Record<string, string>> = {
  'microsoft.keyvault/vaults': 'key-vault',
  'microsoft.appconfiguration/configurationstores': 'app-configuration',
};

/**
 * The limit that holds for one class of operations on one resource; null where none is known.
 *
 * @param of the scope that is asked for, by default the resource's own; its tier, without which only limits that hold for
 * every tier are known
 */
export function limitFor(
  profile: LimitProfile,
  resource: Resource,
  operationClass: string,
  of: { scope?: Limit['scope']; tier?: string } = {},
): Limit | null {
  const { scope = 'resource', tier } = of;
  const service = SERVICES[resource.type.toLowerCase()];
  const found = profile.limits.find(
    (limit) =>
      limit.service === service &&
      limit.class === operationClass &&
      limit.scope === scope &&
      (limit.tier === undefined || limit.tier === tier),
  );
  return found ?? null;
}
