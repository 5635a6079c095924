import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kustoString, kustoTime } from '../../../../shared/evidence/languages/kusto-literal.ts';
import { analyze } from '../../../kql/language.ts';
import { type SyntaxNode, textOf } from '../../../kql/syntax.ts';

function literalsIn(node: SyntaxNode): SyntaxNode[] {
  return node.kind === 'StringLiteralExpression' ? [node] : node.children.flatMap(literalsIn);
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom('"', "'", '\\', '{{', '}}', '\n', '\r', '\u2028', '*/', '//', '; drop', '|', '\u0000', 'ü', '😀'),
    )
    .map((parts) => parts.join('')),
);

test('any text is one literal that holds it', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const { kind, problems, tree } = analyze(`print value = ${kustoString(text)}`, []);
      expect({ kind, problems }).toEqual({ kind: 'Query', problems: [] });
      expect(literalsIn(tree).map(textOf)).toEqual([text]);
      expect(JSON.parse(kustoString(text))).toBe(text);
    }),
    { numRuns: 80 },
  );
});

test.each([
  ['a quote', '"', '"\\u0022"'],
  ['a reference to a shared query', '{{/a}}', '"\\u007b\\u007b/a\\u007d\\u007d"'],
  ['half a pair', '\ud83d', '"\\ud83d"'],
  ['what is plainly itself', "o'Hara ü 😀", '"o\'Hara ü 😀"'],
])('%s stands as it cannot be mistaken', (_what, text, literal) => {
  expect(kustoString(text)).toBe(literal);
});

test('a moment is a literal of the same moment', () => {
  expect(kustoTime('2026-11-20T14:00:00.123Z')).toBe('datetime(2026-11-20T14:00:00.123Z)');
  expect(kustoTime(0)).toBe('datetime(1970-01-01T00:00:00.000Z)');
});
