/**
 * Writes `types.json`: the published types of the resources that the Bicep files have, as far as these say something of them.
 *
 *     git clone --filter=blob:none https://github.com/Azure/bicep-types-az
 *     node infra/azure/schema/generate.ts bicep-types-az/.git
 */
import { execFileSync } from 'node:child_process';
import { globSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readBicep, type Value } from '../bicep.ts';
import type { Property, Schema, Type } from '../schema.ts';

const BICEP = resolve(import.meta.dirname, '..');
const REPOSITORY = 'Azure/bicep-types-az';

const REQUIRED = 1;
const READ_ONLY = 2;

type Ref = { $ref: string };
type RawProperty = { type: Ref; flags: number };
type Raw =
  | { $type: 'ResourceType'; name: string; body: Ref }
  | { $type: 'ObjectType'; properties: Record<string, RawProperty>; additionalProperties?: Ref }
  | {
      $type: 'DiscriminatedObjectType';
      discriminator: string;
      baseProperties: Record<string, RawProperty>;
      elements: Record<string, Ref>;
    }
  | { $type: 'ArrayType'; itemType: Ref }
  | { $type: 'UnionType'; elements: Ref[] }
  | { $type: 'StringLiteralType'; value: string }
  | { $type: 'StringType' | 'IntegerType' | 'BooleanType' | 'AnyType' | 'NullType' };

/** What is said of a value anywhere in the files: only that much of its type is kept. */
type Said = { properties: Map<string, Said>; items: Said | null };

function collect(value: Value, said: Said): void {
  switch (value.kind) {
    case 'object':
      for (const { name, value: member } of value.properties) {
        const deeper = said.properties.get(name) ?? { properties: new Map(), items: null };
        said.properties.set(name, deeper);
        collect(member, deeper);
      }
      break;
    case 'array':
      for (const item of value.items) collect(item, itemsOf(said));
      break;
    case 'loop':
      collect(value.body, itemsOf(said));
      break;
    case 'either':
      for (const branch of value.branches) collect(branch, said);
      break;
    default:
  }
}

function itemsOf(said: Said): Said {
  said.items ??= { properties: new Map(), items: null };
  return said.items;
}

/** The bodies of all declared resources, by type. */
async function declared(): Promise<Map<string, Said>> {
  const found = new Map<string, Said>();
  for (const file of globSync('**/*.bicep', { cwd: BICEP })) {
    const { resources } = await readBicep(join(BICEP, file));
    for (const { type, body } of resources) {
      const said = found.get(type) ?? { properties: new Map(), items: null };
      found.set(type, said);
      // A resource in a loop is still one resource.
      collect(body.kind === 'loop' ? body.body : body, said);
    }
  }
  return found;
}

function git(directory: string, ...words: string[]): string {
  return execFileSync('git', [`--git-dir=${directory}`, ...words], { maxBuffer: 64 * 1_048_576, encoding: 'utf8' });
}

/** The file of a type lies below a folder of its provider and version; which service it is filed under is not told. */
function readTypes(directory: string, paths: readonly string[], type: string): { raw: Raw[]; body: Ref } {
  const [name = '', version = ''] = type.split('@');
  const provider = name.split('/')[0]?.toLowerCase();
  const ending = `/${provider}/${version}/types.json`;
  for (const path of paths.filter((candidate) => candidate.endsWith(ending))) {
    const raw: Raw[] = JSON.parse(git(directory, 'show', `HEAD:${path}`));
    const found = raw.find((one) => one.$type === 'ResourceType' && one.name.toLowerCase() === type.toLowerCase());
    if (found?.$type === 'ResourceType') return { raw, body: found.body };
  }
  throw new Error(`no type ${type} below generated/`);
}

/** Of a map whose names are free: what is said of any of its values. */
function mergedOf({ properties }: Said): Said {
  const merged: Said = { properties: new Map(), items: null };
  for (const { properties: deeper } of properties.values())
    for (const [name, said] of deeper) merged.properties.set(name, said);
  return merged;
}

