import type { Resource } from '../../model.ts';
import { hashOf } from '../identity.ts';
import { normaliseTime } from '../time.ts';
import type { Details } from './details.ts';
import type { Essentials } from './essentials.ts';

/** What the ids of an alert are made of besides its essentials. */
export type Identified = {
  details: Details;
  eventDataId: string | undefined;
  state: string;
  isTest: boolean;
  resource: Resource;
};

/**
 * Ids from what names the alert, its target and its moment, since test notifications reuse alert ids and Azure states
 * nowhere that they differ between events. Two action groups that both call give the same id; Fired and Resolved share
 * the instance, as do the events of one health episode.
 */
export function identityOf(essentials: Essentials, identified: Identified): { id: string; instance: string } {
  const { alertId, alertRule, alertTargetIDs, originAlertId, firedDateTime, monitorCondition } = essentials;
  const { details, eventDataId, state, isTest, resource } = identified;
  const targets = (alertTargetIDs ?? []).map((target) => target.toLowerCase()).sort();
  // The time as sent stands in where it cannot be read: the time of receipt would differ on redelivery.
  const moment = normaliseTime(firedDateTime) ?? String(firedDateTime ?? '');
  const shared = [alertRule, isTest ? 'test' : '', resource.id];
  const event = [alertId, originAlertId, eventDataId, moment, ...targets, ...shared];
  const episode = details.episode === undefined ? event : [details.category, details.episode, ...shared];
  return { id: hashOf(['azure', ...event, monitorCondition, state]), instance: hashOf(['azure', ...episode]) };
}
