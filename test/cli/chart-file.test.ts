import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readChartFile } from '../../cli/chart-file.ts';
import { UsageError } from '../../cli/command.ts';
import { folderForTest } from '../shared/adapters/folder.ts';
import { run } from './kit.ts';

const SAMPLE = join(import.meta.dirname, '../../samples/key-vault-storm.json.gz');

describe('--chart', () => {
  test.each([
    ['a.svg', { format: 'svg', theme: 'light' }],
    ['a.PNG', { format: 'png', theme: 'light' }],
    ['x/a.dark.svg', { format: 'svg', theme: 'dark' }],
    ['dark.svg', { format: 'svg', theme: 'light' }],
  ])('of %s is told by its ending', (path, expected) => {
    expect(readChartFile(path)).toEqual({ path, ...expected });
  });

  test.each(['a.gif', 'svg', ''])('refuses %j', (path) => {
    expect(() => readChartFile(path)).toThrow(UsageError);
  });

  test('draws what analyze found into a file, beside its answer', async () => {
    const folder = folderForTest();
    const svg = join(folder, 'chart.dark.svg');
    const { code, out } = await run(['analyze', SAMPLE, '--chart', svg], { HEADROOM_HOME: join(folder, 'home') });
    expect(code).toBe(0);
    expect(out).toContain('startup stampede');
    expect(readFileSync(svg, 'utf8')).toContain('Requests against the limit (secret operations)');
  });

  test('that cannot be written is said, after the answer', async () => {
    const folder = folderForTest();
    const path = join(folder, 'none', 'chart.png');
    const { code, out, err } = await run(['analyze', SAMPLE, '--chart', path], { HEADROOM_HOME: join(folder, 'home') });
    expect(code).toBe(2);
    expect(out).toContain('startup stampede');
    expect(err).toContain('cannot be written (ENOENT)');
  });
});
