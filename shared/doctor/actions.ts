import type { Check } from './check.ts';

/** A lever of nobody: only whether the actor may look at the store is of interest. */
const NOBODYS = { kind: 'lever', id: 'headroom:headroom-doctor:secrets:paused', resource: '' };

/** Whether what is offered could be done: by the actor, and on the word of somebody. */
export const actions: Check = {
  name: 'actions',
  async run({ config, actions: deps }) {
    if (config.actions === 'off') return { ok: true, detail: 'off' };
    if (!deps)
      return {
        ok: false,
        problem: 'actions are on, and there is nothing that could be changed',
        nextStep: 'Set HEADROOM_LEVERS_ENDPOINT, or a token for issues; docs/actions.md lists what each action needs',
      };
    const named = new Set(config.settings.approvers.flatMap((entry) => entry.actions));
    const orphaned = deps.rules.filter(({ id }) => !named.has(id) && !named.has('*'));
    if (orphaned.length === deps.rules.length)
      return {
        ok: false,
        problem: 'actions are on, and nobody may approve one',
        nextStep: `Name ${orphaned.map(({ id }) => id).join(', ')} in actions of an entry of approvers in headroom.json`,
      };
    await deps.planes.find(({ kind }) => kind === NOBODYS.kind)?.read(NOBODYS);
    const able = deps.rules.filter((rule) => !orphaned.includes(rule)).map(({ id }) => id);
    return { ok: true, detail: `can be approved: ${able.join(', ')}` };
  },
};
