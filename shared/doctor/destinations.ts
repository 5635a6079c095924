import { unknownDestinations } from '../chat/routing.ts';
import type { Check } from './check.ts';

/** Whether messages have somewhere to go, and every route leads there. */
export const destinations: Check = {
  name: 'destinations',
  async run({ config, destinations: configured }) {
    if (configured.length === 0)
      return {
        ok: false,
        problem: 'messages go nowhere',
        nextStep:
          'Set HEADROOM_SLACK_BOT_TOKEN and HEADROOM_SLACK_CHANNEL, HEADROOM_TEAMS_APP_ID, or HEADROOM_TEAMS_WORKFLOW_URL',
      };
    const [unknown] = unknownDestinations(config.settings.routes, configured);
    if (unknown === undefined) return { ok: true, detail: configured.join(', ') };
    return {
      ok: false,
      problem: `${unknown.path} names '${unknown.name}', which is not configured`,
      nextStep: `Name one of ${configured.join(', ')} in routes of headroom.json`,
    };
  },
};
