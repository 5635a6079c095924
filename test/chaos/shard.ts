/** A thread that plays the seeds it is given one after another and reports each. */
import { parentPort } from 'node:worker_threads';
import { planOf, play } from './play.ts';
import { tallyOf } from './tally.ts';

parentPort?.on('message', async (seed: number) => {
  parentPort?.postMessage(tallyOf(await play(planOf(seed))));
});
