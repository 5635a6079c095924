import { setTimeout as wait } from 'node:timers/promises';
import type { Clock, Random } from '../../ports.ts';

/** The machine's clock. A sleep that is aborted rejects with the signal's reason. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    try {
      await wait(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    }
  },
};

/** Good enough to spread retries and name things; never for secrets. */
export const systemRandom: Random = () => Math.random();
