import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Local, type LocalOptions, startLocal } from '../../local/server.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { watch } from '../../shared/pipeline/watch.ts';
import type { Clock } from '../../shared/ports.ts';
import { collectingLog } from '../kit.ts';
import { folderForTest } from '../shared/adapters/folder.ts';
import { configOf } from '../shared/config/kit.ts';
import { type FakeChat, fakeChat } from '../shared/pipeline/chat.ts';
import { azureAlert } from '../shared/pipeline/kit.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures');
const MEMORY = { HEADROOM_RECORDS: 'memory', HEADROOM_QUEUE: 'memory', HEADROOM_PAYLOADS: 'memory' };
const OPTIONS: LocalOptions = {
  host: '127.0.0.1',
  port: 0,
  log: collectingLog(),
  out: () => undefined,
  colour: false,
  workers: { concurrency: 8, visibilityMs: 120_000, idleMs: 5 },
};

const started: Local[] = [];
afterEach(async () => {
  for (const local of started.splice(0)) await local.close();
});

async function start(
  environment: Record<string, string> = MEMORY,
  options: Partial<LocalOptions> = {},
): Promise<Local & { chat: FakeChat }> {
  const chat = fakeChat();
  const local = await startLocal(configOf(environment), { ...OPTIONS, senders: [chat], ...options });
  started.push(local);
  return { ...local, chat };
}

type Json = Record<string, unknown>;

async function send(local: Local, body: unknown, path = '/api/alerts/azure'): Promise<{ status: number; json: Json }> {
  const answer = await fetch(local.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: answer.status, json: (await answer.json()) as Json };
}

/** The system's clock, which can be put forward. */
function movedClock(): { clock: Clock; move(ms: number): void } {
  let aheadMs = 0;
  const clock: Clock = { now: () => systemClock.now() + aheadMs, sleep: systemClock.sleep };
  return { clock, move: (ms) => (aheadMs += ms) };
}

type View = {
  id: string;
  delivery: string;
  lifecycle: { state: string };
  synthetic?: string;
  alerts: { outcome: string }[];
  effects: { state: string }[];
};

async function read(local: Local, id: string): Promise<View> {
  const answer = await fetch(`${local.url}/api/incidents/${id}`);
  if (answer.status !== 200) throw new Error(`incident ${id}: ${answer.status}`);
  return (await answer.json()) as View;
}

