import { isHeadroomError } from '../../errors.ts';

/** Requests of Resource Manager at once: its bucket of a subscription refills with 25 reads a second. */
const AT_ONCE = 8;

/** What is told of what could not be read: the first of each kind, since one missing role refuses hundreds alike. */
const TOLD_MAX = 20;

export type Unread = {
  /** @returns `instead` where it is refused or fails, which is then told */
  unless<T>(reading: Promise<T>, instead: T): Promise<T>;
  all(): { what: string; nextStep: string }[];
};

/** Remembers what could not be read while all the rest goes on. */
export function createUnread(): Unread {
  const found = new Map<string, { what: string; nextStep: string; times: number }>();
  return {
    async unless(reading, instead) {
      try {
        return await reading;
      } catch (error) {
        if (!isHeadroomError(error)) throw error;
        const known = found.get(error.message);
        const nextStep = error.nextStep ?? 'run it again';
        found.set(error.message, { what: error.message, nextStep, times: (known?.times ?? 0) + 1 });
        return instead;
      }
    },
    all: () =>
      [...found.values()]
        .slice(0, TOLD_MAX)
        .map(({ what, nextStep, times }) => ({ what: times === 1 ? what : `${what} (${times} times)`, nextStep })),
  };
}

/** The results in the order of the items, a few at a time. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  run: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const next = items.entries();
  const lane = async (): Promise<void> => {
    for (const [at, item] of next) results[at] = await run(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return results;
}
