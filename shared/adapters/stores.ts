import { join } from 'node:path';
import { HeadroomError } from '../errors.ts';
import type { Clock, PayloadStore, Queue, Records } from '../ports.ts';
import { openPayloadFolder } from './files/payloads.ts';
import { createMemoryPayloads } from './memory/payloads.ts';
import { createMemoryQueue } from './memory/queue.ts';
import { createMemoryRecords } from './memory/records.ts';
import { openSqlite, type SqliteStore } from './sqlite/open.ts';

/** Where one store is, as the configuration says it: a kind, and the address or name that goes with it. */
export type StoreChoice = { kind: string; url?: string; table?: string; bucket?: string };

/** The part of the configuration that says where things are kept. */
export type StoreChoices = {
  /** Folder of what is kept on this machine. */
  home: string;
  records: StoreChoice;
  queue: StoreChoice;
  payloads: StoreChoice;
};

/** What one cloud adds to the stores of one machine: a kind of each. Opening asks nothing of the cloud yet. */
export type CloudStores = {
  records: { kind: string; open(choice: StoreChoice): Promise<Records> };
  queue: { kind: string; open(choice: StoreChoice): Promise<Queue> };
  payloads: { kind: string; open(choice: StoreChoice): Promise<PayloadStore> };
};

export type Stores = { records: Records; queue: Queue; payloads: PayloadStore; close(): Promise<void> };

/** Names of the database and of the payloads in `home`. */
export const DATABASE_FILE = 'headroom.sqlite';
const PAYLOADS_FOLDER = 'payloads';

const OF_ONE_MACHINE = {
  records: ['sqlite', 'memory'],
  queue: ['sqlite', 'memory'],
  payloads: ['file', 'memory'],
} as const;

/** What is chosen but not to be had, in the words of a configuration problem; empty when all can be opened. */
export function unavailableStores(
  choices: StoreChoices,
  cloud?: CloudStores,
): { name: string; problem: string; nextStep: string }[] {
  return (['records', 'queue', 'payloads'] as const).flatMap((store) => {
    const { kind } = choices[store];
    const available = [...(cloud === undefined ? [] : [cloud[store].kind]), ...OF_ONE_MACHINE[store]];
    if (available.includes(kind)) return [];
    const name = `HEADROOM_${store.toUpperCase()}`;
    const nextStep = `Choose ${available.join(' or ')}.`;
    return [{ name, problem: `names ${kind}, which is not available here`, nextStep }];
  });
}

/**
 * Opens the stores that the configuration names; a database that both records and queue use is opened once.
 *
 * @param cloud whose stores can be had beside those of one machine
 * @throws HeadroomError `configuration` for a kind that is not to be had, or what opening it throws
 */
export async function openStores(choices: StoreChoices, clock: Clock, cloud?: CloudStores): Promise<Stores> {
  const [missing] = unavailableStores(choices, cloud);
  if (missing)
    throw new HeadroomError('configuration', `${missing.name} ${missing.problem}`, { nextStep: missing.nextStep });
  const { records, queue, payloads } = choices;
  const usesSqlite = records.kind === 'sqlite' || queue.kind === 'sqlite';
  const sqlite: SqliteStore | null = usesSqlite
    ? await openSqlite({ path: join(choices.home, DATABASE_FILE), clock })
    : null;
  const ofOneMachine = {
    records: () => (sqlite && records.kind === 'sqlite' ? sqlite.records : createMemoryRecords()),
    queue: () => (sqlite && queue.kind === 'sqlite' ? sqlite.queue : createMemoryQueue({ clock })),
    payloads: () =>
      payloads.kind === 'file'
        ? openPayloadFolder({ folder: join(choices.home, PAYLOADS_FOLDER), clock })
        : createMemoryPayloads({ clock }),
  };
  return {
    records: records.kind === cloud?.records.kind ? await cloud.records.open(records) : ofOneMachine.records(),
    queue: queue.kind === cloud?.queue.kind ? await cloud.queue.open(queue) : ofOneMachine.queue(),
    payloads:
      payloads.kind === cloud?.payloads.kind ? await cloud.payloads.open(payloads) : await ofOneMachine.payloads(),
    close: async () => sqlite?.close(),
  };
}
