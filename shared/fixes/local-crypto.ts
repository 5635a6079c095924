import { callerId, type FixRule } from './fix.ts';
import { calculateLocally } from './what-if/thin.ts';

/** Key operations run in the process: with the public key, or with a data key that was unwrapped once and kept. */
export const localCrypto: FixRule = {
  id: 'local-crypto',
  invasiveness: 3,
  changesCaller: true,
  propose(context) {
    return { title: 'Calculate in the process', change: calculateLocally(callerId(context)) };
  },
};
