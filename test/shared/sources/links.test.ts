import { describe, expect, test } from 'vitest';
import { BOUNDS } from '../../../shared/sources/bounds.ts';
import { customLinks, keepLinks } from '../../../shared/sources/links.ts';

function urlsOf(...candidates: unknown[]) {
  return keepLinks(candidates.map((url) => ['label', url] as const)).map((link) => link.url);
}

describe('keepLinks', () => {
  test.each([
    ['https://portal.azure.com#@t/blade', 'https://portal.azure.com/#@t/blade'],
    ['HTTPS://Example.com/a b', 'https://example.com/a%20b'],
  ])('keeps %s', (url, kept) => {
    expect(urlsOf(url)).toEqual([kept]);
  });

  test.each([
    ['http', 'http://example.com'],
    ['script', 'javascript:alert(1)'],
    ['data', 'data:text/html,x'],
    ['a path', '/graph'],
    ['credentials', 'https://user:secret@example.com/'],
    ['a password alone', 'https://:secret@example.com/'],
    ['a token as user', 'https://token@example.com/'],
    ['no host', 'https://'],
    ['a broken one', 'https://[::1'],
    ['a long one', `https://example.com/${'a'.repeat(BOUNDS.urlCharacters)}`],
    ['one that gets long by encoding', `https://example.com/${'ü'.repeat(BOUNDS.urlCharacters / 2)}`],
    ['no text', 7],
    ['nothing', undefined],
  ])('drops %s', (_what, url) => {
    expect(urlsOf(url)).toEqual([]);
  });

  test('keeps each once, the first few', () => {
    const many = Array.from({ length: BOUNDS.links + 5 }, (_, index) => `https://example.com/${index}`);
    expect(urlsOf('https://example.com', 'https://example.com/')).toHaveLength(1);
    expect(urlsOf(...many)).toEqual(many.slice(0, BOUNDS.links));
  });
});

describe('customLinks', () => {
  test('finds runbook and dashboard', () => {
    const custom = {
      runbook: 'kv-throttling',
      runbook_url: 'https://r.example',
      dashboard: 'https://d.example',
      team: 't',
    };
    expect(keepLinks(customLinks(custom))).toEqual([
      { label: 'Runbook', url: 'https://r.example/' },
      { label: 'Dashboard', url: 'https://d.example/' },
    ]);
  });
});
