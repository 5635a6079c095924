import * as z from 'zod/mini';
import { HeadroomError } from '../../errors.ts';
import type { ControlState, ControlTarget } from '../../model.ts';
import type { ControlPlane } from '../../ports.ts';
import { type ActorCallOptions, createActorCall, jsonOf } from './actor-call.ts';
import type { ArmHost } from './arm.ts';

/** @see https://learn.microsoft.com/rest/api/monitor/alertsmanagement/alerts/change-state */
const API_VERSION = '2019-03-01';
const ALERT =
  /^(\/subscriptions\/[0-9a-f-]{36})\/(?:[^?#%\\]+\/)?providers\/microsoft\.alertsmanagement\/alerts\/[0-9a-z-]{1,100}$/;
const STATES: readonly unknown[] = ['New', 'Acknowledged', 'Closed'];

const KEPT = z.object({ properties: z.object({ essentials: z.object({ alertState: z.string() }) }) });

/** What the actor needs on the scopes whose alerts it closes. */
export const permissions = {
  arm: ['Microsoft.AlertsManagement/alerts/read', 'Microsoft.AlertsManagement/alerts/changestate/action'],
} as const;

export type AlertStatesOptions = Omit<ActorCallOptions, 'denied' | 'scope'> & {
  host: ArmHost;
  /** HEADROOM_ACTOR_CLIENT_ID, for the command that grants what is missing. */
  actor?: string | undefined;
};

/** The state that people give an alert in Azure Alerts Management. It is read right before it is changed. */
export function createAlertStates({ host, actor, ...options }: AlertStatesOptions): ControlPlane {
  const denied = (what: string, status: number) => missingRole(what, status, actor);
  const ask = createActorCall({ ...options, scope: host.scope, denied });

  async function read(target: ControlTarget, signal?: AbortSignal): Promise<ControlState> {
    const what = 'reading the state of an alert';
    const answer = await ask(what, { method: 'GET', url: urlOf(target, '', {}) }, signal);
    if (answer.status === 404) return { revision: null, value: null };
    return stateIn(what, answer.bodyAsText);
  }

  function urlOf(target: ControlTarget, below: string, query: Record<string, string>): string {
    const url = new URL(
      host.url.replace(/\/+$/, '') + alertOf(target).split('/').map(encodeURIComponent).join('/') + below,
    );
    url.search = new URLSearchParams({ 'api-version': API_VERSION, ...query }).toString();
    return url.href;
  }

  return {
    kind: 'alert',
    read: async (target, signal) => read(target, signal),
    async write(target, desired, expected, signal) {
      alertOf(target);
      if (!STATES.includes(desired)) throw new HeadroomError('invalid', 'this is no state of an alert');
      const before = await read(target, signal);
      if (before.value === desired) return before;
      if (before.revision !== expected) return 'changed';
      const what = 'changing the state of an alert';
      const url = urlOf(target, '/changestate', { newState: String(desired) });
      const answer = await ask(what, { method: 'POST', url }, signal);
      return answer.status === 404 ? 'changed' : stateIn(what, answer.bodyAsText);
    },
  };
}

/** @throws HeadroomError `invalid` for whatever is no alert, before anything is asked */
function alertOf({ kind, id }: ControlTarget): string {
  if (kind === 'alert' && ALERT.test(id) && !id.includes('/../')) return id;
  throw new HeadroomError('invalid', 'this is the id of no alert');
}

function stateIn(what: string, text: string | null | undefined): ControlState {
  const kept = KEPT.safeParse(jsonOf(text));
  if (!kept.success) throw new HeadroomError('invalid', `${what} failed: the answer is no alert`);
  const { alertState } = kept.data.properties.essentials;
  return { revision: alertState, value: alertState };
}

function missingRole(what: string, status: number, actor = '<client id of the actor>'): HeadroomError {
  return new HeadroomError('denied', `${what} failed: ${status}, the actor lacks ${permissions.arm[1]}`, {
    nextStep: `Grant it: az role assignment create --assignee ${actor} --role "Monitoring Contributor" --scope /subscriptions/<id>`,
  });
}
