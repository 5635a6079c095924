import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EvidenceKind } from '../../../../shared/evidence/kind.ts';
import { composeResourceGraph } from '../../../../shared/evidence/languages/resource-graph.ts';
import { EVIDENCE_KINDS } from '../../../../shared/registry.ts';
import { analyze, type TableSchema } from '../../../kql/language.ts';
import { RESOURCE_GRAPH_TABLES } from '../../../kql/resource-graph-tables.ts';
import { type SyntaxNode, textOf } from '../../../kql/syntax.ts';
import { FROM, TO, VAULT } from '../kit.ts';

const KINDS = EVIDENCE_KINDS.filter(({ resourceGraph }) => resourceGraph !== undefined);
const KNOWN = {
  identities: ['22222222-2222-2222-2222-222222222222', '11111111-1111-1111-1111-111111111111'],
  resources: ['/subscriptions/s/resourcegroups/g/providers/microsoft.web/sites/shop'],
};
const REQUEST = { resource: VAULT, from: FROM, to: TO, known: KNOWN };

function textOfKind(kind: EvidenceKind, request = REQUEST): string {
  const [statement] = composeResourceGraph([kind], request).statements;
  return statement?.text ?? '';
}

function all(node: SyntaxNode): SyntaxNode[] {
  return [node, ...node.children.flatMap(all)];
}

/** Operators that Resource Graph knows. @see https://learn.microsoft.com/azure/governance/resource-graph/concepts/query-language */
const OPERATORS = [
  'Filter',
  'Extend',
  'Project',
  'Summarize',
  'Join',
  'MvExpand',
  'Sort',
  'Take',
  'Top',
  'Distinct',
  'Count',
];

describe.each(KINDS.map((kind) => [kind.kind, kind] as const))('the question for %s', (_name, kind) => {
  const shape = (kind.row as unknown as { shape: Record<string, unknown> }).shape;

  test('is a query over the tables of Resource Graph whose columns are those of a row', () => {
    const { kind: is, problems, columns } = analyze(textOfKind(kind), RESOURCE_GRAPH_TABLES);
    expect({ is, problems }).toEqual({ is: 'Query', problems: [] });
    expect(columns.map(({ name }) => name).sort()).toEqual(Object.keys(shape).sort());
    expect(columns.filter(({ type }) => type === 'dynamic' || type === 'datetime')).toEqual([]);
  });

  test('is none over tables of which a column was renamed', () => {
    const renamed: TableSchema[] = RESOURCE_GRAPH_TABLES.map(({ name, columns }) => ({
      name,
      columns: columns.map((column) => (column.name === 'properties' ? { ...column, name: 'props' } : column)),
    }));
    expect(analyze(textOfKind(kind), renamed).problems).not.toEqual([]);
  });

  test('keeps to what Resource Graph takes: its operators, two mv-expand, three joins, no let', () => {
    const { tree } = analyze(textOfKind(kind), RESOURCE_GRAPH_TABLES);
    const used = all(tree).map(({ kind: each }) => each);
    const operators = used.filter((each) => each.endsWith('Operator')).map((each) => each.replace(/Operator$/, ''));
    expect(operators.filter((each) => !OPERATORS.includes(each))).toEqual([]);
    expect(used.filter((each) => each === 'LetStatement')).toEqual([]);
    expect(operators.filter((each) => each === 'MvExpand').length).toBeLessThanOrEqual(2);
    expect(operators.filter((each) => each === 'Join').length).toBeLessThanOrEqual(3);
  });

  test('is the same text for the same callers in another order, and without any', () => {
    const turned = { ...REQUEST, known: { ...KNOWN, identities: [...KNOWN.identities].reverse() } };
    expect(textOfKind(kind, turned)).toBe(textOfKind(kind));
    const nobody = { ...REQUEST, known: { identities: [], resources: [] } };
    expect(analyze(textOfKind(kind, nobody), RESOURCE_GRAPH_TABLES).problems).toEqual([]);
  });

  test('holds hostile names as data', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('"; drop', '*/', "' or 1 == 1 //", '\n| take 1', '{{x}}'),
    );
    const plain = all(analyze(textOfKind(kind), RESOURCE_GRAPH_TABLES).tree).length;
    fc.assert(
      fc.property(name, (text) => {
        const id = `${VAULT.id}/${text}`.toLowerCase();
        const { problems, tree } = analyze(
          textOfKind(kind, { ...REQUEST, resource: { ...VAULT, id } }),
          RESOURCE_GRAPH_TABLES,
        );
        expect(problems).toEqual([]);
        expect(all(tree)).toHaveLength(plain);
        const literals = all(tree)
          .filter((each) => each.kind === 'StringLiteralExpression')
          .map(textOf);
        const held = [
          ...literals,
          ...all(tree)
            .filter((each) => each.kind === 'DynamicExpression')
            .map(textOf),
        ];
        expect(held.some((each) => each.includes(id) || each.includes(JSON.stringify(id).slice(1, -1)))).toBe(true);
      }),
      { numRuns: 15 },
    );
  });
});

test('asks for owners, changes and the provider, each with the time for which an answer may be kept', () => {
  const { statements, together } = composeResourceGraph(EVIDENCE_KINDS, REQUEST);
  expect(statements.map(({ kind, keepMs }) => [kind, keepMs])).toEqual([
    ['owners', 1_800_000],
    ['changes', undefined],
    ['platform', undefined],
  ]);
  expect(together).toBeUndefined();
});
