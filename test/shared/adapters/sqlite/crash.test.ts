import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSqlite } from '../../../../shared/adapters/sqlite/open.ts';
import { fakeClock } from '../../../kit.ts';
import { folderForTest } from '../folder.ts';

const CHILD = join(import.meta.dirname, 'crash-child.ts');

/** Runs the child until it is dead; with `killAfterLines`, kills it once it has said so much. @returns what it said */
async function runToDeath(path: string, mode: 'once' | 'flood', killAfterLines?: number): Promise<string[]> {
  const child = spawn(process.execPath, [CHILD, path, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (killAfterLines !== undefined && output.split('\n').length > killAfterLines) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'close');
  expect(signal).toBe('SIGKILL');
  return output.split('\n').slice(0, -1);
}

test('a write that was answered outlives a process that is killed right after', async () => {
  const path = join(folderForTest(), 'headroom.sqlite');
  await runToDeath(path, 'once');
  const store = await openSqlite({ path, clock: fakeClock() });
  expect((await store.records.get({ partition: 'p', id: 'only' }))?.value).toEqual({ v: 1, id: 'only' });
  expect(await store.queue.depth()).toEqual({ waiting: 1, dead: 0 });
  await store.close();
});

test('processes that start together on a new file all get to write', async () => {
  const path = join(folderForTest(), 'headroom.sqlite');
  await Promise.all([1, 2, 3, 4].map(() => runToDeath(path, 'once')));
  const store = await openSqlite({ path, clock: fakeClock() });
  expect(await store.queue.depth()).toEqual({ waiting: 4, dead: 0 });
  await store.close();
});

test.each([1, 200, 2_000])('of a flood cut off after %s answers, every answered write is there', async (lines) => {
  const path = join(folderForTest(), 'headroom.sqlite');
  const answered = await runToDeath(path, 'flood', lines);
  expect(answered.length).toBeGreaterThanOrEqual(lines);
  const store = await openSqlite({ path, clock: fakeClock('2100-01-01T00:00:00.000Z') });
  const kept = new Set<string>();
  for (let after = '', before = -1; kept.size > before; ) {
    before = kept.size;
    for (const { id } of await store.records.list('p', { after, limit: 1_000 })) {
      kept.add(id);
      after = id;
    }
  }
  expect(answered.filter((id) => !kept.has(id))).toEqual([]);
  expect((await store.queue.depth()).waiting).toBe(kept.size);
  await store.close();
});
