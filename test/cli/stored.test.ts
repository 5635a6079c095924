import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startLocal } from '../../local/server.ts';
import { collectingLog } from '../kit.ts';
import { folderForTest, makeFolder, removeFolder } from '../shared/adapters/folder.ts';
import { checkSlackPayload } from '../shared/chat/check-slack.ts';
import { checkTeamsMessage } from '../shared/chat/check-teams.ts';
import { configOf } from '../shared/config/kit.ts';
import { fakeChat } from '../shared/pipeline/chat.ts';
import { run } from './kit.ts';

const FIRED = join(import.meta.dirname, '../fixtures/azure/metric-static-kv429-fired.json');

let home: string;
let id: string;
let environment: Record<string, string>;

/** A store with one posted incident, and one payload that was not understood. */
beforeAll(async () => {
  home = makeFolder();
  environment = { HEADROOM_HOME: home };
  const chat = fakeChat();
  const options = { host: '127.0.0.1', port: 0, log: collectingLog(), out: () => undefined, colour: false };
  const local = await startLocal(configOf(environment), { ...options, senders: [chat] });
  const send = async (body: string) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${local.url}/api/alerts/azure`, { method: 'POST', headers, body });
    return (await answer.json()) as { incident?: string };
  };
  await send('{"schemaId":"azureMonitorCommonAlertSchema"}');
  id = (await send(readFileSync(FIRED, 'utf8'))).incident ?? '';
  const deadlineMs = Date.now() + 10_000;
  while (chat.standing.length === 0 && Date.now() < deadlineMs) await new Promise((done) => setTimeout(done, 10));
  await local.close();
});
afterAll(() => removeFolder(home));

describe('without a store', () => {
  test.each([
    ['chat', 'status'],
    ['replay', '--list'],
    ['explain', '--incident', 'aaaaaaaa'],
  ])('%s %s says so with the next step, and makes none', async (...args) => {
    const absent = join(folderForTest(), 'absent');
    const { code, out, err } = await run(args, { HEADROOM_HOME: absent });
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(
      new RegExp(`^headroom ${args[0]}: there is no store in .*absent yet\\nnext: run headroom serve`),
    );
    expect(existsSync(absent)).toBe(false);
  });
});

test('doctor looks the installation over, and ends with 1 where something is wrong', async () => {
  const { code, out } = await run(['doctor'], environment);
  expect(code).toBe(1);
  expect(out).toMatch(/^1 of 13 checks found something\n/);
  expect(out.replaceAll(/\s+/g, ' ')).toContain('Name subscriptions or accounts in scopes of headroom.json');
  const { checks } = JSON.parse((await run(['doctor', '--json'], environment)).out);
  expect(checks.map(({ name }: { name: string }) => name)).toEqual([
    'stores',
    'destinations',
    'slack',
    'teams',
    'webhooks',
    'escalation',
    'scopes',
    'logs',
    'metrics',
    'resource graph',
    'sign-ins',
    'approvers',
    'actions',
  ]);
});

describe('chat on the command line', () => {
  test('answers what chat can be asked', async () => {
    const { code, out } = await run(['chat', 'status'], environment);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^1 open incident\\n(.*\\n)+${id} .*kv-contoso`));
    expect((await run(['chat', `why ${id}`], environment)).out).toContain('kv-contoso');
  });

  test('changes an incident under the name of who sits there', async () => {
    const { code, out } = await run(['chat', `ack ${id}`], { ...environment, USER: 'dana' });
    const undo = `'undo ack ${id}' takes it back`;
    expect([code, out]).toEqual([0, `${id} (kv-contoso) is acknowledged by dana\n${undo}\n`]);
    expect((await run(['chat', `why ${id}`], environment)).out).toContain('acknowledged by dana');
  });

  test('reads the logs that the configuration names', async () => {
    const logs = join(import.meta.dirname, '../../samples');
    const { code, out } = await run(['chat', 'top kv-contoso 1h'], { ...environment, HEADROOM_LOGS: logs });
    expect(code).toBe(0);
    expect(out).toContain('kv-contoso');
    expect((await run(['chat', 'why', 'kv-contoso'], environment)).out).toContain(id);
  });

  test('answers a misspelt command with the nearest: that is an answer', async () => {
    const { code, out } = await run(['chat', 'statsu'], environment);
    expect(code).toBe(0);
    expect(out).toContain("Did you mean 'status'?");
  });

  test.each(['status', 'help', 'why kv-contoso', 'nonsense'])('gives %s in every format', async (asked) => {
    const as = async (format: string) => (await run(['chat', asked, '--format', format], environment)).out;
    expect(JSON.parse(await as('json'))).toHaveProperty('title');
    expect((await run(['chat', asked, '--json'], environment)).out).toBe(await as('json'));
    expect(checkSlackPayload(JSON.parse(await as('slack')))).toEqual([]);
    expect(checkTeamsMessage(JSON.parse(await as('teams')))).toEqual([]);
    expect(await as('markdown')).toMatch(/^# /);
  });
});

