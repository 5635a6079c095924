import type { IncomingHttpHeaders } from 'node:http';
import { type Exchange, startServer } from './http-server.ts';

export type Received = { method: string; path: string; headers: IncomingHttpHeaders; body: string };

/** What one request meets instead of its answer. */
export type Fault =
  | { status: number; headers?: Record<string, string>; body?: string }
  /** The connection is cut before, or after, the request took effect. */
  | { cut: 'before' | 'after' }
  /** The request takes effect, or not, and is never answered. */
  | { hang: 'before' | 'after' };

export type Answered = { status: number; headers?: Record<string, string>; body: string };

export type FaultyServer = {
  /** `http://127.0.0.1:<port>` */
  origin: string;
  /** Everything received, in order, also what met a fault. */
  received: Received[];
  /** Each request takes the next one. */
  faults: Fault[];
  /** Asked for a fault by each request that finds none in `faults`. */
  weather: { next(request: Received): Fault | undefined };
  close(): Promise<void>;
};

/** A server on a free loopback port that answers by `handle` and fails request by request, as told. */
export async function startFaultyServer(handle: (request: Received) => Answered): Promise<FaultyServer> {
  const received: Received[] = [];
  const faults: Fault[] = [];
  const weather: FaultyServer['weather'] = { next: () => undefined };
  const server = await startServer((exchange) => {
    const request = receivedFrom(exchange);
    received.push(request);
    const fault = faults.shift() ?? weather.next(request);
    if (!fault) write(exchange, handle(request));
    else if ('status' in fault) write(exchange, { body: '', ...fault });
    else fail(fault, exchange, () => handle(request));
  });
  return { origin: server.origin, received, faults, weather, close: () => server.close() };
}

function receivedFrom({ request, body }: Exchange): Received {
  return { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
}

function fail(fault: Exclude<Fault, { status: number }>, exchange: Exchange, takeEffect: () => void): void {
  const when = 'cut' in fault ? fault.cut : fault.hang;
  if (when === 'after') takeEffect();
  if ('cut' in fault) exchange.request.socket.destroy();
}

function write({ response }: Exchange, { status, headers, body }: Answered): void {
  response.writeHead(status, headers);
  response.end(body);
}
