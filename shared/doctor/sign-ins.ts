import { ANY_SIGN_IN } from '../evidence/languages/sign-ins.ts';
import type { Resource } from '../model.ts';
import type { Check } from './check.ts';

const DAY_MS = 86_400_000;

/** Whether the sign-ins of Entra can be read, where a workspace is named that may hold them. */
export const signIns: Check = {
  name: 'sign-ins',
  async run({ config, readers = [], clock }) {
    const reader = readers.find(({ language }) => language === 'sign-ins');
    const scope = config.settings.scopes.find((each) => each.startsWith('/subscriptions/'));
    if (reader === undefined || scope === undefined)
      return { ok: true, detail: 'not read: signInsWorkspaceId of headroom.json names their workspace' };
    const statements = [{ kind: 'sign-ins', text: ANY_SIGN_IN }];
    const times = { from: new Date(clock.now() - DAY_MS).toISOString(), to: new Date(clock.now()).toISOString() };
    const resource: Resource = { cloud: 'azure', id: scope, name: scope, type: 'unknown', scope };
    const query = { setup: [], statements, parameters: {} };
    const [reading] = await reader.read({ resource, ...times, window: 'incident', query });
    if (reading?.state === 'read')
      return {
        ok: true,
        detail: reading.rows.length > 0 ? 'they are read' : 'they can be read; there was none for a day',
      };
    const nextStep = reading?.nextStep ?? 'See the log of this process';
    return {
      ok: false,
      problem: 'they cannot be read, so that an outage of tokens is told by the vault alone',
      nextStep,
    };
  },
};
