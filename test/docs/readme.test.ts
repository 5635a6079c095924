import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../cli/kit.ts';
import { folderForTest } from '../shared/adapters/folder.ts';

const ROOT = join(import.meta.dirname, '../..');
const README = join(ROOT, 'README.md');
const SHOWN = /(<!-- analyze -->\n```\n)([\s\S]*?)(```\n)/;
const COMMAND = /npm run -s headroom -- analyze (\S+\.json\.gz)\n/;

test('README.md shows what its first command prints (UPDATE_GOLDEN=1 writes it anew)', async () => {
  const page = readFileSync(README, 'utf8');
  const [, path = ''] = COMMAND.exec(page) ?? [];
  const { code, out } = await run(['analyze', join(ROOT, path)], { HEADROOM_HOME: join(folderForTest(), 'home') });
  expect(code).toBe(0);
  if (process.env['UPDATE_GOLDEN'] === '1')
    writeFileSync(
      README,
      page.replace(SHOWN, (_all, before: string, _old, after: string) => before + out + after),
    );
  expect(SHOWN.exec(readFileSync(README, 'utf8'))?.[2]).toBe(out);
});

test('README.md shows each command of the command line, and no script that is not there', async () => {
  const page = readFileSync(README, 'utf8');
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const { out } = await run(['--help'], {});
  const commands = [...out.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
  expect(commands).toContain('analyze');
  const shown = (name = ''): boolean => page.includes(`headroom -- ${name} `) || page.includes(`headroom -- ${name}\n`);
  expect(commands.filter((name) => name !== 'start' && !shown(name))).toEqual([]);
  const named = [...page.matchAll(/npm run (?:-s )?([a-z:]+)/g)].map(([, name = '']) => name);
  expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});
