import { HeadroomError, isHeadroomError } from '../../errors.ts';
import type { Reading } from '../../model.ts';
import type { FileProblem } from './find-files.ts';

/** Why there is nothing to read. */
export function nothingFound(problems: readonly FileProblem[]): HeadroomError {
  const denied = problems.find(({ error }) => codeOf(error) === 'EACCES' || codeOf(error) === 'EPERM');
  const [first] = problems;
  if (denied) return new HeadroomError('denied', 'the log files may not be read', { cause: denied.error });
  if (first && !isMissing(first.error))
    return new HeadroomError('unavailable', 'the log files could not be read', { cause: first.error });
  return new HeadroomError('not-found', 'no log file matches', first ? { cause: first.error } : {});
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Reading files can fail for reasons in the files: broken gzip, text that is not UTF-8, a line of many megabytes. */
export function isDamaged(error: unknown): boolean {
  return (
    error instanceof Error &&
    !isHeadroomError(error) &&
    /gzip|invalid input error|maximum_object_size|utf|io error/i.test(error.message)
  );
}

/** What is wrong with one file, without its content. */
export function problemInWords(error: unknown): string {
  const code = codeOf(error);
  if (isMissing(error)) return 'it does not exist';
  if (code === 'EACCES' || code === 'EPERM') return 'it may not be read';
  if (code.startsWith('Z_')) return 'its gzip is damaged: read as far as it could be';
  if (isHeadroomError(error)) return error.message;
  return code === '' ? 'it could not be read' : `it could not be read (${code})`;
}

type Unavailable = Extract<Reading, { state: 'unavailable' }>;

/** Which of the expected failures it was, and what to do about it. Never the text of a file. */
export function explainFailure(
  error: unknown,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Pick<Unavailable, 'why' | 'nextStep'> {
  const named = paths.slice(0, 3).join(', ').slice(0, 200);
  if (signal?.aborted)
    return { why: 'timed-out', nextStep: `Reading ${named} took too long: name fewer or smaller files` };
  if (isHeadroomError(error)) {
    if (error.kind === 'denied') return { why: 'denied', nextStep: `Give this process permission to read ${named}` };
    if (error.kind === 'not-found')
      return {
        why: 'not-configured',
        nextStep: `No log file matches ${named}: check the path, or export the audit log there`,
      };
    if (error.kind === 'configuration') return { why: 'not-configured', nextStep: error.nextStep ?? error.message };
  }
  if (error instanceof Error && /out of memory/i.test(error.message))
    return {
      why: 'over-budget',
      nextStep: `${named} needs more memory than is allowed: name a shorter window or fewer files`,
    };
  return {
    why: 'unreachable',
    nextStep: `${named} could not be read: check that the files are exported audit logs in JSON`,
  };
}
