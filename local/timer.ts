import type { Log } from '../shared/ports.ts';

/** Runs at once and then at each interval, never two at a time; a failure is logged and the next run comes all the same. */
export function startTimer(
  run: () => Promise<unknown>,
  options: { everyMs: number; log: Log },
): { stop(): Promise<void> } {
  let running: Promise<void> | undefined;
  const tick = (): void => {
    running ??= run()
      .then(() => undefined)
      .catch((error: unknown) => {
        options.log.error('watch-failed', { error: error instanceof Error ? error.message : 'unknown' });
      })
      .finally(() => {
        running = undefined;
      });
  };
  const timer = setInterval(tick, options.everyMs);
  timer.unref();
  tick();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
