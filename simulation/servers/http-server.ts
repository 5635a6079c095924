import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** How a server fails: not at all, connections cut, no answer ever, or every request answered with one status. */
export type Outage = 'none' | 'cut' | 'hang' | { status: number; headers?: Record<string, string>; body?: unknown };

export type Exchange = { request: IncomingMessage; response: ServerResponse; url: URL; body: string };

export type SimulatedServer = {
  /** `http://127.0.0.1:<port>`. */
  origin: string;
  /** Requests that arrived, also during an outage. */
  requests(): number;
  setOutage(outage: Outage): void;
  close(): Promise<void>;
};

const BODY_BYTES = 1_048_576;

/** One protocol on loopback, with outages. `delayMs` is asked once a request; 0 answers at once. */
export async function startServer(
  handle: (exchange: Exchange) => void,
  options: { port?: number; delayMs?: () => number } = {},
): Promise<SimulatedServer> {
  let outage: Outage = 'none';
  let requests = 0;

  const answer = (exchange: Exchange): void => {
    if (outage === 'hang') return;
    if (outage === 'none' || outage === 'cut') handle(exchange);
    else sendJson(exchange.response, outage.status, outage.body ?? { error: { code: 'Outage' } }, outage.headers);
  };

  const server = createServer((request, response) => {
    requests++;
    if (outage === 'cut') {
      request.socket.destroy();
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_BYTES) chunks.push(chunk);
    });
    request.on('end', () => {
      const url = new URL((request.url ?? '/').replace(/^\/+/, '/'), 'http://127.0.0.1');
      const exchange = { request, response, url, body: Buffer.concat(chunks).toString('utf8') };
      const delay = options.delayMs?.() ?? 0;
      if (delay > 0) setTimeout(() => answer(exchange), delay).unref();
      else answer(exchange);
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: options.port ?? 0, host: '127.0.0.1', backlog: 4_096 }, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was bound');

  return {
    origin: `http://127.0.0.1:${address.port}`,
    requests: () => requests,
    setOutage(next) {
      outage = next;
      if (next === 'cut') server.closeAllConnections();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
