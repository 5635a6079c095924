import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { folderForTest } from '../shared/adapters/folder.ts';
import { run } from './kit.ts';

const ROOT = join(import.meta.dirname, '../..');
const BIN = join(ROOT, 'cli/headroom.mjs');
const FIRED = join(ROOT, 'test/fixtures/azure/metric-static-kv429-fired.json');
const NAMES = ['analyze', 'explain', 'serve', 'chat', 'replay', 'start'];
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

describe('help', () => {
  test.each(NAMES)('of %s shows usage and an example that begins with a command that is there', async (name) => {
    const asked = await run([name, '--help']);
    expect(asked).toMatchObject({ code: 0, err: '' });
    expect(asked.out).toMatch(new RegExp(`^usage: headroom ${name} `));
    expect(asked.out).toMatch(new RegExp(`\\nexample: .*headroom ${name} `));
    expect(asked.out.split('\n').filter((line) => line.length > 120)).toEqual([]);
    expect(await run(['help', name])).toEqual(asked);
    expect(await run([name, '--format', 'nonsense', '-h'])).toEqual(asked);
  });

  test.each(['help', '--help', '-h'])('by %s lists every command on standard output', async (word) => {
    const { code, out, err } = await run([word]);
    expect([code, err]).toEqual([0, '']);
    for (const name of NAMES) expect(out).toMatch(new RegExp(`^ {2}${name} +\\S`, 'm'));
  });

  test('without a command goes to standard error: nothing was answered', async () => {
    const { code, out, err } = await run([]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('usage: headroom <command>');
  });
});

test.each([['--version'], ['-v'], ['explain', '--version'], ['chat', '-v']])(
  'the version is told by %s %s',
  async (...args) => {
    expect(await run(args.filter((word) => typeof word === 'string'))).toEqual({
      code: 0,
      out: `${version}\n`,
      err: '',
    });
  },
);

test.each([
  ['explian', 'explain'],
  ['analyse', 'analyze'],
  ['repaly', 'replay'],
  ['server', 'serve'],
  ['CHAT', 'chat'],
])('the unknown command %s names the nearest: %s', async (typed, near) => {
  expect(await run([typed])).toEqual({
    code: 2,
    out: '',
    err: `headroom: there is no command '${typed}'; did you mean '${near}'?\n`,
  });
});

test('a command of ten thousand characters is answered in one line', async () => {
  const { code, err } = await run(['x'.repeat(10_000)]);
  expect(code).toBe(2);
  expect(err.length).toBeLessThan(120);
});

test.each([
  ['serve', '--port', 'x'],
  ['serve', '--port', '65536'],
  ['serve', '--prot', '1'],
  ['serve', '--host'],
  ['start', '--seed', '-1'],
  ['start', '--seed', '1.5'],
  ['start', '--once=yes'],
  ['chat'],
  ['chat', '  '],
  ['chat', 'status', '--format', 'xml'],
  ['replay'],
  ['replay', 'k3f7q2ab', '--dead'],
  ['replay', '--list', '--limit', '0'],
  ['replay', '--list', '--limit', 'many'],
])('the wrong command line %s %s %s is answered with its usage', async (name, ...args) => {
  const { code, out, err } = await run([name, ...args.filter((word) => typeof word === 'string')]);
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(new RegExp(`^headroom ${name}: .+\\nusage: headroom ${name} .+\\n$`));
});

describe('a wrong configuration', () => {
  const WRONG = {
    HEADROOM_SLACK_WEBHOOK_ULR: 'https://hooks.slack.example/T/B/very-secret',
    HEADROOM_BODY_BYTES: 'many',
    HEADROOM_QUEUE: 'redis',
  };

  test.each([
    ['explain', FIRED],
    ['chat', 'status'],
    ['replay', '--list'],
    ['serve', '--port=0'],
  ])('lists all problems at once for %s, with the nearest name and no secret value', async (...args) => {
    const { code, out, err } = await run(args, WRONG);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('3 problems');
    expect(err).toMatch(/HEADROOM_SLACK_WEBHOOK_ULR.*HEADROOM_SLACK_WEBHOOK_URL/);
    expect(err).toMatch(/HEADROOM_BODY_BYTES.*\n?.*whole number/);
    expect(err).toMatch(/HEADROOM_QUEUE/);
    expect(err).not.toContain('very-secret');
  });

  test('that would let in anyone is refused with the next step', async () => {
    const { code, err } = await run(['serve', '--host', '0.0.0.0', '--port', '0'], { HEADROOM_HOME: folderForTest() });
    expect(code).toBe(2);
    expect(err).toMatch(/\nnext: .*HEADROOM_ALERT_TOKEN/);
  });
});

describe('the program', () => {
  const exec = promisify(execFile);

  test('runs as a process of its own', async () => {
    const { stdout, stderr } = await exec(process.execPath, [BIN, '--version'], { cwd: folderForTest() });
    expect([stdout, stderr]).toEqual([`${version}\n`, '']);
  });

  test('ends with the exit code of the command line', async () => {
    const missing = exec(process.execPath, [BIN, 'explain', 'missing.json'], { cwd: folderForTest(), env: {} });
    await expect(missing).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'headroom explain: missing.json: there is no such file\n',
    });
  });

  test('reads a payload from standard input', async () => {
    const child = spawn(process.execPath, [BIN, 'explain', '-', '--json'], { cwd: folderForTest(), env: {} });
    child.stdin.end(readFileSync(FIRED));
    expect(JSON.parse(await text(child.stdout))).toMatchObject({ resource: { name: 'kv-contoso' } });
  });

  test('serves until it is told to stop, and ends well', async () => {
    const child = spawn(process.execPath, [BIN, 'serve', '--port', '0'], { cwd: folderForTest(), env: {} });
    const ended = once(child, 'exit');
    const told = Promise.withResolvers<string>();
    let heard = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      heard += text;
      const url = /listens on (http:\/\/127\.0\.0\.1:\d+) and posts to terminal\n/.exec(heard)?.[1];
      if (url !== undefined) told.resolve(url);
    });
    expect((await fetch(`${await told.promise}/api/health`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  test('tells an old Node in one line that it is too old', async () => {
    const old = "Object.defineProperty(process,'versions',{value:{...process.versions,node:'22.17.1'}})";
    const args = ['--import', `data:text/javascript,${encodeURIComponent(old)}`, BIN, '--version'];
    await expect(exec(process.execPath, args)).rejects.toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'headroom needs Node 22.18 or newer; this is 22.17.1\n',
    });
  });

  test('ends quietly when its reader stops early', async () => {
    const child = spawn(process.execPath, [BIN, 'explain', FIRED], { cwd: folderForTest(), env: {} });
    child.stdout.destroy();
    expect(await text(child.stderr)).toBe('');
  });
});
