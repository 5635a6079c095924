/** Records what this process sends, whatever stands at the other end, and holds it to what was granted. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { ClientRequest } from 'node:http';
import { type CloudCall, type CloudService, permissionsOf } from '../../infra/permission-table.ts';

/** Hosts as they stand in the header of that name, with the path of an emulator's account behind them where it has one. */
export type Services = Readonly<Record<string, CloudService>>;

export type Compared = {
  /** Calls that no row of the table knows, or whose permission is not granted: `POST /x needs y`. */
  refused: string[];
  /** Grants that nothing was sent for. */
  unused: string[];
};

/** Of `node:http`, which the SDKs use, and of `fetch`. */
const CHANNELS = ['http.client.request.created', 'undici:request:create'];

type Sent = { method: string; whole: string; target: string; body: string };

/**
 * What `run` sends, in order. One at a time in a process: it hears everything.
 *
 * @param services who stands behind which host; throws for a request to any other
 */
export async function recordCalls(services: Services, run: () => Promise<unknown>): Promise<CloudCall[]> {
  const sent: (() => Sent)[] = [];
  const hear = (message: unknown): void => {
    const request = fieldOf(message, 'request');
    sent.push(request instanceof ClientRequest ? listenTo(request) : () => fetched(request));
  };
  for (const channel of CHANNELS) subscribe(channel, hear);
  try {
    await run();
  } finally {
    for (const channel of CHANNELS) unsubscribe(channel, hear);
  }
  return sent.map((read) => callOf(read(), services));
}

/** @param granted permissions; each must be used by a call, and each call must have all that it needs among them */
export function compareCalls(
  calls: readonly CloudCall[],
  granted: readonly string[],
  /** Says of a permission where it is used, where that matters: `sqs:SendMessage on the work queue`. */
  placed: (permission: string, call: CloudCall) => string = (permission) => permission,
): Compared {
  const refused = new Set<string>();
  const used = new Set<string>();
  for (const call of calls) {
    const said = call.target || `${call.method} ${call.path.split('?')[0]}`;
    const needs = permissionsOf(call);
    if (needs === null) refused.add(`${call.service}: ${said} stands in no row of infra/permission-table.ts`);
    for (const permission of (needs ?? []).map((one) => placed(one, call))) {
      used.add(permission);
      if (!granted.includes(permission)) refused.add(`${call.service}: ${said} needs ${permission}`);
    }
  }
  return { refused: [...refused], unused: granted.filter((permission) => !used.has(permission)) };
}

/** Its body is kept as it is written. */
function listenTo(request: ClientRequest): () => Sent {
  const chunks: Buffer[] = [];
  const keeping = <M extends object>(): ProxyHandler<M & ((...args: never[]) => unknown)> => ({
    apply(method, self, args) {
      const [chunk]: unknown[] = args;
      if (typeof chunk === 'string' || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
      return Reflect.apply(method, self, args);
    },
  });
  request.write = new Proxy(request.write, keeping<typeof request.write>());
  request.end = new Proxy(request.end, keeping<typeof request.end>());
  return () => ({
    method: request.method,
    whole: `${request.getHeader('host')}${request.path}`,
    target: String(request.getHeader('x-amz-target') ?? ''),
    body: Buffer.concat(chunks).toString('utf8'),
  });
}

function fetched(request: unknown): Sent {
  const text = (name: string): string => String(fieldOf(request, name));
  return { method: text('method'), whole: `${new URL(text('origin')).host}${text('path')}`, target: '', body: '' };
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function callOf({ whole, ...sent }: Sent, services: Services): CloudCall {
  const found = Object.entries(services).find(([host]) =>
    [`${host}/`, `${host}?`].some((one) => whole.startsWith(one)),
  );
  if (found === undefined) throw new Error(`a request went to ${whole}, which is none of ${Object.keys(services)}`);
  const [host, service] = found;
  return { ...sent, service, path: whole.slice(host.length) };
}
