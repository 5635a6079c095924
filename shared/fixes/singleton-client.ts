import type { FixRule } from './fix.ts';

/** One client for the whole process: challenges and tokens are spared, reads are not, so nothing is predicted. */
export const singletonClient: FixRule = {
  id: 'singleton-client',
  invasiveness: 2,
  changesCaller: true,
  propose() {
    return { title: 'Make one client per process', change: null };
  },
};
