import type { Reading, Row } from '../../model.ts';
import type { ArchiveProgress, EvidenceRequest } from '../../ports.ts';
import { interruptible, type TakenIn } from './take-in.ts';

type AskOptions = { now: () => number; onProgress?: (progress: ArchiveProgress) => void };

/** Asks what has been taken in; one reading for each statement. Nothing but what was taken in stays. */
export async function askDatabase(
  { database, tables }: Pick<TakenIn, 'database' | 'tables'>,
  request: EvidenceRequest,
  { now, onProgress }: AskOptions,
  signal: AbortSignal | undefined,
): Promise<Reading[]> {
  const { setup, statements, held, parameters } = request.query;
  const total = setup.length + statements.length;
  const answers: Row[][] = [];
  try {
    await interruptible(database, signal, async () => {
      const ask = async (text: string, done: number): Promise<Row[]> => {
        signal?.throwIfAborted();
        onProgress?.({ phase: 'asking', done, total, unit: 'steps' });
        return database.run(text, parameters);
      };
      for (const [done, text] of setup.entries()) await ask(text, done);
      const names = held === undefined ? null : (await ask(held, setup.length)).map(({ name }) => name);
      for (const [index, { text, of }] of statements.entries()) {
        const isHeld = of === undefined || names === null || names.includes(of);
        answers.push(isHeld ? await ask(text, setup.length + index) : []);
      }
    });
  } finally {
    await database.dropAllBut(tables);
  }
  onProgress?.({ phase: 'asking', done: total, total, unit: 'steps' });
  return headsOf(request, now).map((head, index) => ({
    ...head,
    state: 'read',
    rows: answers[index] ?? [],
    truncated: false,
    // What the vault answered in all is known only to its metric (field-notes 2).
    completeness: null,
  }));
}

type Head = Pick<Reading, 'kind' | 'store' | 'window' | 'readAt'>;

export function headsOf(request: EvidenceRequest, now: () => number): Head[] {
  const readAt = new Date(now()).toISOString();
  return request.query.statements.map(({ kind, window }) => ({
    kind,
    store: 'files',
    window: window ?? request.window,
    readAt,
  }));
}
