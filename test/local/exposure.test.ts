import { request } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { type Local, startLocal } from '../../local/server.ts';
import { collectingLog } from '../kit.ts';
import { configOf } from '../shared/config/kit.ts';

const MEMORY = { HEADROOM_RECORDS: 'memory', HEADROOM_QUEUE: 'memory', HEADROOM_PAYLOADS: 'memory' };

let local: Local | undefined;
afterEach(async () => {
  await local?.close();
  local = undefined;
});

async function start(environment: Record<string, string>): Promise<string> {
  const options = { host: '127.0.0.1', port: 0, log: collectingLog(), out: () => undefined, colour: false };
  local = await startLocal(configOf({ ...MEMORY, ...environment }), options);
  return local.url;
}

function call(url: string, method: 'GET' | 'POST', headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: { 'content-type': 'application/json', ...headers } }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    });
    sent.on('error', reject);
    sent.end(method === 'POST' ? '{}' : undefined);
  });
}

const TUNNEL = { host: 'tunnel.example' };
const PAGE = { origin: 'https://page.example' };
const TOKEN = { authorization: 'Bearer t0ken' };

describe('a server on this machine', () => {
  test.each([
    ['a program here reads', 'GET', '/api/incidents', {}, 200],
    ['a name that was rebound to this machine reads', 'GET', '/api/incidents', TUNNEL, 401],
    ['a web page reads', 'GET', '/api/incidents', PAGE, 401],
    ['a web page sends an alert', 'POST', '/api/alerts/azure', PAGE, 401],
    ['anyone asks for its health', 'GET', '/api/health', TUNNEL, 200],
  ] as const)('without credentials: %s', async (_, method, path, headers, status) => {
    expect(await call((await start({})) + path, method, headers)).toBe(status);
  });

  test.each([
    ['an alert with the token comes through a tunnel', 'POST', '/api/alerts/azure', { ...TUNNEL, ...TOKEN }, 400],
    ['an alert without it', 'POST', '/api/alerts/azure', {}, 401],
    ['a read through the tunnel, which the token of alerts does not open', 'GET', '/api/incidents', TUNNEL, 401],
    ['the same with the token', 'GET', '/api/incidents', { ...TUNNEL, ...TOKEN }, 401],
    ['a program here reads', 'GET', '/api/incidents', {}, 200],
  ] as const)('with an alert token: %s', async (_, method, path, headers, status) => {
    expect(await call((await start({ HEADROOM_ALERT_TOKEN: 't0ken' })) + path, method, headers)).toBe(status);
  });
});
