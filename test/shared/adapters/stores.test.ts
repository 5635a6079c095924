import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMemoryPayloads } from '../../../shared/adapters/memory/payloads.ts';
import { createMemoryQueue } from '../../../shared/adapters/memory/queue.ts';
import { createMemoryRecords } from '../../../shared/adapters/memory/records.ts';
import {
  type CloudStores,
  DATABASE_FILE,
  openStores,
  type StoreChoice,
  unavailableStores,
} from '../../../shared/adapters/stores.ts';
import { systemClock } from '../../../shared/adapters/system/clock.ts';

const KEY = { partition: 'p', id: 'a' };

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'headroom-stores-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function choose(records: string, queue: string, payloads: string) {
  return { home, records: { kind: records }, queue: { kind: queue }, payloads: { kind: payloads } };
}

describe('stores by configuration', () => {
  test.each([
    ['sqlite', 'sqlite', 'file', true],
    ['sqlite', 'memory', 'memory', true],
    ['memory', 'sqlite', 'memory', true],
    ['memory', 'memory', 'memory', false],
  ])('records in %s, queue in %s, payloads in %s work together', async (records, queue, payloads, onDisk) => {
    const stores = await openStores(choose(records, queue, payloads), systemClock);
    await stores.records.put(KEY, { n: 1 }, 'absent');
    await stores.queue.send({ v: 1, incidentId: 'abcdefgh' });
    await stores.payloads.put('x', new Uint8Array([1, 2]));
    expect((await stores.records.get(KEY))?.value).toEqual({ n: 1 });
    expect(await stores.queue.depth()).toMatchObject({ waiting: 1 });
    expect([...((await stores.payloads.get('x')) ?? [])]).toEqual([1, 2]);
    expect(existsSync(join(home, DATABASE_FILE))).toBe(onDisk);
    await stores.close();
  });

  test('what is kept on this machine is there after it was closed', async () => {
    const first = await openStores(choose('sqlite', 'sqlite', 'file'), systemClock);
    await first.records.put(KEY, { n: 1 }, 'absent');
    await first.payloads.put('x', new Uint8Array([7]));
    await first.close();
    const second = await openStores(choose('sqlite', 'sqlite', 'file'), systemClock);
    expect((await second.records.get(KEY))?.value).toEqual({ n: 1 });
    expect([...((await second.payloads.get('x')) ?? [])]).toEqual([7]);
    await second.close();
  });

  test('every kind that is not to be had is a problem with its name and the next step', () => {
    expect(unavailableStores(choose('dynamodb', 'sqs', 's3')).map(({ name, nextStep }) => [name, nextStep])).toEqual([
      ['HEADROOM_RECORDS', 'Choose sqlite or memory.'],
      ['HEADROOM_QUEUE', 'Choose sqlite or memory.'],
      ['HEADROOM_PAYLOADS', 'Choose file or memory.'],
    ]);
    expect(unavailableStores(choose('sqlite', 'memory', 'file'))).toEqual([]);
  });

  test('those of a cloud are to be had where it is given, and are opened with their address', async () => {
    const opened: StoreChoice[] = [];
    const opening =
      <T>(store: T) =>
      async (choice: StoreChoice): Promise<T> => {
        opened.push(choice);
        return store;
      };
    const cloud: CloudStores = {
      records: { kind: 'table', open: opening(createMemoryRecords()) },
      queue: { kind: 'storage', open: opening(createMemoryQueue({ clock: systemClock })) },
      payloads: { kind: 'blob', open: opening(createMemoryPayloads({ clock: systemClock })) },
    };
    const choices = {
      home,
      records: { kind: 'table', url: 'https://a.example' },
      queue: { kind: 'storage', url: 'https://b.example' },
      payloads: { kind: 'blob', url: 'https://c.example' },
    };
    expect(unavailableStores(choices, cloud)).toEqual([]);
    await (await openStores(choices, systemClock, cloud)).close();
    expect(opened).toEqual([choices.records, choices.queue, choices.payloads]);
    expect(unavailableStores(choose('dynamodb', 'sqs', 's3'), cloud).map(({ nextStep }) => nextStep)).toEqual([
      'Choose table or sqlite or memory.',
      'Choose storage or sqlite or memory.',
      'Choose blob or file or memory.',
    ]);
  });

  test('opening one that is not to be had rejects as a wrong configuration, and makes no file', async () => {
    await expect(openStores(choose('sqlite', 'sqs', 'file'), systemClock)).rejects.toMatchObject({
      kind: 'configuration',
    });
    expect(existsSync(join(home, DATABASE_FILE))).toBe(false);
  });
});
