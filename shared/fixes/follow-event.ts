import type { FixRule } from './fix.ts';

/** Where the provider is at work, whatever is changed here only adds to what has to be undone. */
export const followEvent: FixRule = {
  id: 'follow-event',
  invasiveness: 1,
  changesCaller: false,
  propose: () => ({ title: 'Hold changes until the event is over', change: null }),
};
