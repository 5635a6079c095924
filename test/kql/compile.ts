import type { Environment, Scope } from './environment.ts';
import { KqlError, UNRESOLVED } from './error.ts';
import { constant, constantOf, type Expression, type ScalarFunction } from './expression.ts';
import { CONDITION_FUNCTIONS } from './functions/conditions.ts';
import { DYNAMIC_FUNCTIONS, element } from './functions/dynamic.ts';
import { NUMBER_FUNCTIONS } from './functions/numbers.ts';
import { TEXT_FUNCTIONS } from './functions/text.ts';
import { TIME_FUNCTIONS } from './functions/times.ts';
import { WINDOW_FUNCTIONS } from './functions/windows.ts';
import { argumentsOf, bindScalars } from './lambda.ts';
import { literal } from './literals.ts';
import { arithmetic, between, equality, logical, negative, ordering } from './operands.ts';
import { child, find, items, nameOf, type SyntaxNode, textOf } from './syntax.ts';
import { hasMembers, matchesRegex, membership, textTest } from './text-operators.ts';
import { emptyOf, type Value } from './values.ts';

const FUNCTIONS: Readonly<Record<string, ScalarFunction>> = {
  ...CONDITION_FUNCTIONS,
  ...DYNAMIC_FUNCTIONS,
  ...NUMBER_FUNCTIONS,
  ...TEXT_FUNCTIONS,
  ...TIME_FUNCTIONS,
};

/** Functions of which only the first arguments are known here. */
const ARGUMENTS_MAX: Readonly<Record<string, number>> = {
  array_index_of: 2,
  extract_all: 2,
  indexof: 3,
};

/** A scalar expression over the rows of a scope. Whatever is not known is an error that names it. */
export function compile(node: SyntaxNode, scope: Scope): Expression {
  const known = literal(node);
  if (known !== undefined) return known;
  switch (node.kind) {
    case 'NameReference':
      return named(nameOf(node), scope);
    case 'ParenthesizedExpression':
      return compile(child(node, 'Expression'), scope);
    case 'SimpleNamedExpression':
      return compile(child(node, 'Expression'), scope);
    case 'FunctionCallExpression':
      return scope.instead?.(node) ?? call(node, scope);
    case 'PathExpression':
      return element(compile(child(node, 'Expression'), scope), constant('string', nameOf(child(node, 'Selector'))));
    case 'ElementExpression':
      return element(
        compile(child(node, 'Expression'), scope),
        compile(child(child(node, 'Selector'), 'Expression'), scope),
      );
    case 'UnaryMinusExpression':
      return negative(compile(child(node, 'Expression'), scope));
    case 'UnaryPlusExpression':
      return compile(child(node, 'Expression'), scope);
    case 'ToScalarExpression':
      return scalarOf(node, scope.environment);
    default:
      return operation(node, scope);
  }
}

function named(name: string, { columns, environment }: Scope): Expression {
  const index = columns.findIndex((column) => column.name === name);
  const column = columns[index];
  if (column !== undefined) {
    const empty = emptyOf(column.type);
    return { type: column.type, constant: false, evaluate: (row) => row[index] ?? empty };
  }
  const bound = environment.lookUp(name);
  if (bound?.kind === 'scalar') return bound.expression;
  throw new KqlError(`there is no column ${name}`, UNRESOLVED);
}

function call(node: SyntaxNode, scope: Scope): Expression {
  const name = nameOf(child(node, 'Name'));
  const bound = scope.environment.lookUp(name);
  if (bound?.kind === 'function') {
    const inside = bindScalars(bound, argumentsOf(node), (argument) => compile(argument, scope));
    return compile(child(child(bound.declaration, 'Body'), 'Expression'), {
      ...scope,
      columns: [],
      environment: inside,
    });
  }
  if (name === 'column_ifexists') return columnIfExists(node, scope);
  const windowed = WINDOW_FUNCTIONS[name];
  if (windowed !== undefined && !scope.serialized)
    throw new KqlError(`${name}() needs rows in an order: sort or serialize before it`);
  const make = windowed ?? FUNCTIONS[name];
  if (make === undefined) throw new KqlError(`function ${name}() is not known to this interpreter`);
  const most = ARGUMENTS_MAX[name];
  if (most !== undefined && argumentsOf(node).length > most)
    throw new KqlError(`${name}() with more than ${most} arguments is not known to this interpreter`);
  return make(argumentsOf(node).map((argument) => compile(argument, scope)));
}

