import type { Resource, Value } from './bicep.ts';
import type { Property, Schema, Type } from './schema.ts';

export type Problem = { line: number; problem: string };

/** What Bicep adds to the properties of every resource. */
const OF_BICEP = new Set(['scope', 'parent', 'dependsOn']);

/** What is wrong with a resource by its published type: missing, unknown, read-only or of the wrong kind, and wrong values. */
export function checkResource({ type, line, existing, body }: Resource, schema: Schema): Problem[] {
  const published = schema.resources[type];
  if (published === undefined)
    return [{ line, problem: `${type} is not in schema/types.json: node infra/azure/schema/generate.ts` }];
  const resource = body.kind === 'loop' ? body.body : body;
  if (resource.kind !== 'object') return [{ line, problem: `${type} has no body that can be read` }];
  if (existing) return [];
  const own: Value = { ...resource, properties: resource.properties.filter(({ name }) => !OF_BICEP.has(name)) };
  return checkValue(own, published, type.split('@')[0] ?? '');
}

function checkValue(value: Value, type: Type, path: string): Problem[] {
  // What is computed has the type that the compiler gives it; a choice is checked on both sides.
  if (value.kind === 'expression') return [];
  if (value.kind === 'either') return value.branches.flatMap((branch) => checkValue(branch, type, path));
  if (value.kind === 'literal' && value.value === null) return [];
  if (type === 'any') return [];
  if (type === 'left-out')
    return [at(value, `${path} is not in schema/types.json: node infra/azure/schema/generate.ts`)];
  if (type === 'string' || type === 'int' || type === 'bool') return checkSimple(value, type, path);
  if ('enum' in type) return checkEnum(value, type.enum, path);
  if ('array' in type) return checkArray(value, type.array, path);
  if ('anyOf' in type) return checkAnyOf(value, type.anyOf, path);
  if (value.kind !== 'object') return [at(value, `${path} is to be an object`)];
  if ('tell' in type) return checkTold(value, type, path);
  return checkObject(value, type.object, path, type.others);
}

function checkSimple(value: Value, type: 'string' | 'int' | 'bool', path: string): Problem[] {
  const wanted = { string: 'string', int: 'number', bool: 'boolean' }[type];
  const given = value.kind === 'literal' ? typeof value.value : value.kind;
  return given === wanted ? [] : [at(value, `${path} is to be a ${type}, not a ${given}`)];
}

function checkEnum(value: Value, values: readonly (string | number)[], path: string): Problem[] {
  if (value.kind === 'literal' && values.some((one) => one === value.value)) return [];
  const given = value.kind === 'literal' ? JSON.stringify(value.value) : value.kind;
  return [at(value, `${path} is ${given}, and none of ${values.join(', ')}`)];
}

function checkArray(value: Value, items: Type, path: string): Problem[] {
  if (value.kind === 'loop') return checkValue(value.body, items, `${path}[*]`);
  if (value.kind !== 'array') return [at(value, `${path} is to be an array`)];
  return value.items.flatMap((item, i) => checkValue(item, items, `${path}[${i}]`));
}

function checkAnyOf(value: Value, types: readonly Type[], path: string): Problem[] {
  const attempts = types.map((type) => checkValue(value, type, path));
  return attempts.some((problems) => problems.length === 0) ? [] : (attempts[0] ?? []);
}

type ObjectValue = Extract<Value, { kind: 'object' }>;

function checkTold(value: ObjectValue, type: Extract<Type, { tell: string }>, path: string): Problem[] {
  const told = value.properties.find(({ name }) => name === type.tell)?.value;
  if (told === undefined) return [at(value, `${path} has no ${type.tell}, which says what it is`)];
  if (told.kind !== 'literal') return [];
  const variant = type.by[String(told.value)];
  if (variant === undefined)
    return [
      at(told, `${path}.${type.tell} is ${JSON.stringify(told.value)}, and none of ${Object.keys(type.by).join(', ')}`),
    ];
  if (typeof variant !== 'object' || !('object' in variant)) return [];
  const others = 'others' in variant ? variant.others : undefined;
  return checkObject(value, { ...type.object, ...variant.object }, path, others);
}

/** Types that take others besides the named ones do so for their service's past: a name that is not listed is still a mistake. */
function checkObject(value: ObjectValue, properties: Record<string, Property>, path: string, others?: Type): Problem[] {
  const names = Object.keys(properties);
  const given = new Set(value.properties.map(({ name }) => name));
  const missing = names
    .filter((name) => properties[name]?.required && !given.has(name))
    .map((name) => at(value, `${path}.${name} is missing`));
  const repeated = value.properties
    .filter(({ name }, i) => value.properties.findIndex((other) => other.name === name) < i)
    .map(({ name, value: one }) => at(one, `${path}.${name} stands there twice`));
  const wrong = value.properties.flatMap(({ name, value: member }) => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (property?.readOnly) return [at(member, `${path}.${name} is read-only`)];
    if (property) return checkValue(member, property.type, `${path}.${name}`);
    if (others !== undefined && names.length === 0) return checkValue(member, others, `${path}.${name}`);
    return [at(member, `${path}.${name} is not known`)];
  });
  return [...missing, ...repeated, ...wrong];
}

function at({ line }: Value, problem: string): Problem {
  return { line, problem };
}