/** Looks again until it holds, and fails with what it last saw. */
async function until<T>(look: () => Promise<T>, holds: (seen: T) => boolean, withinMs = 10_000): Promise<T> {
  const deadlineMs = Date.now() + withinMs;
  for (;;) {
    const seen = await look().catch((error: unknown) => error as T);
    if (!(seen instanceof Error) && holds(seen)) return seen;
    if (Date.now() > deadlineMs) throw new Error(`it never came to that: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function incidentIds({ json }: { json: Json }): string[] {
  return Array.isArray(json['incidents']) ? json['incidents'].map(String) : [];
}

function decided(view: View): boolean {
  const settled = view.alerts.every(({ outcome }) => outcome !== 'undecided');
  const posted = view.alerts.some(({ outcome }) => outcome === 'posted');
  return settled && view.alerts.length > 0 && (!posted || view.delivery === 'diagnosed');
}

function fixture(path: string): unknown {
  return JSON.parse(readFileSync(join(FIXTURES, path), 'utf8'));
}

const AZURE = readdirSync(join(FIXTURES, 'azure')).filter((name) => name.endsWith('.json'));
/** A count of hits alone says nothing (field-notes 17), and what ends without having begun has nothing to be said of. */
const NOT_POSTED = new Set([
  'metric-dynamic-kv-hits-fired.json',
  'metric-static-kv429-resolved.json',
  'activity-resourcehealth-resolved.json',
  'activity-servicehealth-resolved.json',
  'activity-servicehealth-rca.json',
]);
const FOREIGN = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.json') && !name.startsWith('azure/'),
);

describe('starting', () => {
  test('is refused on an address that others reach, without a token', async () => {
    await expect(start(MEMORY, { host: '0.0.0.0' })).rejects.toMatchObject({
      kind: 'configuration',
      nextStep: expect.stringContaining('HEADROOM_ALERT_TOKEN'),
    });
  });

  test('on such an address with a token lets in only those who carry it', async () => {
    const local = await start({ ...MEMORY, HEADROOM_ALERT_TOKEN: 't0ken' }, { host: '0.0.0.0' });
    const url = local.url.replace('0.0.0.0', '127.0.0.1');
    const post = (path: string) =>
      fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    expect((await post('/api/alerts/azure')).status).toBe(401);
    expect((await post('/api/alerts/azure?token=t0ken')).status).toBe(400);
    expect((await fetch(`${url}/api/incidents`)).status).toBe(401);
    expect((await post('/2015-03-31/functions/receive/invocations')).status).toBe(404);
  });

  test('on a port that is taken is refused with the next step, and leaves the store to others', async () => {
    const first = await start();
    const port = Number(new URL(first.url).port);
    const home = folderForTest();
    await expect(start({ HEADROOM_HOME: home }, { port })).rejects.toMatchObject({
      kind: 'configuration',
      message: `cannot listen on 127.0.0.1:${port}`,
      nextStep: expect.stringContaining('--port'),
    });
    await start({ HEADROOM_HOME: home });
  });
});

describe('a payload of Azure Monitor', () => {
  test.each(AZURE)('%s is taken in, and each of its alerts ends in one outcome', async (name) => {
    const outcome = NOT_POSTED.has(name) ? 'summarised' : 'posted';
    const time = movedClock();
    const local = await start(MEMORY, { clock: time.clock });
    const answer = await send(local, fixture(`azure/${name}`));
    expect(answer.status).toBe(202);
    const ids = incidentIds(answer);
    expect([ids.length > 0, answer.json['incident']]).toEqual([true, ids[0]]);
    for (const id of ids) {
      const taken = await until(
        () => read(local, id),
        ({ alerts }) => alerts.length > 0,
      );
      // A Resolved that comes alone waits for its Fired.
      if (taken.lifecycle.state === 'resolved') time.move(16 * 60_000);
      await watch(local.deps);
      const view = await until(() => read(local, id), decided);
      expect(view.alerts.map(({ outcome }) => outcome)).toEqual([outcome]);
    }
    const posted = local.chat.standing.map(({ incidentId }) => incidentId);
    expect(posted.toSorted()).toEqual(outcome === 'posted' ? ids.toSorted() : []);
  });

  test.each(FOREIGN)('is not %s: 400, and it is kept', async (name) => {
    const local = await start();
    const { status, json } = await send(local, readFileSync(join(FIXTURES, name), 'utf8'));
    expect(status).toBe(400);
    expect(json).toMatchObject({ error: expect.any(String), path: expect.any(String) });
    expect(local.chat.standing).toEqual([]);
  });
});

describe('one episode over HTTP', () => {
  test('a Resolved edits the message of its Fired', async () => {
    const local = await start();
    const [id = ''] = incidentIds(await send(local, fixture('azure/metric-static-kv429-fired.json')));
    await until(() => read(local, id), decided);
    const resolved = await send(local, fixture('azure/metric-static-kv429-resolved.json'));
    expect(incidentIds(resolved)).toEqual([id]);
    const view = await until(
      () => read(local, id),
      ({ lifecycle, effects }) => lifecycle.state === 'resolved' && effects.every(({ state }) => state === 'sent'),
    );
    expect(view.alerts.map(({ outcome }) => outcome)).toEqual(['posted', 'joined']);
    expect(local.chat.standing).toHaveLength(1);
    expect(local.chat.standing[0]?.body).toContain('Resolved');
  });

  test.each([
    ['in memory', () => MEMORY],
    ['on disk', () => ({ HEADROOM_HOME: folderForTest() })],
  ])('a hundred equal posts at once are one incident and one message, %s', async (_where, environment) => {
    const local = await start(environment());
    const body = azureAlert({ firedAt: new Date().toISOString() });
    const answers = await Promise.all(Array.from({ length: 100 }, () => send(local, body)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    const ids = new Set(answers.flatMap(incidentIds));
    expect(ids.size).toBe(1);
    const [id = ''] = ids;
    await until(() => read(local, id), decided);
    // What is left are the runs planned for when more of the logs is there.
    await until(
      () => local.deps.queue.depth(),
      ({ waiting }) => waiting < 10,
    );
    expect((await read(local, id)).alerts).toHaveLength(1);
    expect(local.chat.standing).toHaveLength(1);
    expect(local.chat.calls.filter((call) => call.startsWith('post'))).toHaveLength(1);
    const listed = (await (await fetch(`${local.url}/api/incidents`)).json()) as { incidents: unknown[] };
    expect(listed.incidents).toHaveLength(1);
  });

  test('what was taken in before the end is worked on after the next start', async () => {
    const environment = { HEADROOM_HOME: folderForTest() };
    const asleep = await start(environment, { workers: { concurrency: 0, visibilityMs: 120_000, idleMs: 5 } });
    const [id = ''] = incidentIds(await send(asleep, azureAlert({ firedAt: new Date().toISOString() })));
    await asleep.close();
    started.splice(0);
    const awake = await start(environment);
    const view = await until(() => read(awake, id), decided);
    expect(view.alerts).toMatchObject([{ outcome: 'posted' }]);
    expect(awake.chat.standing).toHaveLength(1);
  });
});

describe('the routes', () => {
  test.each<[string, string, string, number]>([
    ['GET', '/api/health', '', 200],
    ['GET', '/api/incidents', '', 200],
    ['GET', '/api/incidents?limit=0', '', 400],
    ['GET', '/api/incidents/aaaaaaaa', '', 404],
    ['GET', '/api/incidents/..%2f..%2fopen', '', 404],
    ['GET', '/', '', 404],
    ['GET', '/api/alerts/azure', '', 405],
    ['POST', '/api/incidents', '{}', 405],
    ['POST', '/api/alerts/nagios', '{}', 404],
    ['POST', '/api/alerts/azure', '{"half":', 400],
    ['POST', '/api/alerts/azure', '', 400],
    ['POST', '/api/alerts/azure', '[]', 400],
    ['POST', '/2015-03-31/functions/nobody/invocations', '{}', 404],
  ])('%s %s with body %j answers %i', async (method, path, body, status) => {
    const { url } = await start();
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url + path, method === 'POST' ? { method, headers, body } : { method });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/json/);
    if (status >= 400 && !path.startsWith('/2015')) expect(await answer.json()).toHaveProperty('error');
  });

  test.each([
    ['nested beyond reason', '['.repeat(5_000), 400],
    ['over the bound', `"${'x'.repeat(1_100_000)}"`, 413],
  ])('a body %s is refused', async (_what, body, status) => {
    const answer = await send(await start(), body);
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.json).length).toBeLessThan(500);
  });

  test('a body that is no JSON by its type is answered 415', async () => {
    const { url } = await start();
    const answer = await fetch(`${url}/api/alerts/azure`, {
      method: 'POST',
      headers: { 'content-type': 'text/html' },
      body: '{}',
    });
    expect(answer.status).toBe(415);
  });
});
