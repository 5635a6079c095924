import { covers } from '../config/scope.ts';
import type { Settings } from '../config.ts';
import type { Resource } from '../model.ts';

export type Entitled = { ok: true } | { ok: false; reason: string; nextStep: string };

/** Whoever may read the store of this machine may do with it what they like. */
export const LOCAL_PERSON = 'local';

/**
 * Whether the person may act on the resource: named by an approver entry, by this id or one linked to it, for this action
 * and a scope that holds the resource. Nobody is entitled by default.
 *
 * @param personId `slack:T0123/U0456`, `entra:<object id>` or `local`
 */
export function mayAct(
  settings: Pick<Settings, 'approvers' | 'identities'>,
  personId: string,
  action: string,
  resource: Pick<Resource, 'id'>,
): Entitled {
  if (personId === LOCAL_PERSON) return { ok: true };
  const ids = linkedIds(settings, personId);
  const own = settings.approvers.filter(({ people }) => people.some((id) => ids.has(id.toLowerCase())));
  if (own.length === 0)
    return {
      ok: false,
      reason: `You are not on the list of those who may ${action}`,
      nextStep: `Have "${personId}" added to the people of an entry of approvers in headroom.json`,
    };
  const able = own.filter(({ actions }) => actions.includes(action) || actions.includes('*'));
  if (able.length === 0)
    return {
      ok: false,
      reason: `Your entry in the list of approvers does not name ${action}`,
      nextStep: `Have "${action}" added to its actions in headroom.json`,
    };
  if (able.some(({ scopes }) => scopes?.some((scope) => covers(scope, resource.id)) ?? true)) return { ok: true };
  return {
    ok: false,
    reason: 'Your entry in the list of approvers does not cover this resource',
    nextStep: 'Have its subscription, group or account added to its scopes in headroom.json',
  };
}

/**
 * What tells the person from others on every platform: their Entra object id and e-mail address, as far as `identities` link
 * them; nothing for whoever is known on one platform alone, since they may be anybody on another.
 */
export function identitiesOf(settings: Pick<Settings, 'identities'>, personId: string): string[] {
  const id = personId.toLowerCase();
  const linked = settings.identities.filter(
    ({ slack, entra }) => id === `slack:${slack}`.toLowerCase() || id === `entra:${entra}`.toLowerCase(),
  );
  const own = id.startsWith('entra:') ? [id] : [];
  const others = linked.flatMap(({ entra, email }) => [
    ...(entra === undefined ? [] : [`entra:${entra.toLowerCase()}`]),
    ...(email === undefined ? [] : [`email:${email.toLowerCase()}`]),
  ]);
  return [...new Set([...own, ...others])];
}

/** The person on every platform where `identities` link them. */
function linkedIds({ identities }: Pick<Settings, 'identities'>, personId: string): Set<string> {
  const id = personId.toLowerCase();
  const linked = identities
    .map(({ slack, entra }) => [
      ...(slack === undefined ? [] : [`slack:${slack}`.toLowerCase()]),
      ...(entra === undefined ? [] : [`entra:${entra}`.toLowerCase()]),
    ])
    .filter((ids) => ids.includes(id));
  return new Set([id, ...linked.flat()]);
}
