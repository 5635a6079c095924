import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { receiveHandler } from '../../lambdas/receive.ts';
import { type HttpServer, serveHttp } from '../../local/http-server.ts';
import { invokeRoute, type LambdaHandler } from '../../local/invoke-lambda.ts';
import { createMemoryPayloads } from '../../shared/adapters/memory/payloads.ts';
import { createMemoryQueue } from '../../shared/adapters/memory/queue.ts';
import { createMemoryRecords } from '../../shared/adapters/memory/records.ts';
import type { Clock } from '../../shared/ports.ts';
import { SOURCES } from '../../shared/registry.ts';
import type { AlertsRouteDeps } from '../../shared/routes/alerts.ts';
import { collectingLog } from '../kit.ts';

const sleeps: number[] = [];
/** Sleeps are over at once, and remembered. */
const clock: Clock = {
  now: () => Date.parse('2026-01-05T10:02:00.000Z'),
  async sleep(ms) {
    sleeps.push(ms);
  },
};
const log = collectingLog();

const alerts: AlertsRouteDeps = {
  records: createMemoryRecords(),
  queue: createMemoryQueue({ clock }),
  payloads: createMemoryPayloads({ clock }),
  clock,
  random: () => 0.5,
  log,
  sources: SOURCES,
  access: { kind: 'closed', nextStep: '' },
  bodyBytes: 1_048_576,
};

let failuresLeft = 0;
const settled = { resolve: () => {}, promise: Promise.resolve() };
const handlers: Record<string, LambdaHandler> = {
  receive: receiveHandler(async () => alerts),
  echo: async (event, context) => ({ event, name: context.functionName }),
  nothing: async () => undefined,
  broken: async () => {
    throw new TypeError('the table is gone');
  },
  flaky: async () => {
    if (failuresLeft-- > 0) throw new Error('not yet');
    settled.resolve();
  },
};

let server: HttpServer;
beforeAll(async () => {
  server = await serveHttp(invokeRoute(handlers, { clock, log }), { host: '127.0.0.1', port: 0 });
});
afterAll(() => server.close());

function invoke(name: string, body: string, type?: string): Promise<Response> {
  return fetch(`${server.url}/2015-03-31/functions/${name}/invocations`, {
    method: 'POST',
    body,
    headers: type === undefined ? {} : { 'X-Amz-Invocation-Type': type },
  });
}

describe('invoking a lambda over AWS’s own API', () => {
  test('answers a raw HTTP request with the payload of the function', async () => {
    const socket = connect(server.port, '127.0.0.1');
    const body = '{"n":1}';
    socket.write(
      'POST /2015-03-31/functions/echo/invocations HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n' +
        'X-Amz-Invocation-Type: RequestResponse\r\nAuthorization: AWS4-HMAC-SHA256 Credential=x\r\n' +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer.toLowerCase()).toContain('x-amz-executed-version: $latest');
    expect(answer.toLowerCase()).not.toContain('x-amz-function-error');
    expect(answer).toContain('{"event":{"n":1},"name":"echo"}');
  });

  test.each([
    ['a qualifier', 'echo:live'],
    ['an ARN', encodeURIComponent('arn:aws:lambda:eu-west-1:111122223333:function:echo')],
    ['an ARN with a qualifier', encodeURIComponent('arn:aws:lambda:eu-west-1:111122223333:function:echo:7')],
  ])('finds the function by %s', async (_what, name) => {
    expect(await (await invoke(name, '1')).json()).toEqual({ event: 1, name: 'echo' });
  });

  test('an empty request is an empty event, and a function that returns nothing answers null', async () => {
    expect(await (await invoke('echo', '')).json()).toMatchObject({ event: {} });
    expect(await (await invoke('nothing', '{}')).text()).toBe('null');
  });

  test('a failing function answers 200 with the error as payload and X-Amz-Function-Error', async () => {
    const response = await invoke('broken', '{}');
    expect(response.status).toBe(200);
    expect(response.headers.get('x-amz-function-error')).toBe('Unhandled');
    expect(await response.json()).toMatchObject({ errorType: 'TypeError', errorMessage: 'the table is gone' });
  });

  test('an Event invocation answers 202 at once and is tried again after one and two minutes', async () => {
    failuresLeft = 2;
    const done = Promise.withResolvers<void>();
    settled.resolve = done.resolve;
    const response = await invoke('flaky', '{}', 'Event');
    expect([response.status, await response.text()]).toEqual([202, '']);
    await done.promise;
    expect(sleeps).toEqual([60_000, 120_000]);
    expect(log.events.map(({ event, fields }) => [event, fields['function'], fields['error']])).toEqual([
      ['lambda-failed', 'flaky', 'not yet'],
      ['lambda-failed', 'flaky', 'not yet'],
    ]);
  });

  test('an alarm sent to the real receive lambda becomes an incident', async () => {
    const alarm = readFileSync(new URL('../fixtures/cloudwatch/lambda-metric.json', import.meta.url), 'utf8');
    const answer = await (await invoke('receive', alarm)).json();
    expect(answer).toEqual({ ok: true, alerts: 1, incidents: [expect.stringMatching(/^[a-z2-7]{8}$/)] });
    expect(await alerts.queue.depth()).toMatchObject({ waiting: 1 });
  });

  test('a DryRun invokes nothing', async () => {
    const response = await invoke('broken', '{}', 'DryRun');
    expect([response.status, response.headers.get('x-amz-function-error')]).toEqual([204, null]);
  });

  test.each([
    ['an unknown function', 'absent', '{}', undefined, 404, 'ResourceNotFoundException'],
    ['a name every object has', 'constructor', '{}', undefined, 404, 'ResourceNotFoundException'],
    ['a name that cannot be decoded', '%E0%A4%A', '{}', undefined, 404, 'ResourceNotFoundException'],
    ['a body that is not JSON', 'echo', '{', undefined, 400, 'InvalidRequestContentException'],
    ['an unknown invocation type', 'echo', '{}', 'Later', 400, 'InvalidParameterValueException'],
    ['an event over 1 MB', 'echo', `"${'x'.repeat(1_048_576)}"`, 'Event', 413, 'RequestTooLargeException'],
    ['a request over 6 MB', 'echo', `"${'x'.repeat(6_291_456)}"`, undefined, 413, 'RequestTooLargeException'],
  ])('refuses %s as AWS does', async (_what, name, body, type, status, errorType) => {
    const response = await invoke(name, body, type);
    expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([status, errorType]);
    expect(await response.json()).toMatchObject({ Type: 'User' });
  });
});
