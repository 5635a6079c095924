import { lognormal } from '../random.ts';
import {
  ask,
  askEach,
  askTogether,
  authenticate,
  type Instance,
  type Operation,
  secretGet,
  type World,
} from './instance.ts';

/** Names on one page of a listing, as Key Vault gives them by default. @see Get Secrets, maxresults */
const PAGE_NAMES = 25;

const LIST: Operation = { name: 'SecretList', path: '/secrets' };

/** Lists the vault page by page, then gets each secret it was told of. `knows`: what it read before, it does not get again. */
export function listThenGet(
  world: World,
  instance: Instance,
  options: {
    names: readonly string[];
    atMs: number;
    together: boolean;
    freshClient: boolean;
    workMs: number;
    knows: boolean;
  },
): void {
  const { schedule, random } = world;
  const pages = Math.max(1, Math.ceil(options.names.length / PAGE_NAMES));
  const get = (): void => {
    if (options.knows) return;
    const operations = options.names.map(secretGet);
    if (options.together) askTogether(world, instance, operations);
    else askEach(world, instance, operations, options.workMs);
  };
  const page = (nth: number): void =>
    ask(world, instance, LIST, (served) => {
      if (!served) return;
      if (nth >= pages) get();
      else schedule.at(schedule.now() + lognormal(random, options.workMs, 0.5), () => page(nth + 1));
    });
  schedule.at(options.atMs, () => {
    if (options.freshClient) authenticate(world, instance, LIST, () => page(1));
    else page(1);
  });
}
