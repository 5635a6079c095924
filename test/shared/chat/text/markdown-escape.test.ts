import fc from 'fast-check';
import { Lexer, type Token } from 'marked';
import { describe, expect, test } from 'vitest';
import { cleanLine } from '../../../../shared/chat/plain.ts';
import { escapeMarkdown, fence, markdownLink, markdownTable } from '../../../../shared/chat/text/markdown-escape.ts';
import { text } from '../hostile.ts';

/** Text of tokens, and the kinds of all tokens that are more than text. */
function readBack(markdown: string): { text: string; kinds: string[] } {
  const kinds: string[] = [];
  const walk = (tokens: readonly Token[]): string =>
    tokens
      .map((token) => {
        if (!['text', 'escape', 'paragraph'].includes(token.type)) kinds.push(token.type);
        if ('tokens' in token && token.tokens) return walk(token.tokens);
        return 'text' in token ? String(token.text) : token.raw;
      })
      .join('');
  return { text: walk(Lexer.lex(markdown)), kinds };
}

function shownAs(given: string): string {
  return readBack(`x ${escapeMarkdown(given)}`)
    .text.slice(2)
    .replaceAll('\u2060', '');
}

describe('outside text in Markdown', () => {
  test.each([
    '<!channel> *x* [a](http://b)',
    '**b** __i__ ~~s~~ `code` ![i](x)',
    '<img src=x onerror=alert(1)>',
    '&lt;b&gt; &amp; &#64;',
    'http://evil.example www.evil.example https://x.example/a_b_c',
    'a@b.example',
    'back\\slash \\* end\\',
    'a | b',
    'line\nbreak',
    '<https://evil.example>',
    '[ref]: http://evil.example',
    '$x$ {y} ==z==',
  ])('shows exactly the characters of %s', (given) => {
    expect(shownAs(given)).toBe(cleanLine(given));
    expect(readBack(`x ${escapeMarkdown(given)}`).kinds).toEqual([]);
  });

  test.each([
    '- item',
    '+ item',
    '* item',
    '1. item',
    '12) item',
    '# head',
    '> quote',
    '---',
    '===',
    '```',
    '~~~',
    '    code',
    '| a |',
  ])('begins no block where it stands first in a line: %s', (given) => {
    expect(readBack(escapeMarkdown(given)).kinds).toEqual([]);
  });

  test('calls nobody and refers to nothing in a tracker', () => {
    expect(escapeMarkdown('@channel #12 a@b')).not.toMatch(/[@#]\w/);
  });

  test('shows any line as it is', () => {
    fc.assert(
      fc.property(text, (given) => {
        const line = cleanLine(given, 200).trim();
        fc.pre(line !== '');
        expect(readBack(`x ${escapeMarkdown(line, 200)}`).kinds).toEqual([]);
        expect(shownAs(line).replaceAll('\u2060', '')).toBe(line);
      }),
    );
  });
});

test('a fence is longer than any fence inside', () => {
  const tokens = Lexer.lex(fence('a\n````\n# b', 'py`thon\n'));
  expect(tokens).toHaveLength(1);
  expect(tokens[0]).toMatchObject({ type: 'code', lang: 'python', text: 'a\n````\n# b' });
});

test('a link leads where it says, whatever its label and address hold', () => {
  const [token] = Lexer.lexInline(markdownLink('a](http://evil) [b', 'https://x.example/a)b <c>'));
  expect(token).toMatchObject({ type: 'link', href: 'https://x.example/a)b%20%3Cc%3E' });
});

test('a cell stays in its cell', () => {
  const [table] = Lexer.lex(markdownTable(['a', 'b'], [['x | y', 'z\n| q |']]).join('\n'));
  expect(table?.type).toBe('table');
  expect(
    table && 'rows' in table && Array.isArray(table.rows)
      ? table.rows.map((row: { text: string }[]) => row.map((cell) => cell.text))
      : [],
  ).toHaveLength(1);
});
