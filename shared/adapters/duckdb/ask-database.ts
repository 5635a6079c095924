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
  const { setup, statements, parameters } = request.query;
  const total = setup.length + statements.length;
  const answers: Row[][] = [];
  try {
    await interruptible(database, signal, async () => {
      for (const [done, text] of [...setup, ...statements.map((statement) => statement.text)].entries()) {
        signal?.throwIfAborted();
        onProgress?.({ phase: 'asking', done, total, unit: 'steps' });
        const rows = await database.run(text, parameters);
        if (done >= setup.length) answers.push(rows);
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
