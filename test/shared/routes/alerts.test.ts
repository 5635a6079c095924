import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReceiveDeps } from '../../../shared/pipeline/deps.ts';
import type { InboxRecord } from '../../../shared/pipeline/inbox.ts';
import { type AlertsRouteDeps, alertsRoute } from '../../../shared/routes/alerts.ts';
import type { RouteResponse } from '../../../shared/routes/http.ts';
import { dead, denied, faulty } from '../../contract/faulty.ts';
import { azureAlert, createWorld, inboxOf, SOURCES, type World } from '../pipeline/kit.ts';
import { jsonOf, type RequestSketch, requestOf } from './requests.ts';

const FIXTURES = resolve(import.meta.dirname, '../../fixtures');
const FIRED = JSON.stringify(azureAlert({ firedAt: '2026-11-20T13:59:00Z' }));
const BODY_BYTES = 1_048_576;
const JSON_TYPE = { 'content-type': 'application/json' };

function recorded(file: string): string {
  return readFileSync(resolve(FIXTURES, file), 'utf8');
}

function sendTo(
  world: World,
  sketch: Partial<RequestSketch>,
  change: Partial<AlertsRouteDeps> = {},
): Promise<RouteResponse> {
  const route = alertsRoute({
    ...world.deps,
    sources: SOURCES,
    access: { kind: 'open' },
    bodyBytes: BODY_BYTES,
    ...change,
  });
  return route(requestOf({ method: 'POST', path: '/api/alerts/azure', headers: JSON_TYPE, body: FIRED, ...sketch }));
}

describe('an alert that is understood', () => {
  test.each<[string, Partial<RequestSketch>]>([
    ['application/json', {}],
    ['with a charset', { headers: { 'content-type': 'Application/JSON; charset=utf-8' } }],
    ['a suffixed type', { headers: { 'content-type': 'application/vnd.contoso.alert+json' } }],
    ['text/plain, as SNS sends it', { headers: { 'content-type': 'text/plain; charset=UTF-8' } }],
    ['no type', { headers: {} }],
    ['a slash at the end', { path: '/api/alerts/azure/' }],
    ['a byte-order mark', { body: `\ufeff${FIRED}` }],
  ])('is answered 202 with its incident: %s', async (_what, sketch) => {
    const world = createWorld([]);
    const response = await sendTo(world, sketch);
    const { incident, incidents } = jsonOf(response);
    expect([response.status, incidents]).toEqual([202, [incident]]);
    expect(incident).toMatch(/^[a-z2-7]{8}$/);
    expect(await inboxOf(world)).toMatchObject([{ state: 'received', incidents: [incident] }]);
  });

  test('of several vaults is answered with all their incidents', async () => {
    const body = JSON.stringify(azureAlert({ firedAt: '2026-11-20T13:59:00Z', vaults: ['kv-a', 'kv-b'] }));
    const answered = jsonOf(await sendTo(createWorld([]), { body }));
    expect(answered['incidents']).toHaveLength(2);
    expect(answered['incident']).toBe((answered['incidents'] as string[])[0]);
  });

  test.each(readdirSync(resolve(FIXTURES, 'azure')))('recorded from Azure: %s', async (file) => {
    expect((await sendTo(createWorld([]), { body: recorded(`azure/${file}`) })).status).toBe(202);
  });

  test.each(readdirSync(resolve(FIXTURES, 'alertmanager')))('recorded from Alertmanager: %s', async (file) => {
    const sketch = { path: '/api/alerts/alertmanager', body: recorded(`alertmanager/${file}`) };
    expect((await sendTo(createWorld([]), sketch)).status).toBe(202);
  });
});

