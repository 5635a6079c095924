import { HeadroomError } from '../../errors.ts';

const REFUSED: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS']);

/** What a failure of the file system means for the caller. */
export function fileFailure(error: unknown, what: string): HeadroomError {
  const code = codeOf(error);
  const message = `${what} failed: ${code}`;
  if (REFUSED.has(code)) {
    const nextStep = 'let this user write the folder that HEADROOM_HOME names';
    return new HeadroomError('denied', message, { cause: error, nextStep });
  }
  const nextStep = code === 'ENOSPC' ? 'free space on the disk that holds it' : 'check the disk that holds it';
  return new HeadroomError('unavailable', message, { cause: error, nextStep });
}

/** A file that is there and cannot be unpacked. */
export function damaged(id: string, cause: unknown): HeadroomError {
  const nextStep = 'put a copy of the file back, or delete it';
  return new HeadroomError('invalid', `payload ${id} is damaged`, { cause, nextStep });
}

/** `ENOENT`, `EACCES`, …; `unknown` for what the file system did not say. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
