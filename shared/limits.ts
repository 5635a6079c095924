/** Published service limits as data, by profile. */
import { KEY_VAULT_2000, KEY_VAULT_PUBLISHED } from './limits/key-vault.ts';
import type { Limit, LimitProfile } from './limits/limit.ts';
import { type ParsedLimits, parseLimits } from './limits/parse.ts';
import type { Resource } from './model.ts';

export type { Limit, LimitProfile } from './limits/limit.ts';
export type { ParsedLimits } from './limits/parse.ts';

/** `published`: as the services state them today. `2000`: what older documents say, which also count refused requests. */
export const LIMIT_PROFILES: readonly LimitProfile[] = [
  { name: 'published', limits: KEY_VAULT_PUBLISHED },
  { name: '2000', limits: KEY_VAULT_2000 },
];

/** The shipped profile of that name; null when there is none. */
export function limitProfile(name: string): LimitProfile | null {
  return LIMIT_PROFILES.find((profile) => profile.name === name) ?? null;
}

/** A limits file that may extend a shipped profile. @see parseLimits */
export function parseLimitProfile(name: string, value: unknown): ParsedLimits {
  return parseLimits(name, value, LIMIT_PROFILES);
}

const SERVICES: Readonly<Record<string, string>> = { 'microsoft.keyvault/vaults': 'key-vault' };

/** The limit that holds for one class of operations on one resource; null where none is known. */
export function limitFor(profile: LimitProfile, resource: Resource, operationClass: string): Limit | null {
  const service = SERVICES[resource.type.toLowerCase()];
  const found = profile.limits.find(
    (limit) => limit.service === service && limit.class === operationClass && limit.scope === 'resource',
  );
  return found ?? null;
}
