import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Node } from 'web-tree-sitter';
import { type BicepFile, lineOf, readBicep, readValue, textOf, type Value } from '../../../infra/azure/bicep.ts';

/** What a deployment would make: the properties that can be computed, `<name of it>` for what only Azure knows. */
export type Deployed = { symbol: string; type: string; subscriptionId: string; body: Record<string, unknown> };

type Scope = { file: BicepFile; subscriptionId: string; names: Map<string, () => unknown> };

/** The resources of a template with its modules, for the values of a parameter file. */
export async function deploy(
  template: string,
  parameters: Record<string, unknown>,
  subscriptionId: string,
): Promise<Deployed[]> {
  const file = await readBicep(template);
  const scope: Scope = { file, subscriptionId, names: new Map() };
  for (const { name, fallback } of file.parameters)
    scope.names.set(name, () => {
      if (Object.hasOwn(parameters, name)) return parameters[name];
      return fallback === undefined ? null : evaluate(fallback, scope);
    });
  for (const { name, value } of file.variables)
    scope.names.set(
      name,
      once(() => evaluate(value, scope)),
    );
  for (const { symbol } of [...file.resources, ...file.modules]) scope.names.set(symbol, () => unknownOf(symbol));
  const own = file.resources.flatMap(({ symbol, type, body, existing }) =>
    existing ? [] : copies(body, scope, symbol).map((made) => ({ symbol, type, subscriptionId, body: asFields(made) })),
  );
  const nested: Deployed[] = [];
  for (const { symbol, path, body } of file.modules)
    for (const made of copies(body, scope, symbol)) {
      const { params, scope: target } = asFields(made);
      const elsewhere = /^subscription:(.+)$/.exec(String(target))?.[1];
      nested.push(...(await deploy(join(dirname(template), path), asFields(params), elsewhere ?? subscriptionId)));
    }
  return [...own, ...nested];
}

/** The values of a parameter file. */
export async function readParameters(path: string): Promise<Record<string, unknown>> {
  const file = await readBicep(path);
  const scope: Scope = { file, subscriptionId: '', names: new Map() };
  return Object.fromEntries(file.variables.map(({ name, value }) => [name, evaluate(value, scope)]));
}

/** One for each turn of its loop; none where its condition is false. */
function copies(body: Value, scope: Scope, symbol: string): unknown[] {
  const declaration = [...scope.file.root.namedChildren].find(
    (node) => /^(?:resource|module)_declaration$/.test(node?.type ?? '') && node?.namedChildren[0]?.text === symbol,
  );
  const condition = declaration?.lastNamedChild?.type === 'object' ? null : conditionBefore(declaration);
  if (condition && !evaluateNode(condition, scope)) return [];
  const made = evaluate(body, scope);
  return body.kind === 'loop' ? asList(made) : [made];
}

function conditionBefore(declaration: Node | null | undefined): Node | null {
  const last = declaration?.lastNamedChild;
  return last?.type === 'if_statement' ? (last.namedChildren[0] ?? null) : null;
}

function evaluate(value: Value, scope: Scope): unknown {
  switch (value.kind) {
    case 'literal':
      return value.value;
    case 'object':
      return Object.fromEntries(
        value.properties.map(({ name, value: member }) => [nameIn(name, scope), evaluate(member, scope)]),
      );
    case 'array':
      return value.items.map((item) => evaluate(item, scope));
    case 'loop':
      return asList(evaluateNode(value.over, scope)).map((item, i) => {
        const [variable = '', counter = ''] = value.variables;
        return evaluate(value.body, inside(scope, { [variable]: item, [counter]: i }));
      });
    case 'either':
    case 'expression':
      return evaluateNode(value.node, scope);
  }
}

/** A name of a property may hold a value itself: `'${readerId}': {}`. */
function nameIn(name: string, scope: Scope): string {
  return name.replace(/\$\{(\w+)\}/g, (_, variable: string) => String(scope.names.get(variable)?.()));
}

function inside(scope: Scope, added: Record<string, unknown>): Scope {
  const names = new Map(scope.names);
  for (const [name, value] of Object.entries(added)) names.set(name, () => value);
  return { ...scope, names };
}

