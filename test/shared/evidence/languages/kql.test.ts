import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import type { EvidenceKind } from '../../../../shared/evidence/kind.ts';
import { type ComposeRequest, compose } from '../../../../shared/evidence/languages/compose.ts';
import { EVIDENCE_KINDS } from '../../../../shared/registry.ts';
import { analyze, type TableSchema } from '../../../kql/language.ts';
import type { SyntaxNode } from '../../../kql/syntax.ts';
import { AZKV_AUDIT_LOGS, AZURE_DIAGNOSTICS, BARE_AZURE_DIAGNOSTICS } from '../../../kql/tables.ts';
import { FROM, TO, VAULT } from '../kit.ts';

const REQUEST: ComposeRequest = { resource: VAULT, from: FROM, to: TO };
const KINDS = EVIDENCE_KINDS.filter(({ kql }) => kql !== undefined);

/** A kind that asks for nothing but the lines of the tables, so that a text is checked in milliseconds. */
const LINES: EvidenceKind = { kind: 'lines', row: z.object({}), baseline: false, kql: () => 'lines' };

function textOf(kind: EvidenceKind, request = REQUEST): string {
  return compose('kql', [kind], request).statements[0]?.text ?? '';
}

/** Types of Kusto that a field of a row may come from. */
function typesOf(field: unknown): readonly string[] {
  if (field instanceof z.ZodMiniNullable) return typesOf(field._zod.def.innerType);
  if (field instanceof z.ZodMiniNumber) return ['int', 'long', 'real'];
  if (field instanceof z.ZodMiniString || field instanceof z.ZodMiniEnum) return ['string'];
  return ['dynamic'];
}

function renamed(table: TableSchema, column: string): TableSchema {
  return {
    ...table,
    columns: table.columns.map((each) => (each.name === column ? { ...each, name: 'Renamed' } : each)),
  };
}

describe('each kind', () => {
  test.each(KINDS.map((kind) => [kind.kind, kind] as const))(
    '%s is a query that gives the columns of its rows',
    (_name, kind) => {
      const { kind: statement, problems, columns } = analyze(textOf(kind), [AZKV_AUDIT_LOGS, AZURE_DIAGNOSTICS]);
      expect({ statement, problems }).toEqual({ statement: 'Query', problems: [] });
      const shape = kind.row instanceof z.ZodMiniObject ? kind.row.shape : {};
      expect(columns.map(({ name }) => name).sort()).toEqual(Object.keys(shape).sort());
      for (const { name, type } of columns)
        expect([name, typesOf(shape[name])]).toEqual([name, expect.arrayContaining([type])]);
    },
  );

  test('has the rows of both tables, and of all that exported files are asked for', () => {
    const files = EVIDENCE_KINDS.filter(({ sql }) => sql !== undefined).map(({ kind }) => kind);
    expect(KINDS.map(({ kind }) => kind)).toEqual(expect.arrayContaining(files));
  });
});

describe('all kinds together', () => {
  const query = compose('kql', KINDS, REQUEST);
  const together = query.together ?? '';

  const RESULT = [
    { name: 'kind', type: 'string' },
    { name: 'window', type: 'string' },
    { name: 'row', type: 'dynamic' },
  ];

  test('are one query to a workspace that holds both tables', () => {
    const { kind, problems, columns } = analyze(together, [AZKV_AUDIT_LOGS, AZURE_DIAGNOSTICS]);
    expect({ kind, problems, columns }).toEqual({ kind: 'Query', problems: [], columns: RESULT });
  });

  test.each([
    ['the table of all resources, which never held a record of a vault', BARE_AZURE_DIAGNOSTICS],
    ['the table of vaults', AZKV_AUDIT_LOGS],
  ])('are one query to a workspace that holds only %s', (_what, table) => {
    const text = compose('kql', KINDS, { ...REQUEST, windows: ['incident'] }).together ?? '';
    const { kind, problems, columns } = analyze(text, [table]);
    expect({ kind, problems, columns }).toEqual({ kind: 'Query', problems: [], columns: RESULT });
  });

  test('have a branch for each kind and window that is listed', () => {
    const branches = [...together.matchAll(/\['kind'\] = '([\w-]+)', window = '([\w-]+)'/g)].map(
      ([, kind, window]) => ({ kind, window }),
    );
    expect(branches).toEqual(query.statements.map(({ kind, window }) => ({ kind, window })));
    const windows = (name: string) => branches.filter(({ kind }) => kind === name).map(({ window }) => window);
    expect(windows('callers')).toEqual(['incident', 'day-before', 'week-before', 'hour-before']);
    expect(windows('load')).toEqual(['incident']);
  });

  test('are nothing where no kind can be asked', () => {
    expect(
      compose(
        'kql',
        [{ ...LINES, kql: undefined }].map(({ kql: _, ...rest }) => rest),
        REQUEST,
      ),
    ).toEqual({
      setup: [],
      statements: [],
      parameters: {},
    });
  });
});

