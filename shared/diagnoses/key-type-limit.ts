import { type CallerRow, callers } from '../evidence/callers.ts';
import { coverage } from '../evidence/coverage.ts';
import { load } from '../evidence/load.ts';
import { type OperationRow, operations } from '../evidence/operations.ts';
import { rowsOf } from '../evidence/rows.ts';
import { timeline } from '../evidence/timeline.ts';
import { everyLimitFor, type Limit, limitFor } from '../limits.ts';
import type { Cause, Fact } from '../model.ts';
import { callerOf, victimsBeside } from './caller.ts';
import { climbOf, wasAlways } from './climb.ts';
import type { Diagnosis, DiagnosisContext } from './diagnosis.ts';
import { digits } from './digits.ts';
import { admittedIn, isGeneral, type Lane, laneOf, shareOfFirst } from './lane.ts';
import { type Storm, stormOf, timeOf } from './storm.ts';
import { confidenceOf, margin, verdictFor } from './verdict.ts';

const KEY_CLASS = 'key';
/** Classes of keys that weigh more than the cheapest, by the name of their limit. */
const HEAVIER: Readonly<Record<string, string>> = {
  'key-rsa-3072': 'RSA 3072',
  'key-rsa-4096': 'RSA 4096',
  'key-rsa-2048-hsm': 'RSA 2048 in an HSM',
  'key-ec-hsm': 'EC in an HSM',
  'key-rsa-3072-hsm': 'RSA 3072 in an HSM',
  'key-rsa-4096-hsm': 'RSA 4096 in an HSM',
};
/** What is admitted and a heavier key's limit differ by no more than this factor: those limits lie a factor of two apart. */
const FITS_FACTOR = 1.35;
/** Share of the caller's key operations whose key the log knows, and of those the share of the most frequent class. */
const TYPED_MIN = 0.5;
const ONE_CLASS_MIN = 0.8;
/** Share of the first tries with keys that the caller makes while refusals last. */
const OF_LOAD_MIN = 0.3;

/** Key operations are refused far below the general limit for keys: the keys are of a kind that weighs more. */
export const keyTypeLimit: Diagnosis = {
  kind: 'key-type-limit',
  needs: [coverage.kind, timeline.kind, callers.kind, operations.kind, load.kind],
  fixes: ['local-crypto', 'separate-vault', 'limit-increase'],
  cure: 'local-crypto',
  diagnose(context) {
    const storm = stormOf(context);
    const done = rowsOf(context.evidence, operations);
    const lane = laneOf(context, KEY_CLASS);
    if (storm === null || done === null || lane === null) return [];
    const generals = everyLimitFor(context.evidence.resource, KEY_CLASS).map(({ max }) => max);
    const general = isGeneral(lane, generals);
    return storm.callers.flatMap((caller) => {
      const own = done.filter((row) => row.caller === caller.caller && row.class === KEY_CLASS);
      const ofLoad = shareOfFirst(storm.load, caller.caller, KEY_CLASS, lane);
      const found = ofLoad < OF_LOAD_MIN ? null : heavierFor(context, lane, own, general);
      return found === null ? [] : [causeFrom(storm, caller, lane, found, ofLoad)];
    });
  },
};

/** A limit that fits what was admitted, and whether the log says that the keys are of its class. */
type Heavier = { limits: readonly Limit[]; typed: boolean; admitted: number; fit: number };

function heavierFor(
  context: DiagnosisContext,
  lane: Lane,
  own: readonly OperationRow[],
  general: boolean,
): Heavier | null {
  const admitted = admittedIn(lane);
  const fitOf = ({ max }: Limit): number => Math.max(max, admitted) / Math.max(1, Math.min(max, admitted));
  const limits = Object.keys(HEAVIER).flatMap(
    (name) => limitFor(context.limits, context.evidence.resource, name) ?? [],
  );
  const known = classOf(own);
  if (known !== null) {
    const limit = limits.find((candidate) => candidate.class === known);
    // A key that is known to be light explains nothing, whatever limit would fit.
    if (limit === undefined || (general && fitOf(limit) > FITS_FACTOR)) return null;
    return { limits: [limit], typed: true, admitted, fit: fitOf(limit) };
  }
  // What the vault admits for keys of any kind needs no heavier kind to explain it.
  if (general) return null;
  const older = Object.keys(HEAVIER).flatMap((name) => everyLimitFor(context.evidence.resource, name));
  for (const candidates of [limits, older]) {
    const nearest = Math.min(...candidates.map(fitOf));
    if (nearest <= FITS_FACTOR)
      return { limits: candidates.filter((limit) => fitOf(limit) === nearest), typed: false, admitted, fit: nearest };
  }
  return null;
}

