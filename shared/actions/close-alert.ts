import type { ActionRule } from './action.ts';

/** An alert as Azure Monitor keeps it. */
const ALERT =
  /^\/subscriptions\/[0-9a-f-]{36}\/(?:[^?#]+\/)?providers\/microsoft\.alertsmanagement\/alerts\/[0-9a-z-]+$/i;

/** Closes the alerts of an incident that is over in Azure Alerts Management, where people look at them as well. */
export const closeAlert: ActionRule = {
  needs: 'approval',
  id: 'close-alert',
  summary: 'close the alert in Azure Alerts Management',
  touches: 'alert',
  when: 'over',
  hasEffect: false,
  undoable: true,
  drafts({ rules, resource }) {
    const references = Object.values(rules).flatMap(({ reference, rule }) =>
      reference !== undefined && ALERT.test(reference) ? [{ reference: reference.toLowerCase(), rule }] : [],
    );
    return references.map(({ reference, rule }) => ({
      title: `Close the alert of ${rule} in Azure Monitor`,
      params: { state: 'Closed' },
      target: { kind: 'alert', id: reference, resource: resource.id },
      risk: 'low' as const,
    }));
  },
  applies: (shown) => shown === 'New' || shown === 'Acknowledged',
  diff: (_params, before) => `its state: ${typeof before === 'string' ? before : 'unknown'} -> Closed`,
  desired: () => ({ value: 'Closed' }),
};
