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
};

/**
 * Ids from what names the alert, its target and its moment, since test notifications reuse alert ids and Azure states
 * nowhere that they differ between events. Two action groups that both call give the same id; Fired and Resolved share
 * the instance, as do the events of one health episode.
 *
 * @returns gives the ids of the alert about one of the payload's resources
 */
export function identifierOf(
  essentials: Essentials,
  { details, eventDataId, state, isTest }: Identified,
): (resource: Resource) => { id: string; instance: string } {
  const { alertId, alertRule, alertTargetIDs, originAlertId, firedDateTime, monitorCondition } = essentials;
  const sorted = (alertTargetIDs ?? []).map((target) => target.toLowerCase()).sort();
  const targets = sorted.length < 2 ? sorted[0] : hashOf(sorted);
  // The time as sent stands in where it cannot be read: the time of receipt would differ on redelivery.
  const moment = normaliseTime(firedDateTime) ?? String(firedDateTime ?? '');
  const test = isTest ? 'test' : '';
  return (resource) => {
    const event = ['azure', alertId, alertRule, targets, originAlertId, eventDataId, moment, test, resource.id];
    const episode = ['azure', details.category, details.episode, alertRule, test, resource.id];
    return {
      id: hashOf([...event, monitorCondition, state]),
      instance: hashOf(details.episode === undefined ? event : episode),
    };
  };
}
