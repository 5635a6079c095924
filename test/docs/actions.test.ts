import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ACTIONS } from '../../shared/registry.ts';

const ROWS = readFileSync(join(import.meta.dirname, '../../docs/actions.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.slice(3, line.indexOf('`', 3)));

describe('docs/actions.md', () => {
  test.each(ACTIONS.map(({ id }) => id))('has a row for %s', (id) => {
    expect(ROWS.filter((row) => row === id)).toEqual([id]);
  });
});
