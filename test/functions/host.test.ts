import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FunctionsHost, startHost } from './host.ts';
import { matchRoute } from './route-template.ts';

const ROOT = resolve(import.meta.dirname, '../..');

const TINY_APP = `
import { app, output } from '@azure/functions';
let delivered = 0;
const notes = output.storageQueue({ queueName: 'notes', connection: 'Storage' });
app.hook.preInvocation((context) => { context.hookData['started'] = true; context.invocationContext.log('before'); });
app.hook.postInvocation((context) => { context.invocationContext.log('after', context.hookData['started']); });
app.hook.appTerminate(() => { globalThis.tinyAppEnded = true; });
app.post('greet', { route: 'greet/{name}', extraOutputs: [notes], handler: async (request, context) => {
  if (request.params.name === 'nobody') throw new Error('nobody is not greeted');
  context.extraOutputs.set(notes, { greeted: request.params.name });
  return { status: 201, headers: { 'x-by': 'tiny' }, jsonBody: {
    name: request.params.name, tone: request.query.get('tone'), body: await request.text(), agent: request.headers.get('user-agent') } };
} });
app.get('item', { route: 'items/{id?}', handler: (request) => ({ body: request.params.id ?? 'all' }) });
app.storageQueue('flaky', { queueName: 'flaky', connection: 'Storage', handler: (message, context) => {
  delivered += 1;
  if (message.succeedAt !== context.triggerMetadata.dequeueCount) throw new Error('attempt ' + context.triggerMetadata.dequeueCount);
} });
app.timer('count', { schedule: '0 * * * * *', handler: (timer, context) => { context.log('delivered', delivered, timer.isPastDue); } });
`;

let folder: string;
let host: FunctionsHost;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-tiny-app-'));
  await build({
    stdin: { contents: TINY_APP, resolveDir: ROOT, loader: 'ts' },
    outfile: join(folder, 'main.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['@azure/functions-core'],
    logLevel: 'silent',
  });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ main: 'mai*.cjs' }));
  writeFileSync(join(folder, 'host.json'), JSON.stringify({ extensions: { queues: { maxDequeueCount: 3 } } }));
  host = await startHost(folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the stand-in Functions host', () => {
  test('lists every function the app registers, with its trigger', () => {
    expect(host.functions.map(({ name, trigger }) => [name, trigger.type])).toEqual([
      ['greet', 'httpTrigger'],
      ['item', 'httpTrigger'],
      ['flaky', 'queueTrigger'],
      ['count', 'timerTrigger'],
    ]);
  });

  test('gives an HTTP function its route parameters, query, headers and body, and returns what it answers', async () => {
    const answer = await host.http('POST', '/api/greet/Zo%C3%AB?tone=warm', {
      headers: { 'User-Agent': 'test' },
      body: 'hello',
    });
    expect(answer).toMatchObject({ status: 201, headers: { 'x-by': 'tiny' } });
    expect(JSON.parse(answer.body)).toEqual({ name: 'Zoë', tone: 'warm', body: 'hello', agent: 'test' });
    expect(host.outputs.map(({ data }) => JSON.parse(data.json ?? 'null'))).toEqual([{ greeted: 'Zoë' }]);
  });

  test('answers 404 for a path or method that no function takes, and 500 when a function throws', async () => {
    const statuses = [
      await host.http('POST', '/api/unknown'),
      await host.http('GET', '/api/greet/x'),
      await host.http('POST', '/greet/x'),
      await host.http('POST', '/api/greet/nobody'),
    ].map(({ status }) => status);
    expect(statuses).toEqual([404, 404, 404, 500]);
  });

  test('redelivers a queue message with a growing dequeue count until it succeeds', async () => {
    const delivery = await host.deliver('flaky', JSON.stringify({ succeedAt: 2 }));
    expect(delivery).toMatchObject({ attempts: 2, poisoned: false });
    expect(delivery.errors.map(String)).toEqual(['Error: attempt 1']);
  });

  test('moves a message that never succeeds to the poison queue after maxDequeueCount attempts', async () => {
    const delivery = await host.deliver('flaky', JSON.stringify({ succeedAt: 99 }));
    expect(delivery).toMatchObject({ attempts: 3, poisoned: true });
    expect(host.poison.get('flaky')).toEqual(['{"succeedAt":99}']);
  });

  test('fires timers and runs the hooks around every invocation', async () => {
    const seen = host.logs.length;
    await host.tick('count');
    const lines = host.logs.slice(seen).map(({ message }) => message);
    expect(lines).toEqual(['before', expect.stringMatching(/^delivered \d+ false$/), 'after true']);
  });

  test('ends with the terminate hooks, and a second start loads the app anew', async () => {
    await host.stop();
    expect(Reflect.get(globalThis, 'tinyAppEnded')).toBe(true);
    host = await startHost(folder);
    await host.tick('count');
    expect(host.logs.map(({ message }) => message)).toContain('delivered 0 false');
  });
});

describe('route templates', () => {
  test.each([
    ['api/alerts/{source}', '/api/alerts/azure', { source: 'azure' }],
    ['api/alerts/{source}', '/API/Alerts/azure/', { source: 'azure' }],
    ['api/alerts/{source}', '/api/alerts', null],
    ['api/alerts/{source}', '/api/alerts/azure/more', null],
    ['api/incidents/{id?}', '/api/incidents', {}],
    ['api/incidents/{id:int}', '/api/incidents/7', { id: '7' }],
    ['api/{*rest}', '/api/a/b', { rest: 'a/b' }],
  ])('%s against %s', (template, path, expected) => {
    expect(matchRoute(template, path)).toEqual(expected);
  });
});
