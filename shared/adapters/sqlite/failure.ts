import { type ErrorKind, HeadroomError, isHeadroomError } from '../../errors.ts';

type Meaning = { kind: ErrorKind; nextStep: string };

const HELD: Meaning = {
  kind: 'unavailable',
  nextStep: 'try again, or stop the other process that writes to this file',
};
const REFUSED: Meaning = { kind: 'denied', nextStep: 'let this user write the file and the folder it is in' };
const DAMAGED: Meaning = {
  kind: 'configuration',
  nextStep: 'move the file away and start anew, or put a copy of it back; check HEADROOM_HOME',
};

/** By primary result code. @see https://www.sqlite.org/rescode.html */
const MEANINGS: ReadonlyMap<number, Meaning> = new Map([
  [3, REFUSED],
  [5, HELD],
  [6, HELD],
  [8, REFUSED],
  [10, { kind: 'unavailable', nextStep: 'check the disk that holds the file' }],
  [11, DAMAGED],
  [13, { kind: 'unavailable', nextStep: 'free space on the disk that holds the file' }],
  [14, { kind: 'configuration', nextStep: 'check that HEADROOM_HOME names a folder that this user can write' }],
  [18, { kind: 'too-large', nextStep: 'put what is large into PayloadStore' }],
  [23, REFUSED],
  [26, DAMAGED],
]);

const OTHERWISE: Meaning = { kind: 'unavailable', nextStep: 'try again; if it stays, see the cause' };

/** What SQLite's failure means for the caller; an error of the family stays what it is. */
export function sqliteFailure(error: unknown, what: string): HeadroomError {
  if (isHeadroomError(error)) return error;
  const { kind, nextStep } = MEANINGS.get(primaryCode(error)) ?? OTHERWISE;
  return new HeadroomError(kind, `${what} failed: ${reasonOf(error)}`, { cause: error, nextStep });
}

/** Another process holds the lock. */
export function isBusy(error: unknown): boolean {
  return primaryCode(error) === 5;
}

/** The low byte of an extended result code; -1 for what is no failure of SQLite. */
function primaryCode(error: unknown): number {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return -1;
  return error.errcode & 0xff;
}

/** SQLite's own short words, never the statement or its values. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && 'errstr' in error && typeof error.errstr === 'string') return error.errstr;
  return error instanceof Error ? error.name : 'unknown';
}
