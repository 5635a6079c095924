import * as z from 'zod/mini';
import type { EvidenceKind } from '../kind.ts';

/** A row of the kind's schema as one dynamic value. Kusto knows no null among texts: where the schema does, an empty one is it. */
export function packed({ row }: EvidenceKind): string {
  const fields = Object.entries(shapeOf(row)).map(([name, type]) => {
    const column = `['${name}']`;
    return `'${name}', ${isNullableText(type) ? `iff(isempty(${column}), dynamic(null), pack_array(${column})[0])` : column}`;
  });
  return `bag_pack(${fields.join(', ')})`;
}

type Shape = Readonly<Record<string, unknown>>;

function shapeOf(row: unknown): Shape {
  return row instanceof z.ZodMiniObject ? row.shape : {};
}

function isNullableText(type: unknown): boolean {
  return type instanceof z.ZodMiniNullable && type._zod.def.innerType instanceof z.ZodMiniString;
}