describe('columns', () => {
  const TABLES = [AZKV_AUDIT_LOGS, AZURE_DIAGNOSTICS];
  const text = textOf(LINES);
  const optional = [...text.matchAll(/column_ifexists\('(\w+)'/g)].map(([, name = '']) => name);

  test.each(
    TABLES.flatMap((table) =>
      table.columns
        .filter(({ name }) => new RegExp(`\\b${name}\\b`).test(text) && !optional.includes(name))
        .map(({ name }) => [table.name, name] as const),
    ).filter(([table, name]) => legOf(text, table).includes(name)),
  )('of %s: a renamed %s is noticed', (table, column) => {
    const { problems } = analyze(
      text,
      TABLES.map((each) => (each.name === table ? renamed(each, column) : each)),
    );
    expect(problems[0]?.message).toContain(column);
  });

  test('that may be missing are asked for by names that the table has, once a workspace saw them', () => {
    const known = (table: TableSchema): boolean =>
      optional.every((name) => table.columns.some((column) => column.name === name));
    expect(optional.length).toBeGreaterThan(10);
    expect(known(AZURE_DIAGNOSTICS)).toBe(true);
    for (const name of optional) expect(known(renamed(AZURE_DIAGNOSTICS, name))).toBe(false);
  });
});

function legOf(text: string, table: string): string {
  const from = text.indexOf(`(${table}\n`);
  const to = text.indexOf('\n    (', from);
  return text.slice(from, to < 0 ? undefined : to);
}

describe('what is read', () => {
  const times = (request: ComposeRequest): string[] =>
    [...textOf(LINES, request).matchAll(/datetime\((2[^)]*)\)/g)].map(([, time = '']) => time);

  test('stands in the text as time ranges, for each table: the window, the hour before it, and the same hours of other days', () => {
    const ranges = [
      ['2026-01-05T08:55:00.000Z', '2026-01-05T10:20:00.000Z'],
      ['2026-01-04T10:00:00.000Z', '2026-01-04T10:20:00.000Z'],
      ['2025-12-29T10:00:00.000Z', '2025-12-29T10:20:00.000Z'],
    ].flat();
    expect(times(REQUEST)).toEqual([...ranges, ...ranges]);
  });

  test('is no other day where only the incident is asked again', () => {
    const request: ComposeRequest = { ...REQUEST, windows: ['incident'] };
    const range = ['2026-01-05T08:55:00.000Z', '2026-01-05T10:20:00.000Z'];
    expect(times(request)).toEqual([...range, ...range]);
    expect(new Set(compose('kql', KINDS, request).statements.map(({ window }) => window))).toEqual(
      new Set(['incident']),
    );
  });
});

test('keeps any name of a resource a literal of the same number of statements', () => {
  const hostile = fc.array(
    fc.oneof(
      fc.constantFrom(
        "'; drop",
        '"',
        "'",
        '\\',
        '*/',
        '//',
        '\n',
        '\r\n',
        '\u2028',
        '\u0000',
        '```',
        '| take 1',
        "@'",
        'é',
        '漢',
        '🗝',
        ');',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    ),
    { maxLength: 6 },
  );
  const plain = shapeOf(VAULT.id);
  fc.assert(
    fc.property(hostile, (parts) => {
      const id = `/subscriptions/x/${parts.join('')}`;
      const { kind, statements, literals } = shapeOf(id);
      expect({ kind, statements }).toEqual({ kind: plain.kind, statements: plain.statements });
      expect(literals.filter((literal) => literal === id.toLowerCase())).toHaveLength(2);
      expect(literals).toHaveLength(plain.literals.length);
    }),
    { numRuns: 12 },
  );
});

/** What the language service makes of the text about a resource of this id. */
function shapeOf(id: string): { kind: string; statements: number; literals: string[] } {
  const { kind, tree, problems } = analyze(textOf(LINES, { ...REQUEST, resource: { ...VAULT, id } }), [
    AZKV_AUDIT_LOGS,
    AZURE_DIAGNOSTICS,
  ]);
  expect(problems).toEqual([]);
  const literals: string[] = [];
  const walk = (node: SyntaxNode): void => {
    if (node.kind === 'StringLiteralToken') literals.push(node.text);
    for (const child of node.children) walk(child);
  };
  walk(tree);
  const [statements] = tree.children.filter(({ role }) => role === 'Statements');
  return { kind, statements: statements?.children.length ?? 0, literals };
}