function typeOf(raw: readonly Raw[], { $ref }: Ref, said: Said | null): Type {
  const one = raw[Number($ref.slice('#/'.length))];
  const deeper = (properties: Record<string, RawProperty>): Record<string, Property> =>
    Object.fromEntries(
      Object.entries(properties).map(([name, { type, flags }]) => [
        name,
        {
          type: said?.properties.has(name) ? typeOf(raw, type, said.properties.get(name) ?? null) : leaf(raw, type),
          ...(flags & REQUIRED ? { required: true as const } : {}),
          ...(flags & READ_ONLY ? { readOnly: true as const } : {}),
        },
      ]),
    );
  switch (one?.$type) {
    case 'ObjectType':
      return {
        object: deeper(one.properties),
        ...(one.additionalProperties ? { others: typeOf(raw, one.additionalProperties, said && mergedOf(said)) } : {}),
      };
    case 'DiscriminatedObjectType':
      return {
        tell: one.discriminator,
        object: deeper(one.baseProperties),
        by: Object.fromEntries(Object.entries(one.elements).map(([name, ref]) => [name, typeOf(raw, ref, said)])),
      };
    case 'ArrayType':
      return { array: typeOf(raw, one.itemType, said?.items ?? null) };
    case 'UnionType':
      return unionOf(raw, one.elements, said);
    case 'StringLiteralType':
      return { enum: [one.value] };
    case 'StringType':
      return 'string';
    case 'IntegerType':
      return 'int';
    case 'BooleanType':
      return 'bool';
    default:
      return 'any';
  }
}

/** Named values beside "any string" are taken for the values that there are: a new one is worth a look. */
function unionOf(raw: readonly Raw[], elements: readonly Ref[], said: Said | null): Type {
  const types = elements.map((element) => typeOf(raw, element, said));
  const values = types.flatMap((type) => (typeof type === 'object' && 'enum' in type ? type.enum : []));
  if (values.length > 0) return { enum: values };
  return types.length === 1 ? (types[0] ?? 'any') : { anyOf: types };
}

/** Of what nothing is said only the simple types are kept. */
function leaf(raw: readonly Raw[], ref: Ref): Type {
  const one = raw[Number(ref.$ref.slice('#/'.length))];
  const deep =
    one?.$type === 'ObjectType' ||
    one?.$type === 'DiscriminatedObjectType' ||
    one?.$type === 'ArrayType' ||
    one?.$type === 'UnionType';
  return deep ? 'left-out' : typeOf(raw, ref, null);
}

async function generate(directory: string): Promise<Schema> {
  const paths = git(directory, 'ls-tree', '-r', '--name-only', 'HEAD', 'generated').split('\n');
  const resources: Schema['resources'] = {};
  for (const [type, said] of [...(await declared())].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { raw, body } = readTypes(directory, paths, type);
    resources[type] = typeOf(raw, body, said);
  }
  const [commit = '', date = ''] = git(directory, 'log', '-1', '--format=%H %cs').trim().split(' ');
  return { source: { repository: REPOSITORY, commit, date }, resources };
}

if (import.meta.main) {
  const [directory] = process.argv.slice(2);
  if (directory === undefined) throw new Error('name the git directory of a clone of Azure/bicep-types-az');
  const schema = await generate(directory);
  const lines = Object.entries(schema.resources).map(
    ([type, body]) => `    ${JSON.stringify(type)}: ${JSON.stringify(body)}`,
  );
  const text = `{\n  "source": ${JSON.stringify(schema.source)},\n  "resources": {\n${lines.join(',\n')}\n  }\n}\n`;
  writeFileSync(join(import.meta.dirname, 'types.json'), text);
  process.stdout.write(`${lines.length} types, ${Math.round(text.length / 1024)} KiB\n`);
}
