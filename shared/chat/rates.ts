import type { ChatSender } from '../ports.ts';
import { SLACK_LIMITS } from './slack/limits.ts';
import { TEAMS_LIMITS } from './teams/limits.ts';

/** How often one destination takes something: so many ms apart, so many at once after a quiet time. */
export type Rate = { intervalMs: number; burst: number };

/** By platform; a terminal takes what it is given. */
export const RATES: Readonly<Record<ChatSender['platform'], { post: Rate; edit: Rate } | null>> = {
  slack: SLACK_LIMITS.rates,
  teams: TEAMS_LIMITS.rates,
  text: null,
};
