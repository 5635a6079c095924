/** What the Bicep files say, read with the grammar of tree-sitter: enough to check it, since no compiler can be had here. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Language, type Node, Parser } from 'web-tree-sitter';

/** A value as it is written. What has to be computed is kept as its node. */
export type Value =
  | { kind: 'object'; line: number; properties: { name: string; value: Value }[] }
  | { kind: 'array'; line: number; items: Value[] }
  | { kind: 'literal'; line: number; value: string | number | boolean | null }
  | { kind: 'loop'; line: number; variables: string[]; over: Node; body: Value }
  | { kind: 'either'; line: number; branches: Value[]; node: Node }
  | { kind: 'expression'; line: number; node: Node };

export type Resource = {
  symbol: string;
  /** `Microsoft.KeyVault/vaults@2024-11-01` */
  type: string;
  line: number;
  existing: boolean;
  body: Value;
};

export type Module = { symbol: string; path: string; line: number; body: Value };
type Parameter = { name: string; optional: boolean; fallback: Value | undefined };

export type BicepFile = {
  path: string;
  errors: { line: number; text: string }[];
  parameters: Parameter[];
  variables: { name: string; value: Value }[];
  resources: Resource[];
  modules: Module[];
  outputs: string[];
  /** Arguments of `loadJsonContent`, relative to the file. */
  loaded: { line: number; path: string }[];
  root: Node;
};

let parser: Promise<Parser> | undefined;

function openParser(): Promise<Parser> {
  parser ??= (async () => {
    await Parser.init();
    const grammar = join(
      dirname(createRequire(import.meta.url).resolve('tree-sitter-bicep/package.json')),
      'tree-sitter-bicep.wasm',
    );
    return new Parser().setLanguage(await Language.load(grammar));
  })();
  return parser;
}

/** @returns also what could not be parsed, in `errors` */
export async function readBicep(path: string): Promise<BicepFile> {
  return parseBicep(path, readFileSync(path, 'utf8'));
}

/** The grammar does not know parameter files: their assignments are read as variables. */
export async function parseBicep(path: string, text: string): Promise<BicepFile> {
  const source = path.endsWith('.bicepparam')
    ? text.replace(/^using .*$/m, '').replace(/^param (\w+) =/gm, 'var   $1 =')
    : text;
  const tree = (await openParser()).parse(source);
  if (tree === null) throw new Error(`${path} could not be parsed`);
  const root = tree.rootNode;
  const of = (type: string) => root.namedChildren.filter((node) => node?.type === type).filter((node) => node !== null);
  return {
    path,
    errors: errorsIn(root),
    parameters: of('parameter_declaration').map(parameterOf),
    variables: of('variable_declaration').map((node) => ({ name: nameOf(node), value: readValue(lastOf(node)) })),
    resources: of('resource_declaration').map(resourceOf),
    modules: of('module_declaration').map(moduleOf),
    outputs: of('output_declaration').map(nameOf),
    loaded: loadedIn(root),
    root,
  };
}

/** Every named node below, depth first. */
export function* walk(node: Node): Generator<Node> {
  yield node;
  for (const child of node.namedChildren) if (child) yield* walk(child);
}

export function lineOf(node: Node): number {
  return node.startPosition.row + 1;
}

/** What is missing is no named node: all are looked at. */
function errorsIn(node: Node): BicepFile['errors'] {
  if (!node.hasError) return [];
  if (node.isError || node.isMissing) return [{ line: lineOf(node), text: node.text.slice(0, 60) }];
  return node.children.flatMap((child) => (child ? errorsIn(child) : []));
}

function loadedIn(root: Node): BicepFile['loaded'] {
  return [...walk(root)].flatMap((node) => {
    if (node.type !== 'call_expression' || node.childForFieldName('function')?.text !== 'loadJsonContent') return [];
    const path = node.childForFieldName('arguments')?.namedChildren[0];
    return path ? [{ line: lineOf(node), path: textOf(path) }] : [];
  });
}