function evaluateNode(node: Node, scope: Scope): unknown {
  const child = (i: number): unknown => {
    const one = node.namedChildren[i];
    return one ? evaluateNode(one, scope) : null;
  };
  switch (node.type) {
    case 'string':
      return node.namedChildren
        .map((part) =>
          part?.type === 'interpolation'
            ? String(part.namedChildren[0] ? evaluateNode(part.namedChildren[0], scope) : '')
            : textOf(part ?? node),
        )
        .join('');
    case 'identifier': {
      const known = scope.names.get(node.text);
      if (!known) throw new Error(`${scope.file.path}:${lineOf(node)}: ${node.text} has no value here`);
      return known();
    }
    case 'member_expression':
      return member(child(0), node.childForFieldName('property')?.text ?? '');
    case 'subscript_expression':
      return member(child(0), String(child(1)));
    case 'ternary_expression':
      return child(0) ? child(1) : child(2);
    case 'parenthesized_expression':
      return child(0);
    case 'unary_expression':
      return !child(0);
    case 'binary_expression':
      return binary(
        node.children[1]?.text ?? '',
        () => child(0),
        () => child(1),
      );
    case 'call_expression':
      return call(node, scope);
    default: {
      const read = readValue(node);
      // Whatever is left has one member of its own, as `x!` has.
      return read.kind === 'expression' ? child(0) : evaluate(read, scope);
    }
  }
}

function member(value: unknown, name: string): unknown {
  if (typeof value === 'string' && value.startsWith('<')) return `${value.slice(0, -1)}.${name}>`;
  if (typeof value === 'object' && value !== null) return Reflect.get(value, name) ?? null;
  return null;
}

function binary(operator: string, left: () => unknown, right: () => unknown): unknown {
  switch (operator) {
    case '==':
      return left() === right();
    case '!=':
      return left() !== right();
    case '&&':
      return Boolean(left()) && Boolean(right());
    case '||':
      return Boolean(left()) || Boolean(right());
    case '??':
      return left() ?? right();
    case '+':
      return Number(left()) + Number(right());
    case '>':
      return Number(left()) > Number(right());
    default:
      throw new Error(`the operator ${operator} is not known`);
  }
}

function call(node: Node, scope: Scope): unknown {
  const name = node.childForFieldName('function')?.text ?? '';
  const given = (node.childForFieldName('arguments')?.namedChildren ?? []).filter((one) => one !== null);
  const [first, second] = given;
  const argument = (i: number): unknown => (given[i] ? evaluateNode(given[i], scope) : null);
  switch (name) {
    case 'loadJsonContent':
      return JSON.parse(readFileSync(join(dirname(scope.file.path), first ? textOf(first) : ''), 'utf8'));
    case 'union':
      return Object.assign({}, ...given.map((_, i) => argument(i)));
    case 'concat':
      return given.flatMap((_, i) => asList(argument(i)));
    case 'filter':
      return asList(argument(0)).filter((item) => Boolean(applied(second, item, scope)));
    case 'map':
      return asList(argument(0)).map((item) => applied(second, item, scope));
    case 'items':
      return Object.entries(asFields(argument(0))).map(([key, value]) => ({ key, value }));
    case 'contains': {
      const where = argument(0);
      return Array.isArray(where) ? where.includes(argument(1)) : String(where).includes(String(argument(1)));
    }
    case 'length':
      return asList(argument(0)).length;
    case 'empty':
      return asList(argument(0)).length === 0;
    case 'last':
      return asList(argument(0)).at(-1);
    case 'split':
      return String(argument(0)).split(String(argument(1)));
    case 'take':
      return String(argument(0)).slice(0, Number(argument(1)));
    case 'replace':
      return String(argument(0)).replaceAll(String(argument(1)), String(argument(2)));
    case 'string':
      return JSON.stringify(argument(0));
    case 'uriComponent':
      return encodeURIComponent(String(argument(0)));
    case 'uniqueString':
      return 'unique7890abc';
    case 'subscription':
      return first
        ? `subscription:${argument(0)}`
        : { id: `/subscriptions/${scope.subscriptionId}`, tenantId: '<tenant>' };
    case 'resourceGroup':
      return { id: `/subscriptions/${scope.subscriptionId}/resourceGroups/<group>` };
    case 'environment':
      return { name: 'AzureCloud', suffixes: { storage: 'core.windows.net', keyvaultDns: '.vault.azure.net' } };
    case 'readEnvironmentVariable':
      return argument(1);
    default:
      return `<${name}>`;
  }
}

function applied(lambda: Node | undefined, item: unknown, scope: Scope): unknown {
  // The grammar takes `x => x.name` for a member of a function.
  if (lambda?.type === 'member_expression' && lambda.namedChildren[0]?.type === 'lambda_expression')
    return member(applied(lambda.namedChildren[0], item, scope), lambda.namedChildren[1]?.text ?? '');
  const [variable, body] = lambda?.namedChildren ?? [];
  return variable && body ? evaluateNode(body, inside(scope, { [variable.text]: item })) : null;
}

function unknownOf(symbol: string): string {
  return `<${symbol}>`;
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asFields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
