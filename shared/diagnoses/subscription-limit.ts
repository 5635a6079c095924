import { callers } from '../evidence/callers.ts';
import { coverage } from '../evidence/coverage.ts';
import { load } from '../evidence/load.ts';
import { timeline } from '../evidence/timeline.ts';
import { limitFor } from '../limits.ts';
import type { Fact } from '../model.ts';
import { callerOf } from './caller.ts';
import type { Diagnosis } from './diagnosis.ts';
import { laneOf } from './lane.ts';
import { stormOf, timeOf } from './storm.ts';
import { confidenceOf, margin } from './verdict.ts';

/** Share of its own limit that the vault was asked for in its busiest window, retries left out; older limits were half. */
const FAR_BELOW = 0.4;
/** The limits of heavier keys lie far below the general one for keys: there another diagnosis looks for them. */
const KEY_CLASS = 'key';

/**
 * Refused although the vault's own load was far below any limit: all vaults of a subscription share one as well. Whether it
 * was that one only the load of the sibling vaults in the same minutes can tell (field-notes 14).
 */
export const subscriptionLimit: Diagnosis = {
  kind: 'subscription-limit',
  needs: [coverage.kind, timeline.kind, callers.kind, load.kind],
  fixes: ['limit-increase', 'separate-vault'],
  cure: null,
  diagnose(context) {
    const storm = stormOf(context);
    const lane = storm === null ? null : laneOf(context, storm.class);
    if (storm === null || lane === null || storm.class === KEY_CLASS) return [];
    const { limit, demand } = lane;
    const ofLimit = demand / limit.max;
    if (ofLimit > FAR_BELOW) return [];
    const shared = limitFor(context.limits, context.evidence.resource, limit.class, { scope: 'subscription' });
    const unit = `in ${limit.windowSeconds} s`;
    const from = (column: string): Fact['from'] => ({ kind: timeline.kind, column, window: 'incident' });
    return [
      {
        kind: subscriptionLimit.kind,
        verdict: 'inconclusive',
        role: 'trigger',
        confidence: confidenceOf([margin(FAR_BELOW - ofLimit, 0, FAR_BELOW)]),
        explains: 0,
        onset: timeOf(lane.onsetSecond),
        victims: storm.callers.filter(({ refused }) => refused > 0).map(callerOf),
        facts: [
          {
            label: 'Most asked of this vault, retries left out',
            value: demand,
            unit,
            from: { kind: load.kind, column: 'first', window: 'incident' },
          },
          { label: 'Its own limit', value: limit.max, unit, from: from('class') },
          ...(shared === null
            ? []
            : [{ label: 'The limit of its subscription', value: shared.max, unit, from: from('class') }]),
          { label: 'Requests refused', value: lane.refused, from: from('perSecond') },
        ],
        summary: `refused at ${Math.max(1, Math.round(ofLimit * 100))} % of its limit: look at the subscription's other vaults`,
      },
    ];
  },
};
