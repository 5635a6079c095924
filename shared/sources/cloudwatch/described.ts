import { type Custom, customOf, factsOf, resourceProperty } from '../custom.ts';
import { pairsOf } from '../dimensions.ts';
import type { AlarmChange } from './change.ts';

/** `headroom_<name>=<value>` anywhere in an alarm's description. */
const SETTING = /(?:^|[\s,;])(headroom_[a-z_]{1,40})=([^\s,;]+)/g;

/** The name that the other sources' custom property for a resource has. */
const ALIASES: Readonly<Record<string, string>> = { headroom_resource: 'resource' };

/**
 * The custom properties of an alarm: words `headroom_<name>=<value>` in its description, which every envelope carries,
 * then its tags, which come only when their propagation is on; and what the payload says beside its metrics.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-tags-in-notifications.html (read 2026-11-20)
 */
export function describedBy(change: AlarmChange): { custom: Custom; resource: unknown } {
  const settings: Custom = {};
  for (const [, name = '', value = ''] of (change.description ?? '').matchAll(SETTING))
    settings[ALIASES[name] ?? name] = value;
  const tags = Object.fromEntries(pairsOf(change.tags));
  const facts = factsOf({
    reason: change.reason,
    alarmRule: change.alarmRule,
    actionsSuppressedBy: change.suppressedBy,
    actionsSuppressedReason: change.suppressedReason,
    previousState: change.previousState,
  });
  return { custom: { ...facts, ...customOf(settings, tags) }, resource: resourceProperty(settings, tags) };
}
