import type { Expression } from './expression.ts';
import type { SyntaxNode } from './syntax.ts';
import type { Column, Table } from './values.ts';

/** What a name stands for where no column has it. */
export type Binding =
  | { kind: 'scalar'; expression: Expression }
  | { kind: 'table'; read: () => Table }
  | { kind: 'function'; declaration: SyntaxNode; environment: Environment };

/** Names in force at a place of the query: those of `let` and of parameters, the tables behind them. */
export type Environment = {
  lookUp(name: string): Binding | undefined;
  /** Tables whose names match, for `union` with a wildcard; `let` views are not among them. */
  tableNames(): readonly string[];
  /**
   * Runs a tabular expression; handed down so that scalar expressions may hold tabular ones. `source` is what a subquery
   * without a source of its own begins with.
   */
  run(node: SyntaxNode, environment: Environment, source?: Table): Table;
};

/** What a scalar expression may name: the columns of its rows and everything around. */
export type Scope = {
  columns: readonly Column[];
  serialized: boolean;
  environment: Environment;
  /** Stands in for calls that are no scalar functions here: the aggregates of `summarize`. */
  instead?: (node: SyntaxNode) => Expression | undefined;
};

export function withNames(environment: Environment, names: ReadonlyMap<string, Binding>): Environment {
  return {
    ...environment,
    lookUp: (name) => names.get(name) ?? environment.lookUp(name),
  };
}

/** A table that is worked out when it is first read, and once. */
export function readOnce(read: () => Table): () => Table {
  let table: Table | undefined;
  return () => {
    table ??= read();
    return table;
  };
}