/** The class of the keys that the caller works with; null where the log does not tell it of most of the operations. */
function classOf(own: readonly OperationRow[]): string | null {
  const all = own.reduce((sum, { requests }) => sum + requests, 0);
  const uses = new Map<string, number>();
  for (const { keyClass, keyClassRequests } of own)
    if (keyClass !== null) uses.set(keyClass, (uses.get(keyClass) ?? 0) + keyClassRequests);
  const typed = [...uses.values()].reduce((sum, count) => sum + count, 0);
  if (typed < TYPED_MIN * Math.max(1, all)) return null;
  const [most] = [...uses].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return most !== undefined && most[1] >= ONE_CLASS_MIN * typed ? most[0] : null;
}

function causeFrom(storm: Storm, caller: CallerRow, lane: Lane, found: Heavier, ofLoad: number): Cause {
  const { limits, typed, admitted, fit } = found;
  const names = limits.map((limit) => HEAVIER[limit.class] ?? limit.class);
  return {
    kind: keyTypeLimit.kind,
    // Without type and size of the key in the log another limit may be what holds (field-notes 14).
    verdict: typed && fit <= FITS_FACTOR ? verdictFor(true, storm.baseline) : 'likely',
    role: wasAlways(storm, caller) ? 'condition' : 'trigger',
    confidence: confidenceOf([
      margin(FITS_FACTOR - fit, 0, FITS_FACTOR - 1),
      typed ? 1 : 0,
      margin(ofLoad, OF_LOAD_MIN, 0.9),
    ]),
    explains: 0,
    onset: timeOf(climbOf(storm, caller, lane.onsetSecond, [KEY_CLASS])),
    caller: callerOf(caller),
    victims: victimsBeside(storm.callers, caller.caller),
    facts: factsOf(caller, lane, found, ofLoad),
    summary: typed
      ? `keys of ${names[0]} are limited to ${digits(limits[0]?.max ?? 0)} operations in ${lane.limit.windowSeconds} s`
      : `refused at ${digits(admitted)} key operations in ${lane.limit.windowSeconds} s, like ${names[0]}`,
  };
}

function factsOf(caller: CallerRow, lane: Lane, { limits, typed, admitted }: Heavier, ofLoad: number): Fact[] {
  const from = (kind: string, column: string, row?: string): Fact['from'] => ({
    kind,
    column,
    window: 'incident',
    ...(row !== undefined && { row }),
  });
  const unit = `in ${lane.limit.windowSeconds} s`;
  return [
    {
      label: 'Key operations admitted while refusals last',
      value: Math.round(admitted),
      unit,
      from: from(timeline.kind, 'perSecond'),
    },
    { label: 'The general limit for keys', value: lane.limit.max, unit, from: from(timeline.kind, 'class') },
    ...limits.map(
      (limit): Fact => ({
        label: `The limit of ${HEAVIER[limit.class] ?? limit.class} keys`,
        value: limit.max,
        unit,
        from: typed ? from(operations.kind, 'keyClass', caller.caller) : from(timeline.kind, 'class'),
      }),
    ),
    {
      label: 'Share of first tries with keys while refusals last',
      value: Math.round(ofLoad * 100),
      unit: '%',
      from: from(load.kind, 'first', caller.caller),
    },
    {
      label: 'Busiest 10 s',
      value: caller.peak10s,
      unit: 'requests',
      from: from(callers.kind, 'peak10s', caller.caller),
    },
  ];
}
