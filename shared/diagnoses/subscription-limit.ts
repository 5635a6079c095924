import { callers } from '../evidence/callers.ts';
import { coverage } from '../evidence/coverage.ts';
import { load } from '../evidence/load.ts';
import { siblings } from '../evidence/siblings.ts';
import { timeline } from '../evidence/timeline.ts';
import { limitFor } from '../limits.ts';
import type { Fact, Verdict } from '../model.ts';
import { callerOf } from './caller.ts';
import type { Diagnosis } from './diagnosis.ts';
import { laneOf } from './lane.ts';
import { type SharedLoad, sharedLoadOf } from './shared-limit.ts';
import { stormOf, timeOf } from './storm.ts';
import { confidenceOf, margin } from './verdict.ts';

/** Share of its own limit that the vault was asked for in its busiest window, retries left out; older limits were half. */
const FAR_BELOW = 0.4;
/** The limits of heavier keys lie far below the general one for keys: there another diagnosis looks for them. */
const KEY_CLASS = 'key';
/** Share of the refusals that the shared limit has to be able to explain, or must have caused. */
const MOST = 0.5;

/**
 * Refused although the vault's own load was far below any limit: all vaults of a subscription share one as well. Whether it
 * was that one only the load of the sibling vaults in the same minutes can tell (field-notes 14). Without it nothing is known;
 * with it, it is not said where they were asked too little to have met it.
 */
export const subscriptionLimit: Diagnosis = {
  kind: 'subscription-limit',
  needs: [coverage.kind, timeline.kind, callers.kind, load.kind, siblings.kind],
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
    const around = shared === null ? null : sharedLoadOf(context.evidence, shared, storm.class);
    if (around !== null && around.possible < MOST) return [];
    const unit = `in ${limit.windowSeconds} s`;
    const from = (column: string): Fact['from'] => ({ kind: timeline.kind, column, window: 'incident' });
    return [
      {
        kind: subscriptionLimit.kind,
        verdict: verdictOf(around),
        role: 'trigger',
        confidence: confidenceOf([margin(FAR_BELOW - ofLimit, 0, FAR_BELOW), around?.certain ?? 0]),
        explains: verdictOf(around) === 'inconclusive' ? 0 : (around?.possible ?? 0),
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
          ...(around === null ? [] : factsOf(around)),
          { label: 'Requests refused', value: lane.refused, from: from('perSecond') },
        ],
        summary: summaryOf(Math.max(1, Math.round(ofLimit * 100)), around),
      },
    ];
  },
};

/** Nothing but the shared limit refuses several vaults, none of them busy, in the same minutes; a full minute alone tells as well. */
function verdictOf(around: SharedLoad | null): Verdict {
  if (around === null) return 'inconclusive';
  const others = around.alsoRefused > 0;
  if (around.certain >= MOST && others) return 'confirmed';
  return around.certain >= MOST || others ? 'likely' : 'inconclusive';
}

function factsOf({ vaults, alsoRefused, mostPerMinute, busiest }: SharedLoad): Fact[] {
  const from: Fact['from'] = { kind: siblings.kind, column: 'perMinute', window: 'incident' };
  return [
    { label: 'Vaults of the subscription in this region', value: vaults, from: { ...from, column: 'resource' } },
    { label: 'Most that all of them served', value: Math.round(mostPerMinute), unit: 'in 1 min', from },
    { label: 'Others that refused in the same minutes', value: alsoRefused, from },
    ...(busiest === null
      ? []
      : [
          {
            label: `Busiest other vault, ${busiest.resource.split('/').at(-1)}`,
            value: Math.round(busiest.perMinute),
            unit: 'in 1 min',
            from: { ...from, row: busiest.resource },
          },
        ]),
  ];
}

function summaryOf(percent: number, around: SharedLoad | null): string {
  const start = `refused at ${percent} % of its limit`;
  if (around === null) return `${start}: look at the subscription's other vaults`;
  const others = around.alsoRefused === 1 ? 'another vault' : `${around.alsoRefused} other vaults`;
  if (around.alsoRefused > 0)
    return `${start} while ${others} refused as well: they share the limit of the subscription`;
  return around.certain >= MOST
    ? `${start} while the subscription's vaults together were at theirs`
    : `${start}; its subscription's vaults may have met theirs within a minute`;
}
