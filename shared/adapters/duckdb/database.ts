import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { HeadroomError } from '../../errors.ts';
import type { Cell, Row } from '../../model.ts';

/** Above this size of input the work is done in a file, whose rows are packed as they are written. */
export const WORK_ON_DISK_BYTES = 1024 * 1_048_576;

const WATCH_EVERY_MS = 100;
/** What may stay in memory between two questions; the rest waits in the temporary folder. */
const RESTING_MEGABYTES = 128;

export type DatabaseOptions = {
  memoryLimitMegabytes: number;
  threads: number;
  /** Where what does not fit the memory goes. */
  temporaryFolder: string;
  /** A database file instead of memory. */
  file?: string;
  /** Of so little that what is forgotten need not go back to the system at once. */
  small?: boolean;
};

export type Database = {
  run(sql: string, parameters?: Readonly<Record<string, string | number>>): Promise<Row[]>;
  /** From now on nothing but these files, and for scratch this folder, can be reached, whatever the SQL says. */
  confineTo(files: readonly string[], folder: string): Promise<void>;
  tables(): Promise<string[]>;
  /** Forgets every other table, and gives the memory back. */
  dropAllBut(tables: readonly string[]): Promise<void>;
  interrupt(): void;
  /** Tells how much of the running statement is done, 0..1, as far as that is known, until the function given back is called. */
  watch(onShare: (share: number) => void): () => void;
  close(): void;
};

/**
 * An empty database of its own; nothing is installed or loaded, so nothing reaches the network.
 * Without the optional package: `HeadroomError` of kind `configuration`.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { DuckDBInstance } = await loadPackage();
  const instance = await DuckDBInstance.create(options.file ?? ':memory:', {
    memory_limit: `${options.memoryLimitMegabytes}MB`,
    threads: String(options.threads),
    temp_directory: options.temporaryFolder,
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  await connection.run(`SET TimeZone = 'UTC'`);
  // How far a statement is can be asked only where a bar would be shown.
  await connection.run('SET enable_progress_bar = true');
  await connection.run('SET enable_progress_bar_print = false');
  // What is left when it is closed is thrown away.
  await connection.run('PRAGMA disable_checkpoint_on_shutdown');
  return wrap(instance, connection, options);
}

async function loadPackage(): Promise<typeof import('@duckdb/node-api')> {
  return import('@duckdb/node-api').catch((cause: unknown) => {
    throw new HeadroomError('configuration', 'the optional package that reads log files is missing', {
      cause,
      nextStep: 'Install the package that reads log files: npm install @duckdb/node-api',
    });
  });
}

function wrap(instance: DuckDBInstance, connection: DuckDBConnection, options: DatabaseOptions): Database {
  return {
    async run(sql, parameters = {}) {
      const statement = await connection.prepare(sql);
      try {
        const bound: Record<string, string | number> = {};
        for (let index = 1; index <= statement.parameterCount; index++) {
          const name = statement.parameterName(index);
          const value = parameters[name];
          if (value === undefined)
            throw new HeadroomError('bug', `the query names a parameter that has no value: ${name}`);
          bound[name] = value;
        }
        if (statement.parameterCount > 0) statement.bind(bound);
        const result = await statement.runAndReadAll();
        return result.getRowObjects().map((row) => mapValues(row));
      } finally {
        statement.destroySync();
      }
    },
    async confineTo(files, folder) {
      await connection.run(`SET allowed_paths = [${files.map(quoteText).join(', ')}]`);
      await connection.run(`SET allowed_directories = [${quoteText(folder)}]`);
      // From here on the database refuses to change these three back.
      await connection.run('SET enable_external_access = false');
    },
    async tables() {
      const result = await connection.runAndReadAll('SELECT table_name FROM duckdb_tables()');
      return result.getRows().map(([name]) => String(name));
    },
    async dropAllBut(tables) {
      const others = (await this.tables()).filter((name) => !tables.includes(name));
      if (others.length === 0) return;
      await connection.run(others.map((name) => `DROP TABLE "${name.replaceAll('"', '""')}"`).join('; '));
      if (options.small === true) return;
      // Freed memory goes back to the system only when the limit is lowered.
      await connection.run(`SET memory_limit = '${RESTING_MEGABYTES}MB'`);
      await connection.run(`SET memory_limit = '${options.memoryLimitMegabytes}MB'`);
    },
    interrupt: () => connection.interrupt(),
    watch(onShare) {
      const timer = setInterval(() => {
        const { percentage } = connection.progress;
        if (percentage > 0) onShare(Math.min(1, percentage / 100));
      }, WATCH_EVERY_MS);
      timer.unref();
      return () => clearInterval(timer);
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

function mapValues(row: Record<string, DuckDBValue>): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cellOf(value)]));
}

/** Whole numbers come as bigint and lists as objects; sums of counts stay far below 2^53. */
function cellOf(value: DuckDBValue): Cell {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'object' && 'items' in value && Array.isArray(value.items)) return numbersOf(value.items);
  return String(value);
}

function numbersOf(items: unknown[]): number[] {
  return areNumbers(items) ? items : items.map(Number);
}

function areNumbers(items: unknown[]): items is number[] {
  return items.every((item) => typeof item === 'number');
}

/** A text as SQL reads it back unchanged. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
