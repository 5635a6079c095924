import type { FixRule } from './fix.ts';

/** A rule that means what was meant. It changes no load, so nothing is predicted. */
export const alertRule: FixRule = {
  id: 'alert-rule',
  invasiveness: 1,
  changesCaller: false,
  propose() {
    return { title: 'Alert on what is refused', change: null };
  },
};
