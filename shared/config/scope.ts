import type { Resource } from '../model.ts';

/** One member of `scopes`, normalised: an ARM id, an AWS account number, an ARN, or an ARN prefix ending in `*`. */
export type Scope = string;

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const ACCOUNT = /^\d{12}$/;
/** Partition, service, region, account, resource; region and account are empty for some services, names may hold spaces. */
const ARN = /^arn:(?:aws|aws-us-gov|aws-cn):[a-z0-9-]+:[a-z0-9-]*:(\d{12}|):[^\p{Cc}]+$/u;
/** What no name in an ARM id contains, and what would let one id pass for another once it stands in a URL. */
const NEVER_IN_A_SEGMENT = /[?#%\\<>]|\p{Cc}|^\.{0,2}$/u;

/**
 * The scope that a person wrote: a subscription (GUID or ARM id), a resource group or resource, an AWS account number,
 * an ARN, or the beginning of ARNs with `*` at its end. `undefined` for anything else; management groups among it,
 * since a resource's id does not say which one it is in.
 */
export function parseScope(text: string): Scope | undefined {
  const lower = text.toLowerCase().replace(/\/+$/, '');
  if (GUID.test(lower)) return `/subscriptions/${lower}`;
  if (isArmId(lower)) return lower;
  return ACCOUNT.test(text) || isArn(text.replace(/\*$/, 'x')) ? text : undefined;
}

/** Whether the resource with this id (lower-cased ARM id or ARN) lies in the scope. Ends of names count: `/a` is not in `/ab`. */
export function covers(scope: Scope, resourceId: string): boolean {
  if (scope.startsWith('/')) return isArmId(resourceId) && `${resourceId}/`.startsWith(`${scope}/`);
  if (!isArn(resourceId)) return false;
  if (ACCOUNT.test(scope)) return ARN.exec(resourceId)?.[1] === scope;
  return scope.endsWith('*') ? resourceId.startsWith(scope.slice(0, -1)) : resourceId === scope;
}

/** Whether the resource lies in a configured scope. What is unverified is posted with a mark and without action buttons. */
export function scopeOf(
  settings: { scopes: readonly Scope[] },
  resource: Pick<Resource, 'id'>,
): 'verified' | 'unverified' {
  return settings.scopes.some((scope) => covers(scope, resource.id)) ? 'verified' : 'unverified';
}

/**
 * Whether evidence about the resource may be asked for. Without any scope, one machine asks about everything (the logs
 * are its own) and a cloud about nothing (a payload is only a claim).
 */
export function inScope(
  settings: { scopes: readonly Scope[] },
  resource: Pick<Resource, 'id'>,
  where: 'local' | 'cloud',
): boolean {
  return settings.scopes.length === 0 ? where === 'local' : scopeOf(settings, resource) === 'verified';
}

/** `/subscriptions/<guid>`, a resource group in it, or a resource below either; lower case, without trailing slash. */
function isArmId(id: string): boolean {
  const [empty, subscriptions, subscription, ...rest] = id.split('/');
  if (empty !== '' || subscriptions !== 'subscriptions' || !GUID.test(subscription ?? '')) return false;
  if (rest.some((segment) => NEVER_IN_A_SEGMENT.test(segment))) return false;
  const below = rest[0] === 'resourcegroups' ? rest.slice(2) : rest;
  if (rest[0] === 'resourcegroups' && rest.length < 2) return false;
  return below.length === 0 || (below[0] === 'providers' && below.length >= 4 && below.length % 2 === 0);
}

function isArn(id: string): boolean {
  return ARN.test(id);
}
