import type { EstateResource, EstateRule } from '../model/estate.ts';

/** How the deployment names its rules. */
const NAMED = 'headroom-';

/** Whether one of Headroom's rules watches the resource: on, ours by name or by whom it calls, of its kind, region and scope. */
export function coveredBy(
  rule: EstateRule,
  resource: Pick<EstateResource, 'id' | 'kind' | 'region'>,
  actionGroups: readonly string[],
): boolean {
  const isOurs = rule.name.startsWith(NAMED) || rule.actionGroups.some((id) => actionGroups.includes(id));
  const isAbout = rule.scopes.some((scope) => `${resource.id}/`.startsWith(`${scope.replace(/\/+$/, '')}/`));
  return (
    rule.enabled &&
    isOurs &&
    isAbout &&
    rule.kind === resource.kind &&
    (rule.region === null || rule.region === resource.region)
  );
}
