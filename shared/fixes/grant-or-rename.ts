import { callerId, type FixRule } from './fix.ts';
import { dropFailing } from './what-if/thin.ts';

/** What is answered 403 or 404 again and again is granted, or asked for by its right name. */
export const grantOrRename: FixRule = {
  id: 'grant-or-rename',
  invasiveness: 1,
  changesCaller: false,
  propose(context) {
    return { title: 'Grant it, or mend the name', change: dropFailing(callerId(context)) };
  },
};
