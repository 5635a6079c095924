import { createRequire } from 'node:module';
import type { SyntaxNode } from './syntax.ts';
import type { Column } from './values.ts';
import { typeNamed } from './values.ts';

export type TableSchema = { name: string; columns: readonly Column[] };

type Problem = { code: string; message: string; start: number };

export type Analysis = {
  /** `Query`, or `Command` and the like, which no reader may send. */
  kind: string;
  tree: SyntaxNode;
  problems: readonly Problem[];
  /** Of the result; empty where the text has problems, or names a table that is not there and need not be. */
  columns: readonly Column[];
};

type ListOf<T> = { Count: number; getItem(index: number): T };
type Element = {
  Kind: number;
  IsToken: boolean;
  Text?: string;
  ValueText?: string;
  ChildCount: number;
  GetChild(index: number): Element | null;
  GetName(index: number): string;
};
type ColumnSymbol = { Name: string; Type: { Name: string } };
type Diagnostics = ListOf<{ Code: string; Message: string; Severity: string; Start: number }>;
type Code = {
  Kind: string;
  Syntax: Element;
  ResultType: { Columns?: ListOf<ColumnSymbol> } | null;
  GetDiagnostics(): Diagnostics;
};
type Service = {
  KustoCode: { Parse(text: string): Code; ParseAndAnalyze(text: string, globals: unknown): Code };
  GlobalState: { Default: { WithDatabase(database: unknown): unknown } };
  Symbols: {
    DatabaseSymbol: { ctor: new (name: string, tables: unknown[]) => unknown };
    TableSymbol: { $ctor7: new (name: string, schema: string, description: null) => unknown };
  };
  Syntax: { SyntaxKind: Record<string, unknown> };
};

/** The service is a translated .NET library, which leaves itself in globals. */
function loadService(): Service {
  const require = createRequire(import.meta.url);
  require('@kusto/language-service-next/bridge.min.js');
  require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
  const loaded = globalThis as unknown as { Kusto: { Language: Service } };
  return loaded.Kusto.Language;
}

let loaded: { service: Service; kinds: ReadonlyMap<unknown, string> } | undefined;

function language(): NonNullable<typeof loaded> {
  if (loaded === undefined) {
    const service = loadService();
    const kinds = new Map(Object.entries(service.Syntax.SyntaxKind).map(([name, number]) => [number, name] as const));
    loaded = { service, kinds };
  }
  return loaded;
}

/** The same without knowing any table: `problems` are those of syntax alone. A fraction of the time. */
export function parse(text: string): Analysis {
  return analysisOf(language().service.KustoCode.Parse(text));
}

/** What Microsoft's language service says of a query over tables of these schemas. */
export function analyze(text: string, tables: readonly TableSchema[]): Analysis {
  const { KustoCode, GlobalState, Symbols } = language().service;
  const symbols = tables.map(({ name, columns }) => {
    const schema = columns.map((column) => `['${column.name}']: ${column.type}`).join(', ');
    return new Symbols.TableSymbol.$ctor7(name, `(${schema})`, null);
  });
  const database = new Symbols.DatabaseSymbol.ctor('workspace', symbols);
  return analysisOf(KustoCode.ParseAndAnalyze(text, GlobalState.Default.WithDatabase(database)));
}

function analysisOf(code: Code): Analysis {
  const { kinds } = language();
  const problems = listed(code.GetDiagnostics())
    .filter(({ Severity }) => Severity === 'Error')
    .map(({ Code, Message, Start }) => ({ code: Code, message: Message, start: Start }));
  const result = problems.length === 0 && code.ResultType?.Columns ? listed(code.ResultType.Columns) : [];
  const columns = result.some(({ Type }) => Type.Name === 'unknown') ? [] : result;
  return {
    kind: code.Kind,
    tree: nodeFrom(code.Syntax, '', kinds),
    problems,
    columns: columns.map(({ Name, Type }) => ({ name: Name, type: typeNamed(Type.Name) })),
  };
}

function listed<T>(list: ListOf<T>): T[] {
  return Array.from({ length: list.Count }, (_, index) => list.getItem(index));
}

function nodeFrom(element: Element, role: string, kinds: ReadonlyMap<unknown, string>): SyntaxNode {
  const children: SyntaxNode[] = [];
  if (!element.IsToken)
    for (let index = 0; index < element.ChildCount; index++) {
      const each = element.GetChild(index);
      if (each !== null) children.push(nodeFrom(each, element.GetName(index), kinds));
    }
  return {
    kind: kinds.get(element.Kind) ?? String(element.Kind),
    role,
    text: element.IsToken ? (element.ValueText ?? element.Text ?? '') : '',
    children,
  };
}
