/** Services that are dead, that refuse, and that are slow: what each port makes of it. */
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openSecretsManager } from '../../../shared/adapters/aws/secrets.ts';
import { openBucket, openQueue, openTable } from '../../../shared/adapters/aws/stores.ts';
import { collectingLog } from '../../kit.ts';
import { originOf } from './account.ts';

const KEY = { partition: 'p', id: 'a' };
const MESSAGE = { v: 1, incidentId: 'abcdefgh' } as const;

/** Short, so that what never answers is given up soon; what does answer has its time, however busy the machine. */
const quick = { tryMs: 400, budgetMs: 1_500 };
const patient = { tryMs: 10_000, budgetMs: 20_000 };
const options = (endpoint: string, limits = patient) => ({ endpoint, now: Date.now, limits });

/** Each port's smallest reads and writes. */
const USES: [string, (endpoint: string, limits?: typeof quick) => Promise<unknown>[]][] = [
  [
    'DynamoDB',
    (endpoint, limits) => {
      const records = openTable('nowhere', options(endpoint, limits));
      return [records.get(KEY), records.put(KEY, { v: 1 }, 'absent'), records.list('p'), records.delete(KEY, 'r')];
    },
  ],
  [
    'SQS',
    (endpoint, limits) => {
      const queue = openQueue(`${endpoint}/123456789012/nowhere`, options(endpoint, limits));
      return [queue.send(MESSAGE), queue.receive({ max: 1, visibilityMs: 1_000 }), queue.depth(), queue.dead(1)];
    },
  ],
  [
    'S3',
    (endpoint, limits) => {
      const payloads = openBucket('nowhere', options(endpoint, limits));
      return [
        payloads.put('a', new Uint8Array([1])),
        payloads.get('a'),
        payloads.delete('a'),
        payloads.olderThan('2026-01-01T00:00:00.000Z', 1),
      ];
    },
  ],
];

/** A secret that may not be read, or is not there, is a problem of its name; what waiting mends rejects. */
describe('Secrets Manager, when it fails', () => {
  const read = (endpoint: string, limits?: typeof quick) =>
    openSecretsManager({
      references: [{ name: 'HEADROOM_ALERT_TOKEN', id: 'nowhere' }],
      log: collectingLog(),
      ...options(endpoint, limits),
    })();

  test('dead: nothing listens there', async () => {
    await expect(read('http://127.0.0.1:1')).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('denied: credentials that the service does not know', async () => {
    const { problems } = await read(originOf('denying'));
    expect(problems).toMatchObject([{ problem: expect.stringContaining('may not read') }]);
  });

  test('slow: it takes the connection and never answers', async () => {
    const silent = await startSilence();
    opened.push(silent);
    await expect(read(`http://127.0.0.1:${silent.port}`, quick)).rejects.toMatchObject({ kind: 'timed-out' });
  });
});

async function kindsOf(uses: Promise<unknown>[]): Promise<Set<unknown>> {
  const settled = await Promise.allSettled(uses);
  return new Set(
    settled.map((one) => (one.status === 'rejected' ? one.reason.kind : `answered ${JSON.stringify(one.value)}`)),
  );
}

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

describe.each(USES)('%s, when it fails', (_name, use) => {
  test('dead: nothing listens there', async () => {
    expect(await kindsOf(use('http://127.0.0.1:1'))).toEqual(new Set(['unavailable']));
  });

  test('denied: credentials that the service does not know', async () => {
    expect(await kindsOf(use(originOf('denying')))).toEqual(new Set(['denied']));
  });

  test('denied: no credentials to be found anywhere', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, undefined);
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) vi.stubEnv(name, '/dev/null');
    expect(await kindsOf(use(originOf('moto')))).toEqual(new Set(['denied']));
  });

  test('missing: table, queue or bucket was never made', async () => {
    expect(await kindsOf(use(originOf('moto')))).toEqual(new Set(['configuration']));
  });

  test('slow: it takes the connection and never answers', async () => {
    const silent = await startSilence();
    opened.push(silent);
    expect(await kindsOf(use(`http://127.0.0.1:${silent.port}`, quick))).toEqual(new Set(['timed-out']));
  });
});

async function startSilence(): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<{ destroy(): void }>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was bound');
  return {
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
