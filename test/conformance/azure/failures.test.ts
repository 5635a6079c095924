/** A storage account that is dead, that refuses, and that is slow: what each port makes of it. */
import { createServer, type Server } from 'node:net';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { processIdentity } from '../../../shared/adapters/azure/identity.ts';
import { openContainer, openQueue, openTable } from '../../../shared/adapters/azure/stores.ts';
import type { TokenCredential } from '../../../shared/secrets/token.ts';
import { calls, type Identity, placeIn, startIdentity } from './account.ts';

const KEY = { partition: 'p', id: 'a' };
const MESSAGE = { v: 1, incidentId: 'abcdefgh' } as const;

/** Each port's smallest read and write. */
const USES: [
  string,
  'table' | 'queue' | 'blob',
  (at: string, credential: TokenCredential, limits?: typeof quick) => Promise<unknown>[],
][] = [
  [
    'Table storage',
    'table',
    (at, credential, limits = calls) => {
      const records = openTable(at, { credential, calls: limits });
      return [records.get(KEY), records.put(KEY, { v: 1 }, 'absent'), records.list('p')];
    },
  ],
  [
    'Storage Queue',
    'queue',
    (at, credential, limits = calls) => {
      const queue = openQueue(at, { credential, calls: limits });
      return [queue.send(MESSAGE), queue.receive({ max: 1, visibilityMs: 1_000 }), queue.depth(), queue.dead(1)];
    },
  ],
  [
    'Blob storage',
    'blob',
    (at, credential, limits = calls) => {
      const payloads = openContainer(at, { credential, calls: limits });
      return [
        payloads.put('a', new Uint8Array([1])),
        payloads.get('a'),
        payloads.olderThan('2026-01-01T00:00:00.000Z', 1),
      ];
    },
  ],
];

/** Short, so that what never answers is given up soon; what does answer has its time, however busy the machine. */
const quick = { ...calls, tryMs: 400, budgetMs: 1_500 };

async function kindsOf(uses: Promise<unknown>[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(uses);
  return settled.map((one) => (one.status === 'rejected' ? one.reason.kind : `answered ${JSON.stringify(one.value)}`));
}

let identity: Identity;
const opened: { close(): Promise<void> | void }[] = [];
beforeAll(async () => {
  identity = await startIdentity();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});
afterAll(() => identity.close());

describe.each(USES)('%s, when it fails', (_name, service, use) => {
  test('dead: nothing listens there', async () => {
    const kinds = await kindsOf(use('https://127.0.0.1:1/account/place', identity.credential));
    expect(new Set(kinds)).toEqual(new Set(['unavailable']));
  });

  test('denied: a token for something else', async () => {
    const other = await startIdentity('https://vault.azure.net');
    opened.push(other);
    expect(new Set(await kindsOf(use(placeIn(service), other.credential)))).toEqual(new Set(['denied']));
  });

  test('denied: this app has no identity', async () => {
    const { IDENTITY_ENDPOINT } = identity.endpoint.environment;
    const nobody = processIdentity({ IDENTITY_ENDPOINT, IDENTITY_HEADER: 'wrong' }, calls);
    expect(new Set(await kindsOf(use(placeIn(service), nobody)))).toEqual(new Set(['denied']));
  });

  test('identity gone: what has a token goes on, what has none says so', async () => {
    const weak = await startIdentity();
    opened.push(weak);
    const place = placeIn(service);
    const [before] = await Promise.allSettled(use(place, weak.credential));
    expect(before?.status).toBe('fulfilled');
    weak.endpoint.setOutage({ status: 503 });
    const after = await Promise.allSettled(use(place, weak.credential));
    expect(after.map(({ status }) => status)).not.toContain('rejected');
    const cold = processIdentity(weak.endpoint.environment, calls);
    expect(new Set(await kindsOf(use(place, cold)))).toEqual(new Set(['unavailable']));
  });

  test('slow: it takes the connection and never answers', async () => {
    const silent = await startSilence();
    opened.push(silent);
    const kinds = await kindsOf(use(`https://127.0.0.1:${silent.port}/account/place`, identity.credential, quick));
    expect(new Set(kinds)).toEqual(new Set(['timed-out']));
  });
});

describe('a Storage Queue with what nobody of Headroom wrote', () => {
  test.each(['not base64!', btoa('no JSON'), btoa('[1]'), btoa('null'), ''])(
    '%j dies at once and holds up nobody',
    async (text) => {
      const place = placeIn('queue');
      const queue = openQueue(place, { credential: identity.credential, calls });
      await queue.send(MESSAGE);
      await new QueueClient(place, identity.credential).sendMessage(text);
      const received = [
        await queue.receive({ max: 5, visibilityMs: 5_000 }),
        await queue.receive({ max: 5, visibilityMs: 5_000 }),
      ];
      expect(received.flat().map(({ message }) => message)).toEqual([MESSAGE]);
      expect(await queue.depth()).toEqual({ waiting: 1, dead: 1 });
      const [letter] = await queue.dead(10);
      expect(letter?.reason).toBe('its text is no message of Headroom');
      await letter?.remove();
      expect((await queue.depth()).dead).toBe(0);
    },
  );

  test('a letter that was listed in between is found and removed all the same, and no other is', async () => {
    const queue = openQueue(placeIn('queue'), { credential: identity.credential, calls });
    for (const n of [1, 2, 3]) {
      await queue.send({ ...MESSAGE, runMinutes: n });
      const [delivery] = await queue.receive({ max: 1, visibilityMs: 5_000 });
      await delivery?.bury(`reason ${n}`);
    }
    const [, second] = await queue.dead(10);
    await queue.dead(10);
    await second?.remove();
    expect((await queue.dead(10)).map(({ reason }) => reason).sort()).toEqual(['reason 1', 'reason 3']);
  });
});

async function startSilence(): Promise<{ port: number; close(): Promise<void> }> {
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  const sockets = new Set<{ destroy(): void }>();
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
