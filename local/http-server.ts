import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  concat,
  errorResponse,
  type Route,
  type RouteRequest,
  type RouteResponse,
  TOO_LARGE_HEAD_BYTES,
  type TooLarge,
} from '../shared/routes/http.ts';

/** A request that has not ended after this time is cut off. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Bytes read past a body's bound, so that a client that is still sending gets its answer before the connection ends. */
const DRAINED_BYTES = 64 * 1_048_576;

export type HttpServer = { url: string; port: number; close(): Promise<void> };

/** Serves the route on a port (0: any free one); resolves once it listens. Rejects when the port is taken. */
export async function serveHttp(route: Route, options: { host: string; port: number }): Promise<HttpServer> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: 5_000 }, (request, response) => {
    // Never rejects: what goes wrong is answered. A connection that is kept would hold up the end of a closing server.
    void answer(route, request, response, () => (server.listening ? {} : { connection: 'close' }));
  });
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return { url: `http://${host}:${port}`, port, close: () => close(server) };
}

async function answer(
  route: Route,
  request: IncomingMessage,
  response: ServerResponse,
  connection: () => Record<string, string>,
): Promise<void> {
  let answered: RouteResponse;
  try {
    answered = await route(toRouteRequest(request));
  } catch {
    answered = errorResponse(500, 'the request could not be handled', '', 'see the log of this process');
  }
  if (response.destroyed) return;
  response.writeHead(answered.status, { ...answered.headers, ...connection() });
  response.end(request.method === 'HEAD' ? undefined : answered.body);
}

function toRouteRequest(request: IncomingMessage): RouteRequest {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  let query: URLSearchParams | undefined;
  return {
    method: request.method ?? 'GET',
    path: mark === -1 ? target : target.slice(0, mark),
    query: {
      get(name) {
        query ??= new URLSearchParams(mark === -1 ? '' : target.slice(mark));
        return query.get(name);
      },
    },
    header(name) {
      const value = request.headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
    body: (limitBytes) => readBody(request, limitBytes),
  };
}

/** By events, not by iteration: this is the receive path. */
function readBody(request: IncomingMessage, limitBytes: number): Promise<Uint8Array | TooLarge> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    request.on('data', (chunk: Uint8Array) => {
      bytes += chunk.byteLength;
      if (bytes <= limitBytes || bytes - chunk.byteLength < TOO_LARGE_HEAD_BYTES) chunks.push(chunk);
      if (bytes > limitBytes + DRAINED_BYTES) request.destroy();
    });
    request.on('end', () => resolve(bytes > limitBytes ? { head: head(chunks), bytes } : concat(chunks)));
    request.on('error', reject);
    request.on('close', () => {
      if (!request.complete) reject(new Error('the connection ended before the body'));
    });
  });
}

function head(chunks: Uint8Array[]): Uint8Array {
  return concat(chunks).subarray(0, TOO_LARGE_HEAD_BYTES);
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  server.closeIdleConnections();
  return new Promise((resolve) => {
    server.close(() => resolve());
    setTimeout(() => server.closeAllConnections(), 1_000).unref();
  });
}
