import type { Check } from './check.ts';

/** Whether anything may be looked into. */
export const scopes: Check = {
  name: 'scopes',
  async run({ config }) {
    const { settings, runtime } = config;
    if (settings.scopes.length > 0) return { ok: true, detail: `${settings.scopes.length} configured` };
    return {
      ok: false,
      problem: runtime === 'local' ? 'none: every incident is marked unverified' : 'none: nothing may be looked into',
      nextStep: 'Name subscriptions or accounts in scopes of headroom.json',
    };
  },
};
