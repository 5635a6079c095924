import * as z from 'zod/mini';
import SCHEMA from './schema/types.json' with { type: 'json' };

/** A published type, as far as it matters here. */
export type Type =
  | 'string'
  | 'int'
  | 'bool'
  | 'any'
  /** Left out of the file, because no Bicep here said anything there when it was made. */
  | 'left-out'
  | { object: Record<string, Property>; others?: Type }
  | { array: Type }
  | { enum: (string | number)[] }
  | { anyOf: Type[] }
  /** Which of `by` applies is told by one property. */
  | { tell: string; object: Record<string, Property>; by: Record<string, Type> };

export type Property = { type: Type; required?: true; readOnly?: true };

export type Schema = {
  source: { repository: string; commit: string; date: string };
  /** By `Microsoft.KeyVault/vaults@2024-11-01`. */
  resources: Record<string, Type>;
};

const SHAPE = z.object({
  source: z.object({ repository: z.string(), commit: z.string(), date: z.string() }),
  resources: z.record(
    z.string(),
    z.custom<Type>((value) => value !== undefined),
  ),
});

/** Written by `node infra/azure/schema/generate.ts`. */
export const PUBLISHED: Schema = SHAPE.parse(SCHEMA);
