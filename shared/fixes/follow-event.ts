import type { FixRule } from './fix.ts';

/** Where the provider is at work, whatever is changed here only adds to what has to be undone. */
export const followEvent: FixRule = {
  id: 'follow-event',
  invasiveness: 1,
  changesCaller: false,
  propose: () => ({ title: "Follow the provider's event, and hold changes back until it is over", change: null }),
};
