import { join } from 'node:path';
import { HeadroomError } from '../errors.ts';
import type { Clock, PayloadStore, Queue, Records } from '../ports.ts';
import { openPayloadFolder } from './files/payloads.ts';
import { createMemoryPayloads } from './memory/payloads.ts';
import { createMemoryQueue } from './memory/queue.ts';
import { createMemoryRecords } from './memory/records.ts';
import { openSqlite, type SqliteStore } from './sqlite/open.ts';

/** The part of the configuration that says where things are kept. */
export type StoreChoices = {
  /** Folder of what is kept on this machine. */
  home: string;
  records: { kind: string };
  queue: { kind: string };
  payloads: { kind: string };
};

export type Stores = { records: Records; queue: Queue; payloads: PayloadStore; close(): Promise<void> };

/** Names of the database and of the payloads in `home`. */
export const DATABASE_FILE = 'headroom.sqlite';
const PAYLOADS_FOLDER = 'payloads';

const AVAILABLE = {
  records: ['sqlite', 'memory'],
  queue: ['sqlite', 'memory'],
  payloads: ['file', 'memory'],
} as const;

/** What is chosen but not to be had, in the words of a configuration problem; empty when all can be opened. */
export function unavailableStores(choices: StoreChoices): { name: string; problem: string; nextStep: string }[] {
  return (['records', 'queue', 'payloads'] as const)
    .filter((store) => !AVAILABLE[store].some((kind) => kind === choices[store].kind))
    .map((store) => ({
      name: `HEADROOM_${store.toUpperCase()}`,
      problem: `names ${choices[store].kind}, which is not available in this version`,
      nextStep: `Choose ${AVAILABLE[store].join(' or ')}.`,
    }));
}

/**
 * Opens the stores that the configuration names; a database that both records and queue use is opened once.
 *
 * @throws HeadroomError `configuration` for a kind that is not to be had, or what opening it throws
 */
export async function openStores(choices: StoreChoices, clock: Clock): Promise<Stores> {
  const [missing] = unavailableStores(choices);
  if (missing)
    throw new HeadroomError('configuration', `${missing.name} ${missing.problem}`, { nextStep: missing.nextStep });
  const usesSqlite = choices.records.kind === 'sqlite' || choices.queue.kind === 'sqlite';
  const sqlite: SqliteStore | null = usesSqlite
    ? await openSqlite({ path: join(choices.home, DATABASE_FILE), clock })
    : null;
  return {
    records: sqlite && choices.records.kind === 'sqlite' ? sqlite.records : createMemoryRecords(),
    queue: sqlite && choices.queue.kind === 'sqlite' ? sqlite.queue : createMemoryQueue({ clock }),
    payloads:
      choices.payloads.kind === 'file'
        ? await openPayloadFolder({ folder: join(choices.home, PAYLOADS_FOLDER), clock })
        : createMemoryPayloads({ clock }),
    close: async () => sqlite?.close(),
  };
}
