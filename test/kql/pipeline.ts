import { compile, isTabular } from './compile.ts';
import { type Binding, type Environment, readOnce, withNames } from './environment.ts';
import { KqlError, UNRESOLVED } from './error.ts';
import { cast, constant, constantOf } from './expression.ts';
import { argumentsOf, type FunctionBinding, parametersWith } from './lambda.ts';
import {
  extend,
  type Operator,
  project,
  projectAway,
  projectKeep,
  projectRename,
  projectReorder,
  serialize,
  where,
} from './operators/columns.ts';
import { mvApply, mvExpand } from './operators/expand.ts';
import { join, lookup } from './operators/join.ts';
import { sort, take, top } from './operators/order.ts';
import { partition } from './operators/partition.ts';
import { makeSeries } from './operators/series.ts';
import { datatable, print, range, type Source } from './operators/sources.ts';
import { count, distinct, summarize } from './operators/summarize.ts';
import { union } from './operators/union.ts';
import { child, items, nameOf, refuseParameters, type SyntaxNode, textOf } from './syntax.ts';
import { type Table, typeNamed } from './values.ts';

const OPERATORS: Readonly<Record<string, Operator>> = {
  FilterOperator: where,
  ExtendOperator: extend,
  ProjectOperator: project,
  ProjectAwayOperator: projectAway,
  ProjectKeepOperator: projectKeep,
  ProjectRenameOperator: projectRename,
  ProjectReorderOperator: projectReorder,
  SerializeOperator: serialize,
  SummarizeOperator: summarize,
  DistinctOperator: distinct,
  CountOperator: count,
  SortOperator: sort,
  TopOperator: top,
  TakeOperator: take,
  JoinOperator: join,
  LookupOperator: lookup,
  MvExpandOperator: mvExpand,
  MvApplyOperator: mvApply,
  MakeSeriesOperator: makeSeries,
  PartitionOperator: partition,
  UnionOperator: (node, table, environment) => union(node, table, environment),
  InvokeOperator: (node, table, environment) => call(child(node, 'Function'), environment, table),
};

/** Parameters that operators heed; `hint.…` says only how to run. */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  JoinOperator: ['kind'],
  LookupOperator: ['kind'],
  MvApplyOperator: ['with_itemindex'],
  MvExpandOperator: ['with_itemindex'],
  UnionOperator: ['kind', 'withsource', 'isfuzzy'],
};

const SOURCES: Readonly<Record<string, Source>> = {
  DataTableExpression: datatable,
  PrintOperator: print,
  RangeOperator: range,
};

/** The table that a tabular expression gives; `source` is what one without a source of its own begins with. */
export function run(node: SyntaxNode, environment: Environment, source?: Table): Table {
  switch (node.kind) {
    case 'PipeExpression':
      return operate(child(node, 'Operator'), run(child(node, 'Expression'), environment, source), environment);
    case 'ParenthesizedExpression':
    case 'MaterializeExpression':
      return run(child(node, 'Expression'), environment, source);
    case 'NameReference':
      return named(node, environment);
    case 'FunctionCallExpression':
      return call(node, environment);
    case 'UnionOperator':
      refuseParameters(node, PARAMETERS[node.kind]);
      return union(node, source, environment);
  }
  const begin = SOURCES[node.kind];
  if (begin !== undefined) return begin(node, environment);
  if (source !== undefined) return operate(node, source, environment);
  throw new KqlError(`${node.kind} is not known to this interpreter`);
}

function operate(node: SyntaxNode, table: Table, environment: Environment): Table {
  const operator = OPERATORS[node.kind];
  if (operator === undefined) throw new KqlError(`operator ${node.kind} is not known to this interpreter`);
  refuseParameters(node, PARAMETERS[node.kind]);
  return operator(node, table, environment);
}

function named(node: SyntaxNode, environment: Environment): Table {
  const bound = environment.lookUp(nameOf(node));
  if (bound?.kind === 'table') return bound.read();
  if (bound?.kind === 'function') return body(bound, new Map());
  throw new KqlError(`there is no table ${nameOf(node)}`, UNRESOLVED);
}

/** A query's own function, or view; `first` stands before its arguments where it is invoked on a table. */
function call(node: SyntaxNode, environment: Environment, first?: Table): Table {
  const name = nameOf(child(node, 'Name'));
  const bound = environment.lookUp(name);
  if (bound?.kind === 'table' && first === undefined) return bound.read();
  if (bound?.kind !== 'function') throw new KqlError(`there is no function ${name} of tables`, UNRESOLVED);
  const given = argumentsOf(node);
  const all = first === undefined ? given : [node, ...given];
  const names = new Map<string, Binding>();
  for (const [index, { name: parameter, type, argument }] of parametersWith(bound, all).entries())
    names.set(
      parameter,
      index === 0 && first !== undefined ? { kind: 'table', read: () => first } : bind(argument, type, environment),
    );
  return body(bound, names);
}

function bind(argument: SyntaxNode, type: SyntaxNode, environment: Environment): Binding {
  if (type.kind === 'SchemaTypeExpression')
    return { kind: 'table', read: readOnce(() => environment.run(argument, environment)) };
  const wanted = typeNamed(textOf(type));
  const expression = cast(compile(argument, { columns: [], serialized: false, environment }), wanted);
  return {
    kind: 'scalar',
    expression: constant(wanted, constantOf(expression, 'an argument of a function of tables')),
  };
}

function body(bound: FunctionBinding, names: ReadonlyMap<string, Binding>): Table {
  const block = child(bound.declaration, 'Body');
  const inside = withStatements(items(block, 'Statements'), withNames(bound.environment, names));
  return inside.run(child(block, 'Expression'), inside);
}

/** The names that `let` statements add, each in force for those after it. */
export function withStatements(statements: readonly SyntaxNode[], environment: Environment): Environment {
  return statements.reduce((before, statement) => {
    if (statement.kind !== 'LetStatement') throw new KqlError(`${statement.kind} is not known to this interpreter`);
    const name = nameOf(child(statement, 'Name'));
    return withNames(before, new Map([[name, meaning(child(statement, 'Expression'), before)]]));
  }, environment);
}

function meaning(node: SyntaxNode, environment: Environment): Binding {
  if (node.kind === 'FunctionDeclaration') return { kind: 'function', declaration: node, environment };
  if (isTabular(node, environment)) return { kind: 'table', read: readOnce(() => environment.run(node, environment)) };
  return { kind: 'scalar', expression: compile(node, { columns: [], serialized: false, environment }) };
}