function parameterOf(node: Node): Parameter {
  const [, type, fallback] = node.namedChildren.filter((child) => child !== null);
  return {
    name: nameOf(node),
    optional:
      fallback !== undefined || type?.firstNamedChild?.type === 'nullable_type' || type?.type === 'nullable_type',
    fallback: fallback && readValue(fallback),
  };
}

function resourceOf(node: Node): Resource {
  const type = node.namedChildren.find((child) => child?.type === 'string');
  return {
    symbol: nameOf(node),
    type: type ? textOf(type) : '',
    line: lineOf(node),
    existing: node.children.some((child) => child?.text === 'existing'),
    body: readValue(lastOf(node)),
  };
}

function moduleOf(node: Node): Module {
  const path = node.namedChildren.find((child) => child?.type === 'string');
  return { symbol: nameOf(node), path: path ? textOf(path) : '', line: lineOf(node), body: readValue(lastOf(node)) };
}

function nameOf(node: Node): string {
  return node.namedChildren.find((child) => child?.type === 'identifier')?.text ?? '';
}

function lastOf(node: Node): Node {
  return node.lastNamedChild ?? node;
}

/** @param node of a value, a condition before one, or a loop */
export function readValue(node: Node): Value {
  const line = lineOf(node);
  switch (node.type) {
    case 'object':
      return {
        kind: 'object',
        line,
        properties: node.namedChildren.flatMap((child) => (child?.type === 'object_property' ? propertyOf(child) : [])),
      };
    case 'array':
      if (node.namedChildren[0]?.type === 'for_statement') return readValue(node.namedChildren[0]);
      return { kind: 'array', line, items: membersOf(node).map(readValue) };
    case 'string':
      return node.namedChildren.some((child) => child?.type === 'interpolation')
        ? { kind: 'expression', line, node }
        : { kind: 'literal', line, value: textOf(node) };
    case 'number':
      return { kind: 'literal', line, value: Number(node.text) };
    case 'boolean':
      return { kind: 'literal', line, value: node.text === 'true' };
    case 'null':
      return { kind: 'literal', line, value: null };
    case 'parenthesized_expression':
      return readValue(lastOf(node));
    case 'if_statement':
      return readValue(lastOf(node));
    case 'ternary_expression': {
      const branches = [node.childForFieldName('consequence'), node.childForFieldName('alternative')];
      return { kind: 'either', line, branches: branches.filter((branch) => branch !== null).map(readValue), node };
    }
    case 'for_statement':
      return loopOf(node);
    default:
      return { kind: 'expression', line, node };
  }
}

function membersOf(node: Node): Node[] {
  return node.namedChildren
    .filter((child) => child !== null && child.type !== 'comment')
    .filter((child) => child !== null);
}

function propertyOf(node: Node): { name: string; value: Value } {
  const [name, value] = membersOf(node);
  if (!name || !value) throw new Error(`line ${lineOf(node)}: a property without a value`);
  return { name: name.type === 'string' ? textOf(name) : name.text, value: readValue(value) };
}

function loopOf(node: Node): Value {
  const named = membersOf(node);
  const variables = node.childForFieldName('initializer') ?? named[0];
  const body = node.childForFieldName('body') ?? named.at(-1);
  const over = named.at(-2);
  if (!variables || !body || !over) throw new Error(`line ${lineOf(node)}: a loop that cannot be read`);
  const names =
    variables.type === 'identifier' ? [variables.text] : variables.namedChildren.flatMap((child) => child?.text ?? []);
  return { kind: 'loop', line: lineOf(node), variables: names, over, body: readValue(body) };
}

/** What stands between the quotes, escapes read. */
export function textOf(node: Node): string {
  const raw = node.text.replace(/^'|'$/g, '');
  return raw.replace(/\\(['\\$nrt])/g, (_, escaped: string) => ({ n: '\n', r: '\r', t: '\t' })[escaped] ?? escaped);
}
