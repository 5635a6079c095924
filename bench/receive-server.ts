/**
 * The server under test, in a process of its own: `bare` reads the body and answers 202, `headroom` is the receive path on
 * SQLite with `synchronous=FULL`, answering after its commit. Prints its port.
 */

import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { serveHttp } from '../local/http-server.ts';
import { createMemoryPayloads } from '../shared/adapters/memory/payloads.ts';
import { openSqlite } from '../shared/adapters/sqlite/open.ts';
import { SOURCES } from '../shared/registry.ts';
import { alertsRoute } from '../shared/routes/alerts.ts';

const [kind, folder = ''] = process.argv.slice(2);
const silent = { info() {}, warn() {}, error() {} };
const clock = { now: () => Date.now(), sleep: (ms: number) => new Promise<void>((done) => setTimeout(done, ms)) };

if (kind === 'bare') {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.writeHead(202, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ bytes: Buffer.concat(chunks).byteLength }));
    });
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
  });
} else {
  rmSync(folder, { recursive: true, force: true });
  const store = await openSqlite({ path: `${folder}/bench.sqlite`, clock });
  const route = alertsRoute({
    records: store.records,
    queue: store.queue,
    payloads: createMemoryPayloads({ clock }),
    clock,
    random: Math.random,
    log: silent,
    sources: SOURCES,
    access: { kind: 'open' },
    bodyBytes: 1_048_576,
  });
  const { port } = await serveHttp(route, { host: '127.0.0.1', port: 0 });
  process.stdout.write(`${port}\n`);
}
