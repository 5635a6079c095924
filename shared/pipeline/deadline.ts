import { HeadroomError } from '../errors.ts';
import type { Clock } from '../ports.ts';

/** Why a timer is called off: made once, since the one that a signal makes for itself records a stack each time. */
const ENDED = new Error('the run that was timed has ended');

/**
 * Runs for at most the given time; then the signal is aborted and nothing is waited for any more.
 *
 * @throws HeadroomError `timed-out` when the time is up; whatever `run` throws before
 */
export async function withinDeadline<T>(
  clock: Clock,
  ms: number,
  what: string,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const work = new AbortController();
  const timer = new AbortController();
  const late = new Promise<never>((_resolve, reject) => {
    clock.sleep(ms, timer.signal).then(
      () => {
        const error = new HeadroomError('timed-out', `${what} took longer than ${ms} ms`);
        work.abort(error);
        reject(error);
      },
      // The timer was called off: `run` has ended.
      () => undefined,
    );
  });
  try {
    return await Promise.race([run(work.signal), late]);
  } finally {
    timer.abort(ENDED);
  }
}
