import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { type ComposeRequest, compose } from '../../../../shared/evidence/languages/compose.ts';
import { EVIDENCE_KINDS } from '../../../../shared/registry.ts';
import { analyze } from '../../../kql/language.ts';
import type { SyntaxNode } from '../../../kql/syntax.ts';
import { AZKV_AUDIT_LOGS, AZURE_DIAGNOSTICS, BARE_AZURE_DIAGNOSTICS } from '../../../kql/tables.ts';
import { FROM, TO, VAULT } from '../kit.ts';

const REQUEST: ComposeRequest = { resource: VAULT, from: FROM, to: TO };
const KINDS = EVIDENCE_KINDS.filter(({ kqlCoarse }) => kqlCoarse !== undefined);

const RESULT = [
  { name: 'kind', type: 'string' },
  { name: 'window', type: 'string' },
  { name: 'row', type: 'dynamic' },
];

function coarse(request = REQUEST) {
  const query = compose('kql', EVIDENCE_KINDS, request).coarse;
  if (query === undefined) throw new Error('nothing is asked coarsely');
  return query;
}

describe('a coarse statement', () => {
  const statements = coarse().statements.map(({ kind, text }) => [kind, text] as const);

  test('is there for who asked, when, how much of it is there, and how it was answered', () => {
    expect(statements.map(([kind]) => kind)).toEqual(['coverage', 'timeline', 'callers', 'answered']);
    expect(coarse().statements.map(({ window }) => window)).toEqual(statements.map(() => 'incident'));
  });

  test.each(statements)('for %s is a query of the one table that may be on the Basic plan', (_kind, text) => {
    const { kind, problems, columns } = analyze(text, [AZKV_AUDIT_LOGS]);
    expect({ kind, problems, columns }).toEqual({ kind: 'Query', problems: [], columns: RESULT });
    expect(text).not.toMatch(/\b(?:join|lookup|union|find|search|let|materialize)\b/);
    expect(text).not.toContain('TimeGenerated >');
  });

  test.each(KINDS.map((kind) => [kind.kind, kind] as const))('for %s gives the columns of its rows', (_name, kind) => {
    const rows = kind.kqlCoarse?.({ requests: SAMPLE, fromUs: '0', toUs: '1', window: 'incident' }) ?? '';
    const { problems, columns } = analyze(rows, [AZKV_AUDIT_LOGS]);
    const shape = kind.row instanceof z.ZodMiniObject ? kind.row.shape : {};
    expect(problems).toEqual([]);
    expect(columns.map(({ name }) => name).sort()).toEqual(Object.keys(shape).sort());
  });
});

/** A relation of the columns that coarse fragments name. */
const SAMPLE = `datatable(at_us: long, second: long, caller: string, application: string, object: string, person: string, address: string,
  client: string, class: string, target: string, status: long, copies: long, weight: long, inferred: bool)[]`;

test.each([
  ['both tables', [AZKV_AUDIT_LOGS, AZURE_DIAGNOSTICS]],
  ['a table that never held a record of a vault', [BARE_AZURE_DIAGNOSTICS]],
  ['the table of vaults', [AZKV_AUDIT_LOGS]],
])('all of it together is one query of %s', (_what, tables) => {
  const { kind, problems, columns } = analyze(coarse().together ?? '', tables);
  expect({ kind, problems, columns }).toEqual({ kind: 'Query', problems: [], columns: RESULT });
});

test('any name of a resource is a literal in it', () => {
  const hostile = fc.string({ unit: 'binary', maxLength: 8 });
  const edges = fc.constantFrom("'; drop", '"', '*/', '\n', '\\', '| take 1', '漢');
  fc.assert(
    fc.property(hostile, edges, (text, edge) => {
      const id = `/subscriptions/x/${text}${edge}`;
      const [statement] = coarse({ ...REQUEST, resource: { ...VAULT, id } }).statements;
      const { kind, problems, tree } = analyze(statement?.text ?? '', [AZKV_AUDIT_LOGS]);
      expect({ kind, problems }).toEqual({ kind: 'Query', problems: [] });
      expect(literalsIn(tree)).toContain(id.toLowerCase());
    }),
    { numRuns: 10 },
  );
});

function literalsIn(node: SyntaxNode): string[] {
  const own = node.kind === 'StringLiteralToken' ? [node.text] : [];
  return [...own, ...node.children.flatMap(literalsIn)];
}