describe('a body that is not understood', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

  test.each<[string, Partial<RequestSketch>, number, string]>([
    ['empty', { body: '' }, 400, ''],
    ['not JSON', { body: '{"a":' }, 400, ''],
    ['two documents', { body: '{}{}' }, 400, ''],
    ['not UTF-8', { body: Uint8Array.of(0x22, 0xff, 0xfe, 0x22) }, 400, ''],
    ['an array', { body: '[{}]' }, 400, 'schemaId'],
    ['a string', { body: '"hello"' }, 400, 'schemaId'],
    ['null', { body: 'null' }, 400, 'schemaId'],
    ['nested too deep', { body: nested(65) }, 400, ''],
    ['nested a million deep', { body: nested(500_000) }, 400, ''],
    ['a payload of GitHub', { body: '{"zen":"Keep it logically awesome.","hook_id":1}' }, 400, 'schemaId'],
    ['a CloudWatch event', { body: recorded('cloudwatch/eventbridge-metric.json') }, 400, 'schemaId'],
    [
      'an alert without its essentials',
      { body: '{"schemaId":"azureMonitorCommonAlertSchema","data":{}}' },
      400,
      'data.essentials',
    ],
    ['10 MB', { body: Buffer.alloc(10 * 1_048_576, 0x20) }, 413, ''],
    ['a byte over the bound', { body: Buffer.alloc(BODY_BYTES + 1, 0x20) }, 413, ''],
    ['XML', { headers: { 'content-type': 'application/xml' } }, 415, ''],
    ['a form', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415, ''],
    ['a type that only begins like JSON', { headers: { 'content-type': 'application/jsonp' } }, 415, ''],
  ])('%s: a clear answer, kept, listed', async (_what, sketch, status, path) => {
    const world = createWorld([]);
    const response = await sendTo(world, sketch);
    const answered = jsonOf(response);
    expect([response.status, answered['path']]).toEqual([status, path]);
    expect(answered['error']).toMatch(/\S/);
    expect(await inboxOf(world)).toMatchObject([{ state: 'dead', error: answered['error'], path, incidents: [] }]);
    expect(await world.queue.depth()).toEqual({ waiting: 0, dead: 0 });
  });

  test('as deep as anyone sends is understood', async () => {
    const world = createWorld([]);
    expect(jsonOf(await sendTo(world, { body: nested(64) }))['error']).not.toMatch(/deeper/);
  });

  test('brackets in its strings are no depth', async () => {
    const body = JSON.stringify({ ...azureAlert({ firedAt: '2026-11-20T13:59:00Z' }), note: `${'['.repeat(100)}"\\` });
    expect((await sendTo(createWorld([]), { body })).status).toBe(202);
  });

  test('and is too large is kept by its hash, its length and its first 64 KiB', async () => {
    const world = createWorld([]);
    const headers = { ...JSON_TYPE, 'content-length': '3000000' };
    await sendTo(world, { body: Buffer.alloc(3_000_000, 0x61), headers });
    const [line] = await inboxOf(world);
    expect(line?.payload).toMatchObject({ truncated: true, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(line?.payload.bytes).toBe(3_000_000);
    const kept = line && (await world.records.get<InboxRecord>(line.key));
    expect((await world.deps.payloads.get(kept?.value.stored ?? ''))?.byteLength).toBe(65_536);
  });

  test('any text, as any type, is answered 202 or with what is wrong, never worse', async () => {
    const known = fc.constantFrom('azure', 'alertmanager', 'sns');
    const body = fc.oneof(fc.string(), fc.json({ maxDepth: 4 }), fc.constant(FIRED), fc.uint8Array());
    const type = fc.constantFrom('application/json', 'text/plain', 'text/html', '');
    await fc.assert(
      fc.asyncProperty(known, body, type, async (source, sent, given) => {
        const response = await sendTo(createWorld([]), {
          path: `/api/alerts/${source}`,
          body: sent,
          headers: { 'content-type': given },
        });
        expect([202, 400, 401, 415]).toContain(response.status);
        if (response.status !== 202)
          expect(jsonOf(response)).toMatchObject({ error: expect.stringMatching(/\S/), path: expect.any(String) });
      }),
      { numRuns: 300 },
    );
  });
});

describe('a request that is refused before it is read', () => {
  test.each<[string, Partial<RequestSketch>, number]>([
    ['an unknown source', { path: '/api/alerts/nagios' }, 404],
    ['no source', { path: '/api/alerts/' }, 404],
    ['a name of the language’s own', { path: '/api/alerts/constructor' }, 404],
    ['another name of it', { path: '/api/alerts/__proto__' }, 404],
    ['something below a source', { path: '/api/alerts/azure/more' }, 404],
    ['GET', { method: 'GET' }, 405],
    ['PUT', { method: 'PUT' }, 405],
  ])('%s', async (_what, sketch, status) => {
    const world = createWorld([]);
    const response = await sendTo(world, sketch);
    expect(response.status).toBe(status);
    expect(jsonOf(response)['error']).toMatch(/\S/);
    expect(response.headers['allow']).toBe(status === 405 ? 'POST' : undefined);
    expect(world.keys.size).toBe(0);
  });

  test.each<[string, AlertsRouteDeps['access'], Partial<RequestSketch>, number]>([
    ['no token', { kind: 'credential', tokens: ['t0ken'] }, {}, 401],
    ['a wrong one', { kind: 'credential', tokens: ['t0ken'] }, { query: { token: 'other' } }, 401],
    ['the right one in the query', { kind: 'credential', tokens: ['t0ken'] }, { query: { token: 't0ken' } }, 202],
    [
      'the right one as a bearer',
      { kind: 'credential', tokens: ['t0ken'] },
      { headers: { ...JSON_TYPE, authorization: 'Bearer t0ken' } },
      202,
    ],
    [
      'no credential configured',
      { kind: 'closed', nextStep: 'set HEADROOM_ALERT_TOKEN' },
      { query: { token: '' } },
      401,
    ],
  ])('%s', async (_what, access, sketch, status) => {
    const world = createWorld([]);
    const response = await sendTo(world, sketch, { access });
    expect(response.status).toBe(status);
    // Nothing is kept for a caller who is not known (field-notes 23).
    expect((await inboxOf(world)).length).toBe(status === 202 ? 1 : 0);
    expect(JSON.stringify([response, world.log.events])).not.toContain('t0ken');
  });

  test('the token in the query, where the sender could have set a header', async () => {
    const access: AlertsRouteDeps['access'] = { kind: 'credential', tokens: ['t0ken'] };
    for (const path of ['/api/alerts/alertmanager', '/api/alerts/sns'])
      expect((await sendTo(createWorld([]), { path, query: { token: 't0ken' } }, { access })).status).toBe(401);
  });
});

describe('a store that does not do its part', () => {
  const BROKEN: [string, (deps: ReceiveDeps) => Partial<ReceiveDeps>][] = [
    ['the records are down', ({ records }) => ({ records: faulty(records, () => dead()) })],
    ['the records refuse', ({ records }) => ({ records: faulty(records, () => denied()) })],
    ['the queue is down', ({ queue }) => ({ queue: faulty(queue, () => dead()) })],
  ];

  test.each(BROKEN)('%s: 503, which senders retry, and no word of why', async (_what, breakIt) => {
    const world = createWorld([]);
    const response = await sendTo(world, {}, breakIt(world.deps));
    expect([response.status, response.headers['retry-after']]).toEqual([503, '5']);
    expect(response.body).not.toMatch(/refused|role/);
    expect(world.log.events).toContainEqual(expect.objectContaining({ level: 'error', event: 'receive-failed' }));
  });

  test('what is not understood while the records are down is not called understood', async () => {
    const world = createWorld([]);
    const records = faulty(world.deps.records, () => dead());
    expect((await sendTo(world, { body: '{}' }, { records })).status).toBe(503);
  });

  test('a connection that ends before its body is no crash', async () => {
    const world = createWorld([]);
    const route = alertsRoute({ ...world.deps, sources: SOURCES, access: { kind: 'open' }, bodyBytes: BODY_BYTES });
    const cut = {
      ...requestOf({ method: 'POST', path: '/api/alerts/azure' }),
      body: () => Promise.reject(new Error('cut')),
    };
    expect((await route(cut)).status).toBe(503);
  });
});
