/** Studies one seed after the other, as its parent sends them; answers each with what was studied or why not. */
import { type StudyOptions, study } from './study.ts';

type Order = { seed: number; options: StudyOptions };

process.on('message', ({ seed, options }: Order) => {
  study(seed, options).then(
    (studied) => process.send?.({ studied }),
    (error: unknown) =>
      process.send?.({ seed, failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
