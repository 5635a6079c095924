import * as z from 'zod/mini';
import { HeadroomError } from '../../errors.ts';
import type { Resource } from '../../model.ts';
import { createTtlCache } from '../../pacing/ttl-cache.ts';
import type { Clock } from '../../ports.ts';
import type { ArmClient } from './arm.ts';

/** @see https://learn.microsoft.com/rest/api/resources/resources/list (read 2026-11-21) */
const API_VERSION = '2021-04-01';

/** A new resource is seldom; one that is not found is looked for again at once. */
const KEPT_MS = 10 * 60_000;
const KEPT_LISTS = 50;

/** Thousands of resources of one type in one subscription; what lies beyond is not looked at. */
const PAGES_MAX = 10;

const LISTED = z.object({ id: z.string(), location: z.string() });
const REGION = /^[a-z0-9]{2,40}$/;
const ID = /^\/subscriptions\/([0-9a-f-]{36})\//;

export type Sibling = { id: string; region: string };

/**
 * The resources of one type in the subscription of the given one, the given one first: metrics are kept by region, and what
 * shares a limit lies in one subscription.
 *
 * @throws HeadroomError as those of `ArmClient`; `not-found` where the identity sees no such resource
 */
type ListSiblings = (resource: Resource, signal?: AbortSignal) => Promise<[Sibling, ...Sibling[]]>;

export function createSiblingList({ arm, clock }: { arm: ArmClient; clock: Clock }): ListSiblings {
  const kept = createTtlCache<Sibling[]>(KEPT_LISTS);

  async function list(subscription: string, type: string, signal: AbortSignal | undefined): Promise<Sibling[]> {
    const query = { 'api-version': API_VERSION, $filter: `resourceType eq '${type}'` };
    const what = `listing the resources of type ${type}`;
    const found: Sibling[] = [];
    let pages = 0;
    for await (const page of arm.pages(what, `/subscriptions/${subscription}/resources`, query, signal)) {
      found.push(...page.flatMap(siblingOf));
      pages += 1;
      if (pages >= PAGES_MAX) break;
    }
    return found;
  }

  return async (resource, signal) => {
    const id = resource.id.toLowerCase();
    const [, subscription = ''] = ID.exec(id) ?? [];
    const key = `${subscription} ${resource.type.toLowerCase()}`;
    const known = kept.get(key, clock.now())?.entry.value;
    const all = known?.some((one) => one.id === id)
      ? known
      : await list(subscription, resource.type.toLowerCase(), signal);
    const until = clock.now() + KEPT_MS;
    if (all !== known) kept.set(key, { value: all, freshUntil: until, staleUntil: until });
    const own = all.find((one) => one.id === id);
    if (own === undefined)
      throw new HeadroomError('not-found', `${resource.name} is not among the resources that this identity sees`, {
        nextStep: `give this identity the role Monitoring Reader on /subscriptions/${subscription}; or the resource is gone`,
      });
    return [own, ...all.filter((one) => one !== own)];
  };
}

function siblingOf(listed: unknown): Sibling[] {
  const parsed = z.safeParse(LISTED, listed);
  if (!parsed.success) return [];
  const region = parsed.data.location.toLowerCase().replaceAll(' ', '');
  return REGION.test(region) ? [{ id: parsed.data.id.toLowerCase().replace(/\/+$/, ''), region }] : [];
}
