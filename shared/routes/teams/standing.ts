import type { BotActivity } from '../../chat/teams/bot-activity.ts';
import { plainAnswer } from '../../commands/command.ts';
import { asHeadroomError } from '../../errors.ts';
import { auditRefusal, type Person } from '../../pipeline/audit.ts';
import type { TeamsBotDeps } from './deps.ts';

/** `unknown`: Teams, which was asked, did not say. */
export type Standing = 'member' | 'outsider' | 'unknown';

const REFUSALS = {
  outsider: plainAnswer('Headroom answers members of its own tenant, and no guests', ['Ask one of them']),
  unknown: plainAnswer('It cannot be told now whether you are a guest', ['Ask again in a moment']),
} as const;

/** As approvers and the audit name them. */
export function personOf({ person }: BotActivity): Person {
  return { id: `entra:${person.objectId || 'unknown'}`, name: person.name };
}

/**
 * Whether the person belongs to our tenant, and is no guest in it nor of another company in a shared channel (field-notes 33).
 * Whom the settings name by object id was let in by them; about others Teams is asked.
 */
export async function judgeMember({ ports, tenantId }: TeamsBotDeps, activity: BotActivity): Promise<Standing> {
  const { serviceUrl, conversationId, person } = activity;
  if (person.objectId === '') return 'outsider';
  const { approvers, identities } = ports.settings;
  const named = [...approvers.flatMap(({ people }) => people), ...identities.map(({ entra }) => `entra:${entra}`)];
  if (named.some((id) => id.toLowerCase() === `entra:${person.objectId}`)) return 'member';
  try {
    const member = await ports.teams?.member({ serviceUrl, conversationId }, person.userId);
    if (!member) return 'unknown';
    const isOurs = member.tenantId === '' || member.tenantId === tenantId;
    return isOurs && member.role !== 'guest' && member.role !== 'anonymous' ? 'member' : 'outsider';
  } catch (error) {
    const known = asHeadroomError(error, 'unavailable', 'Teams could not be asked who somebody is');
    ports.log.warn('person-unknown', { platform: 'teams', kind: known.kind, error: known.message });
    return 'unknown';
  }
}

/** Audited. @returns what they are told */
export async function refuseMember(
  { ports }: TeamsBotDeps,
  activity: BotActivity,
  action: string,
  standing: Exclude<Standing, 'member'>,
): Promise<(typeof REFUSALS)[keyof typeof REFUSALS]> {
  const person = personOf(activity);
  const reason = standing === 'outsider' ? 'a guest, or of another tenant' : 'tenant not known';
  await auditRefusal(ports, person, { action }, reason);
  ports.log.warn('person-refused', { platform: 'teams', person: person.id, action, standing });
  return REFUSALS[standing];
}