describe('explain --incident', () => {
  test('shows what is stored, the id in any case', async () => {
    const { code, out } = await run(['explain', '--incident', id.toUpperCase()], environment);
    expect(code).toBe(0);
    expect(out).toContain(`incident ${id}`);
  });

  test.each(['aaaaaaaa', '../../etc', '', 'x'.repeat(10_000)])('that is not there (%.20s) is 1', async (unknown) => {
    const { code, out, err } = await run(['explain', '--incident', unknown], environment);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/there is no incident '.{0,40}'; headroom chat status lists/);
  });
});

describe('explain --incident --format markdown', () => {
  test('is its post-incident report, with what people did and as private as it is asked to be', async () => {
    await run(['chat', `ack ${id}`], environment);
    const masked = await run(['explain', '--incident', id, '--format', 'markdown'], environment);
    expect(masked.out).toMatch(/^# Incident: [\s\S]*## What was done, and by whom[\s\S]*acknowledged it/);
    const minimal = await run(
      ['explain', '--incident', id, '--format', 'markdown', '--privacy', 'minimal'],
      environment,
    );
    expect(minimal.out).toMatch(/\| a person \| acknowledged it/);
  });

  test.each([
    [['--incident', 'aaaaaaaa', '--privacy', 'full']],
    [['--incident', 'aaaaaaaa', '--format', 'markdown', '--privacy', 'none']],
    [['alert.json', '--format', 'markdown', '--privacy', 'full']],
  ])('takes --privacy for nothing else: %j', async (args) => {
    const { code, err } = await run(['explain', ...args], environment);
    expect([code, err.includes('--privacy')]).toEqual([2, true]);
  });
});

describe('replay', () => {
  const deadHash = async (): Promise<string> => {
    const { out } = await run(['replay', '--list', '--dead', '--json'], environment);
    return JSON.parse(out).payloads[0].payload.hash;
  };

  test('--dry-run shows what would become of an incident, from its payload and its findings', async () => {
    const { code, out } = await run(['replay', id, '--dry-run'], environment);
    expect(code).toBe(0);
    expect(out).toMatch(/^payload 2026.*Z~\w+ {2}azure, taken {2}1 alert\n/);
    expect(out).toMatch(new RegExp(`alert \\w{16} {2}fired: .* is known to incident ${id}, posted\\n`));
    expect(out).toMatch(new RegExp(`\\nincident ${id} {2}kv-contoso\\n {2}findings: no log`));
    expect(out).toMatch(/\ndry run: nothing was written\n$/);
  });

  test('--dry-run reads the logs that are named, and shows which findings would come', async () => {
    const logs = join(import.meta.dirname, '../../samples');
    const { code, out } = await run(['replay', id, '--dry-run', '--logs', logs, '--json'], environment);
    expect([code, JSON.parse(out).incidents]).toMatchObject([0, [{ id, before: [], from: 'now' }]]);
  });

  test('of a payload that is still not understood says why, and is 1', async () => {
    const { code, out } = await run(['replay', (await deadHash()).slice(0, 12)], environment);
    expect([code, out]).toEqual([1, expect.stringMatching(/^payload dead~\w{32} {2}not understood: .*\(at data\)/)]);
  });

  test('of an incident queues it for a worker', async () => {
    const { code, out } = await run(['replay', id], environment);
    expect([code, out]).toEqual([0, expect.stringContaining(`incident ${id}  is worked out anew\n`)]);
  });

  test.each([
    ['zzzzzzzz', 1, /there is no incident 'zzzzzzzz'\nnext: headroom chat status/],
    ['0123456789ab', 1, /payloads are kept for 14 days\nnext: headroom replay --list/],
    ['no-id', 2, /'no-id' is no id of a payload, an incident or an alert\nusage: headroom replay/],
  ])('%s is %i', async (unknown, code, err) => {
    expect(await run(['replay', unknown], environment)).toEqual({ code, out: '', err: expect.stringMatching(err) });
  });

  test.each([
    [['replay']],
    [['replay', 'a', 'b']],
    [['replay', 'aaaaaaaa', '--dead']],
    [['replay', 'aaaaaaaa', '--limit', '3']],
    [['replay', 'aaaaaaaa', '--list']],
    [['replay', '--list', '--dry-run']],
  ])('%j is 2', async (args) => {
    expect((await run(args, environment)).code).toBe(2);
  });
});

describe('over the stores of a cloud', () => {
  test.each([[['replay', 'aaaaaaaa']], [['chat', 'status']], [['doctor']]])(
    '%j that mix with the other cloud is 2, and names the store',
    async (args) => {
      const mixed = { HEADROOM_RECORDS: 'table:https://127.0.0.1:1', HEADROOM_QUEUE: 'sqs:https://127.0.0.1:1/1/q' };
      const { code, err } = await run(args, { ...environment, ...mixed });
      const named = 'HEADROOM_QUEUE names sqs, which is not available here';
      expect([code, err]).toEqual([2, expect.stringContaining(named)]);
    },
  );

  test('a store that does not answer is among what doctor finds', async () => {
    for (const name of ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'eu-west-1');
    const cloud = {
      HEADROOM_RECORDS: 'dynamodb:headroom',
      HEADROOM_QUEUE: 'sqs:http://127.0.0.1:1/1/headroom',
      HEADROOM_PAYLOADS: 's3:headroom',
      HEADROOM_DYNAMODB_ENDPOINT: 'http://127.0.0.1:1',
      HEADROOM_SQS_ENDPOINT: 'http://127.0.0.1:1',
      HEADROOM_S3_ENDPOINT: 'http://127.0.0.1:1',
    };
    const { code, out } = await run(['doctor', '--json'], { ...environment, ...cloud });
    const { checks } = JSON.parse(out);
    const stores = checks.find(({ name }: { name: string }) => name === 'stores');
    vi.unstubAllEnvs();
    expect([code, stores]).toMatchObject([1, { ok: false, problem: expect.stringContaining('ECONNREFUSED') }]);
  });
});

describe('replay --list', () => {
  test('shows what was received, newest first, and why a payload was not understood', async () => {
    const { code, out } = await run(['replay', '--list'], environment);
    const lines = out.trimEnd().split('\n');
    expect([code, lines.length]).toEqual([0, 2]);
    expect(lines.find((line) => line.includes(' taken '))).toContain(id);
    expect(lines.find((line) => line.includes(' dead '))).toMatch(/ at data/);
    expect(lines.toSorted().toReversed()).toEqual(lines);
  });

  test('--dead shows only what was not understood', async () => {
    const { out } = await run(['replay', '--list', '--dead'], environment);
    expect(out.trimEnd().split('\n')).toHaveLength(1);
    expect(out).toContain(' dead ');
  });

  test('--json gives the same as data', async () => {
    const { out } = await run(['replay', '--list', '--json'], environment);
    const told = JSON.parse(out) as { payloads: { state: string }[]; work: unknown[] };
    expect(told.payloads.map(({ state }) => state).toSorted()).toEqual(['dead', 'taken']);
    expect(told.work).toEqual([]);
    const dead = JSON.parse((await run(['replay', '--list', '--dead', '--json'], environment)).out) as typeof told;
    expect(dead.payloads).toMatchObject([{ state: 'dead', path: expect.stringContaining('data'), incidents: [] }]);
    expect((await run(['replay', '--list', '--limit', '1', '--json'], environment)).out.length).toBeLessThan(
      out.length,
    );
  });
});