function columnIfExists(node: SyntaxNode, scope: Scope): Expression {
  const [name, otherwise] = argumentsOf(node);
  if (name === undefined || otherwise === undefined) throw new KqlError('column_ifexists takes a name and a default');
  const wanted = String(constantOf(compile(name, scope), 'the name of a column'));
  return scope.columns.some((column) => column.name === wanted) ? named(wanted, scope) : compile(otherwise, scope);
}

/** `toscalar(…)`: the first value of the first row. */
function scalarOf(node: SyntaxNode, environment: Environment): Expression {
  const table = environment.run(child(node, 'Expression'), environment);
  const type = table.columns[0]?.type ?? 'dynamic';
  return constant(type, table.rows[0]?.[0] ?? emptyOf(type));
}

function operation(node: SyntaxNode, scope: Scope): Expression {
  const sign = find(node, 'Operator');
  const leftNode = find(node, 'Left');
  const rightNode = find(node, 'Right');
  if (sign === undefined || leftNode === undefined || rightNode === undefined)
    throw new KqlError(`${node.kind} is not known to this interpreter`);
  const operator = textOf(sign);
  const left = compile(leftNode, scope);
  if (/^!?in~?$/.test(operator)) return membership(operator, left, () => membersOf(rightNode, scope));
  if (operator === 'has_any' || operator === 'has_all')
    return hasMembers(operator, left, () => membersOf(rightNode, scope));
  if (operator === 'between' || operator === '!between') {
    const [from, to] = [compile(child(rightNode, 'First'), scope), compile(child(rightNode, 'Second'), scope)];
    return between(operator, left, from, to);
  }
  const right = compile(rightNode, scope);
  if (operator === 'and' || operator === 'or') return logical(operator, left, right);
  if (operator === '==' || operator === '!=') return equality(operator, left, right);
  if (operator === '<>') return equality('!=', left, right);
  if (/^[<>]=?$/.test(operator)) return ordering(operator, left, right);
  if (operator === 'matches regex') return matchesRegex(left, right);
  return textTest(operator, left, right) ?? arithmetic(operator, left, right);
}

/** Values of `in (…)`: single ones, those of an array, or the first column of a table. */
function membersOf(list: SyntaxNode, scope: Scope): readonly Value[] {
  return items(list, 'Expressions').flatMap((node) => {
    if (isTabular(node, scope.environment))
      return scope.environment.run(node, scope.environment).rows.map(([first = null]) => first);
    const value = constantOf(compile(node, scope), 'a member of in()');
    return Array.isArray(value) ? value : [value];
  });
}

export function isTabular(node: SyntaxNode, environment: Environment): boolean {
  switch (node.kind) {
    case 'ParenthesizedExpression':
      return isTabular(child(node, 'Expression'), environment);
    case 'PipeExpression':
    case 'DataTableExpression':
    case 'MaterializeExpression':
    case 'UnionOperator':
    case 'RangeOperator':
    case 'PrintOperator':
      return true;
    case 'NameReference':
      return environment.lookUp(nameOf(node))?.kind === 'table';
    case 'FunctionCallExpression': {
      const bound = environment.lookUp(nameOf(child(node, 'Name')));
      return bound?.kind === 'function' && givesTable(bound.declaration, bound.environment);
    }
    default:
      return false;
  }
}

function givesTable(declaration: SyntaxNode, environment: Environment): boolean {
  const body = child(declaration, 'Body');
  const lets = new Set(
    items(body, 'Statements')
      .filter(({ kind }) => kind === 'LetStatement')
      .map((statement) => nameOf(child(statement, 'Name'))),
  );
  const result = child(body, 'Expression');
  return result.kind === 'NameReference' && lets.has(nameOf(result)) ? true : isTabular(result, environment);
}
