import * as z from 'zod/mini';

/** The keys that a schema knows at a path; none where the path leads to no object. */
export function knownKeys(schema: unknown, path: readonly PropertyKey[]): string[] {
  const here = unwrapped(schema);
  const [step, ...rest] = path;
  if (here instanceof z.ZodMiniUnion) return here.def.options.flatMap((option) => knownKeys(option, path));
  if (step === undefined) return here instanceof z.ZodMiniObject ? Object.keys(here.def.shape) : [];
  if (here instanceof z.ZodMiniObject)
    return Object.hasOwn(here.def.shape, step) ? knownKeys(here.def.shape[String(step)], rest) : [];
  if (here instanceof z.ZodMiniArray) return knownKeys(here.def.element, rest);
  if (here instanceof z.ZodMiniRecord) return knownKeys(here.def.valueType, rest);
  return [];
}

/** What stands inside optional, default and transforming schemas. */
function unwrapped(schema: unknown): unknown {
  if (
    schema instanceof z.ZodMiniOptional ||
    schema instanceof z.ZodMiniExactOptional ||
    schema instanceof z.ZodMiniDefault
  )
    return unwrapped(schema.def.innerType);
  return schema instanceof z.ZodMiniPipe ? unwrapped(schema.def.in) : schema;
}
