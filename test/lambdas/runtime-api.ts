/**
 * The Lambda Runtime API as the service offers it to one execution environment: hands out events to whoever asks for the
 * next one, and takes back its answer or error.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

/** As the runtime reports it. */
type RuntimeError = { errorType: string; errorMessage: string };
export type InvocationResult = { ok: true; value: unknown } | { ok: false; error: RuntimeError };

export type RuntimeApi = {
  /** `127.0.0.1:<port>`: the value of AWS_LAMBDA_RUNTIME_API. */
  address: string;
  /** Hands the event to the runtime. Rejects when the runtime reports that it could not start, or on `close`. */
  invoke(event: unknown): Promise<InvocationResult>;
  /** Resolves when a runtime first asks for an event: the handler is loaded. Rejects when it could not start. */
  ready: Promise<void>;
  close(): Promise<void>;
};

export type RuntimeApiOptions = { functionName?: string; timeoutMs?: number };

const PREFIX = '/2018-06-01/runtime';
/** The longest that Lambda lets a function run. */
const MAX_TIMEOUT_MS = 900_000;

type Pending = { event: unknown; resolve: (result: InvocationResult) => void; reject: (error: Error) => void };

export async function startRuntimeApi(options: RuntimeApiOptions = {}): Promise<RuntimeApi> {
  const { functionName = 'function', timeoutMs = MAX_TIMEOUT_MS } = options;
  const arn = `arn:aws:lambda:us-east-1:111122223333:function:${functionName}`;
  const waiting: Pending[] = [];
  const running = new Map<string, Pending>();
  const askers: ServerResponse[] = [];
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => undefined);
  let broken: Error | null = null;

  function handOut(): void {
    while (waiting.length > 0 && askers.length > 0) {
      const pending = waiting.shift();
      const asker = askers.shift();
      if (!pending || !asker) return;
      const requestId = randomUUID();
      running.set(requestId, pending);
      asker.writeHead(200, {
        'content-type': 'application/json',
        'Lambda-Runtime-Aws-Request-Id': requestId,
        'Lambda-Runtime-Deadline-Ms': String(Date.now() + timeoutMs),
        'Lambda-Runtime-Invoked-Function-Arn': arn,
        'Lambda-Runtime-Trace-Id': 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0',
      });
      asker.end(JSON.stringify(pending.event));
    }
  }

  function giveUp(error: Error): void {
    broken = error;
    ready.reject(error);
    for (const pending of [...waiting.splice(0), ...running.values()]) pending.reject(error);
    running.clear();
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    if (request.method === 'GET' && path === `${PREFIX}/invocation/next`) {
      ready.resolve();
      askers.push(response);
      response.on('close', () => {
        if (askers.includes(response)) askers.splice(askers.indexOf(response), 1);
      });
      return handOut();
    }
    const body = await text(request);
    if (request.method === 'POST' && path === `${PREFIX}/init/error`) {
      const { errorType, errorMessage } = readError(body);
      giveUp(new Error(`the runtime could not start: ${errorType}: ${errorMessage}`));
      return accept(response);
    }
    const [, requestId, outcome] = /\/invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    const pending = running.get(requestId ?? '');
    if (request.method !== 'POST' || !requestId || !pending) {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ errorType: 'InvalidRequestID', errorMessage: `nothing runs at ${path}` }));
      return;
    }
    running.delete(requestId);
    accept(response);
    pending.resolve(outcome === 'error' ? { ok: false, error: readError(body) } : { ok: true, value: readValue(body) });
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the Runtime API has no port');

  return {
    address: `127.0.0.1:${address.port}`,
    ready: ready.promise,
    invoke(event) {
      if (broken) return Promise.reject(broken);
      const { promise, resolve, reject } = Promise.withResolvers<InvocationResult>();
      waiting.push({ event, resolve, reject });
      handOut();
      return promise;
    },
    async close() {
      giveUp(new Error('the Runtime API was closed'));
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function accept(response: ServerResponse): void {
  response.writeHead(202, { 'content-type': 'application/json' });
  response.end('{"status":"OK"}');
}

function readValue(body: string): unknown {
  return body === '' ? null : JSON.parse(body);
}

function readError(body: string): RuntimeError {
  const value: Partial<RuntimeError> = JSON.parse(body);
  return { errorType: value.errorType ?? 'Unknown', errorMessage: value.errorMessage ?? '' };
}
