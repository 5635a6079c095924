import * as z from 'zod/mini';
import type { Limit, LimitProfile } from './limit.ts';

const limit = () =>
  z.strictObject({
    service: z.string().check(z.minLength(1)),
    class: z.string().check(z.minLength(1)),
    windowSeconds: z.number().check(z.positive(), z.lte(86_400)),
    max: z.int().check(z.positive()),
    weight: z._default(z.number().check(z.positive()), 1),
    countsRefused: z.boolean(),
  });

/** Built where a file is read: most processes read none. */
const file = () => z.strictObject({ extends: z.optional(z.string()), limits: z.array(limit()) });

export type ParsedLimits = { ok: true; profile: LimitProfile } | { ok: false; error: string; path: string };

/**
 * A limits file: `{ extends?: profile, limits: [{ service, class, windowSeconds, max, weight?, countsRefused }] }`. Its
 * own limits replace those of the same service and class in the profile that it extends. Unknown keys are refused.
 *
 * @param name what messages call it, such as the file's path
 * @param path of the faulty field, such as `limits[2].max`
 */
export function parseLimits(name: string, value: unknown, profiles: readonly LimitProfile[]): ParsedLimits {
  const parsed = z.safeParse(file(), value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { ok: false, error: issue?.message ?? 'is no limits file', path: pathText(issue?.path ?? []) };
  }
  const { extends: base, limits } = parsed.data;
  const profile = profiles.find((candidate) => candidate.name === base);
  if (base !== undefined && profile === undefined) {
    const known = profiles.map((candidate) => candidate.name).join(', ');
    return { ok: false, error: `no such profile; known: ${known}`, path: 'extends' };
  }
  const own = limits.map((limit): Limit => ({ ...limit, scope: 'resource', source: name, readOn: '' }));
  const kept = (profile?.limits ?? []).filter(
    (limit) => !own.some((o) => o.service === limit.service && o.class === limit.class && o.scope === limit.scope),
  );
  return { ok: true, profile: { name, limits: [...own, ...kept] } };
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  );
}
