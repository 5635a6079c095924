import type { ActionRule } from './action.ts';

const SCOPE = /^(\/subscriptions\/[0-9a-f-]{36}\/resourcegroups\/[^/?#]+)\/providers\/[^?#]+$/i;

/**
 * Keeps the alerts of a silenced resource from notifying anybody until the silence ends: an alert processing rule beside it.
 * Alerts go on being made, so that nothing is missed afterwards.
 */
export const processingRule: ActionRule = {
  needs: 'approval',
  id: 'processing-rule',
  summary: 'silence the resource in Azure Monitor as well, for as long as its incident is',
  touches: 'processing-rule',
  when: 'silenced',
  hasEffect: false,
  undoable: true,
  drafts({ id, resource, silencedUntil }) {
    const group = SCOPE.exec(resource.id)?.[1];
    if (resource.cloud !== 'azure' || group === undefined || silencedUntil === undefined) return [];
    return [
      {
        title: `Silence ${resource.name} in Azure Monitor too`,
        params: { until: silencedUntil },
        target: {
          kind: 'processing-rule',
          id: `${group}/providers/microsoft.alertsmanagement/actionrules/headroom-${id}`,
          resource: resource.id,
        },
        // Whatever else watches the resource tells nobody either.
        risk: 'high',
      },
    ];
  },
  diff: (params, before) =>
    `${before === null ? 'no processing rule' : 'a processing rule'} -> no notifications until ${untilOf(params)}`,
  desired(plan, { now }) {
    const until = untilOf(plan.params);
    const value = {
      scope: plan.target.resource,
      from: wholeSecond(now),
      until: wholeSecond(until),
      incident: plan.incidentId,
    };
    return { value, endsAt: until };
  },
};

/** The service keeps no fractions. */
function wholeSecond(time: string): string {
  return new Date(Math.floor(Date.parse(time) / 1_000) * 1_000).toISOString();
}

function untilOf(params: unknown): string {
  const until: unknown = typeof params === 'object' && params !== null ? Reflect.get(params, 'until') : undefined;
  return typeof until === 'string' ? until : '';
}
