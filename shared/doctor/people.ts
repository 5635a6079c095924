import type { Check } from './check.ts';

/** Whether anybody may acknowledge, assign or silence from chat. */
export const people: Check = {
  name: 'approvers',
  async run({ config }) {
    const { slackSigningSecret, teamsAppId, settings } = config;
    if (slackSigningSecret === undefined && teamsAppId === undefined)
      return { ok: true, detail: 'none needed: no chat platform can send commands that change anything' };
    const named = new Set(settings.approvers.flatMap((entry) => entry.people));
    if (named.size > 0) return { ok: true, detail: `named: ${named.size}` };
    return {
      ok: false,
      problem: 'nobody may acknowledge, assign, silence or resolve from chat',
      nextStep: 'Name people in approvers of headroom.json; who tries is told their id',
    };
  },
};
