import { isHeadroomError } from '../errors.ts';
import { listPlaces } from '../pipeline/teams-places.ts';
import type { Check, CheckPorts, CheckResult } from './check.ts';

/** Whether the Teams bot has a token, was added somewhere, and everything that routes name is within its reach. */
export const teams: Check = {
  name: 'teams',
  async run(ports) {
    const { teamsAppId, teamsWorkflowUrl, teamsWebhookSecret } = ports.config;
    if (teamsAppId !== undefined) return examineBot(ports);
    const light = [
      ...(teamsWorkflowUrl === undefined ? [] : ['a workflow posts, and neither edits nor hears anything']),
      ...(teamsWebhookSecret === undefined ? [] : ['an outgoing webhook answers questions alone']),
    ];
    return { ok: true, detail: light.length === 0 ? 'not configured' : light.join('; ') };
  },
};

async function examineBot({ config, records, teams: desk, destinations }: CheckPorts): Promise<CheckResult> {
  if (!desk)
    return { ok: false, problem: 'this process has no Teams bot', nextStep: 'Set HEADROOM_TEAMS_TENANT_ID beside it' };
  const problem = await desk.probe().then(() => null, problemOf);
  if (problem) return problem;
  const places = await listPlaces(records);
  const added = places.filter((place) => place.added);
  if (added.length === 0)
    return {
      ok: false,
      problem: 'the Teams app was not added to any team or chat',
      nextStep: 'Upload headroom.zip in Teams (docs/chat.md) and add the app to the team that incidents are posted to',
    };
  const known = new Set(places.map(({ conversationId }) => `teams-bot:${conversationId}`));
  const unheard = destinations.filter((key) => key.startsWith('teams-bot:') && !known.has(key));
  const by = config.teamsAppPassword === undefined ? 'its managed identity' : 'its client secret';
  return {
    ok: true,
    detail: [
      `has a token by ${by}`,
      `added to ${added.map(({ conversationId }) => conversationId).join(', ')}`,
      ...(unheard.length === 0 ? [] : [`never heard from ${unheard.join(', ')}: mention it there once`]),
    ].join('; '),
  };
}

function problemOf(error: unknown): CheckResult {
  const known = isHeadroomError(error);
  return {
    ok: false,
    problem: known ? error.message : 'the bot has no token',
    nextStep: (known ? error.nextStep : undefined) ?? 'See the log of this process',
  };
}
