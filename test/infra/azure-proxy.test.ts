import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { bundleFile } from '../../infra/build.ts';
import type { openTable } from '../../shared/adapters/azure/stores.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';

type BuiltStores = { openTable: typeof openTable };

/** Nothing listens there, and it is no host that anybody looks up. */
const ADDRESS = 'https://127.0.0.1:1/account/table';

let folder: string;
let proxy: Server;
let asked: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-proxy-'));
  await Promise.all([
    bundleFile('shared/adapters/azure/stores.ts', join(folder, 'alone', 'stores.cjs')),
    bundleFile('shared/adapters/azure/stores.ts', join(folder, 'whole', 'stores.cjs')),
    bundleFile('shared/adapters/azure/sdk-proxy.ts', join(folder, 'whole', 'azure-sdk-proxy.cjs')),
  ]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  asked = [];
  proxy = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (bytes) => {
      asked.push(String(bytes).split('\r\n', 1)[0] ?? '');
      socket.end('HTTP/1.1 502 no\r\n\r\n');
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  for (const name of ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY']) {
    vi.stubEnv(name, undefined);
    vi.stubEnv(name.toLowerCase(), undefined);
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
  proxy.close();
});

function origin(): string {
  const address = proxy.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

/** Its one try fails, whichever way it goes. */
async function readRecord(built: 'alone' | 'whole'): Promise<void> {
  const loaded: BuiltStores = await import(join(folder, built, 'stores.cjs'));
  const token = { token: 'a-token', expiresOnTimestamp: Date.now() + 3_600_000 };
  const calls = { clock: { ...systemClock, sleep: async () => undefined }, random: () => 0 };
  const records = loaded.openTable(ADDRESS, { credential: { getToken: async () => token }, calls });
  await expect(records.get({ partition: 'p', id: 'a' })).rejects.toMatchObject({ kind: 'unavailable' });
}

describe('a built function app', () => {
  test('goes straight to its storage where the environment names no proxy, and loads nothing further for that', async () => {
    await readRecord('alone');
    expect(asked).toEqual([]);
  });

  test.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'HTTP_PROXY'])(
    'goes through the proxy that %s names',
    async (name) => {
      vi.stubEnv(name, origin());
      await readRecord('whole');
      expect(new Set(asked)).toEqual(new Set(['CONNECT 127.0.0.1:1 HTTP/1.1']));
    },
  );
});
