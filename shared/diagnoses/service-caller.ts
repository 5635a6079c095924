import { type CallerRow, callers } from '../evidence/callers.ts';
import { coverage } from '../evidence/coverage.ts';
import { load } from '../evidence/load.ts';
import { CRYPTOGRAPHIC_OPERATIONS } from '../evidence/operation-classes.ts';
import { type OperationRow, operations } from '../evidence/operations.ts';
import { platformService } from '../evidence/platform-services.ts';
import { rowsOf } from '../evidence/rows.ts';
import { timeline } from '../evidence/timeline.ts';
import { everyLimitFor } from '../limits.ts';
import type { Cause, Fact } from '../model.ts';
import { callerOf, victimsBeside } from './caller.ts';
import { climbOf, wasAlways } from './climb.ts';
import type { Diagnosis } from './diagnosis.ts';
import { isGeneral, type Lane, laneOf, shareOfFirst } from './lane.ts';
import { type Storm, stormOf, timeOf } from './storm.ts';
import { confidenceOf, margin, verdictFor } from './verdict.ts';

/** Share of the caller's requests of the refused class that are done with a key: less is an application that reads. */
const CRYPTOGRAPHIC_MIN = 0.5;
/** Share of the first tries of the refused class, while refusals last. */
const OF_LOAD_MIN = 0.3;
/** From here on the case is clear. */
const CLEAR_OF_LOAD = 0.5;
const KEY_CLASS = 'key';

/** Work done with keys, or a service of the platform itself, uses the limit up: there is no secret that could be kept. */
export const serviceCaller: Diagnosis = {
  kind: 'service-caller',
  needs: [coverage.kind, timeline.kind, callers.kind, operations.kind, load.kind],
  fixes: ['local-crypto', 'separate-vault', 'limit-increase'],
  cure: 'local-crypto',
  diagnose(context) {
    const storm = stormOf(context);
    const done = rowsOf(context.evidence, operations);
    if (storm === null || done === null) return [];
    const keys = laneOf(context, KEY_CLASS);
    const main = laneOf(context, storm.class);
    const generals = everyLimitFor(context.evidence.resource, KEY_CLASS).map(({ max }) => max);
    // Below every general limit a heavier kind of key is what holds, and that is the news.
    const heavier = keys !== null && !isGeneral(keys, generals);
    return storm.callers.flatMap((caller) => {
      const own = done.filter((row) => row.caller === caller.caller);
      const service = platformService(caller.appId);
      if (service !== null && main !== null && !(heavier && storm.class === KEY_CLASS))
        return causeFrom(storm, caller, own, main, service.name);
      return keys === null || heavier ? [] : causeFrom(storm, caller, own, keys, null);
    });
  },
};

function causeFrom(
  storm: Storm,
  caller: CallerRow,
  done: readonly OperationRow[],
  lane: Lane,
  service: string | null,
): Cause[] {
  const ofClass = done.filter((row) => row.class === lane.limit.class);
  const cryptographic = ofClass.filter(({ operation }) => CRYPTOGRAPHIC_OPERATIONS.some((name) => name === operation));
  const share = sum(cryptographic) / Math.max(1, sum(ofClass));
  const ofLoad = shareOfFirst(storm.load, caller.caller, lane.limit.class, lane);
  if (ofLoad < OF_LOAD_MIN) return [];
  if (service === null && share < CRYPTOGRAPHIC_MIN) return [];
  return [
    {
      kind: serviceCaller.kind,
      verdict: verdictFor(ofLoad >= CLEAR_OF_LOAD, storm.baseline),
      role: wasAlways(storm, caller) ? 'condition' : 'trigger',
      confidence: confidenceOf([
        margin(ofLoad, OF_LOAD_MIN, 0.9),
        service === null ? margin(share, CRYPTOGRAPHIC_MIN, 1) : 1,
      ]),
      explains: 0,
      onset: timeOf(climbOf(storm, caller, lane.onsetSecond, [lane.limit.class])),
      caller: { ...callerOf(caller), ...(service !== null && { displayName: service }) },
      victims: victimsBeside(storm.callers, caller.caller),
      facts: factsOf(caller, cryptographic, lane, { share, ofLoad, service }),
      summary:
        service === null
          ? `${verbsOf(cryptographic)} calls use up what the vault admits for keys`
          : 'a service of the platform uses up what the vault admits',
    },
  ];
}

function sum(rows: readonly OperationRow[]): number {
  return rows.reduce((all, { requests }) => all + requests, 0);
}

/** `sign and unwrap`: the two most frequent, without what is rare beside them. */
function verbsOf(rows: readonly OperationRow[]): string {
  const all = sum(rows);
  return rows
    .filter(({ requests }) => requests >= 0.1 * all)
    .slice(0, 2)
    .map(({ operation }) => operation.replace(/^Key/, '').toLowerCase())
    .join(' and ');
}

function factsOf(
  caller: CallerRow,
  cryptographic: readonly OperationRow[],
  lane: Lane,
  { share, ofLoad, service }: { share: number; ofLoad: number; service: string | null },
): Fact[] {
  const from = (kind: string, column: string): Fact['from'] => ({
    kind,
    column,
    row: caller.caller,
    window: 'incident',
  });
  const facts: Fact[] = [
    {
      label: 'Share of first tries of that class while refusals last',
      value: Math.round(ofLoad * 100),
      unit: '%',
      from: from(load.kind, 'first'),
    },
    { label: 'Busiest 10 s', value: caller.peak10s, unit: 'requests', from: from(callers.kind, 'peak10s') },
    {
      label: 'The limit',
      value: lane.limit.max,
      unit: `in ${lane.limit.windowSeconds} s`,
      from: from(timeline.kind, 'class'),
    },
  ];
  if (service !== null)
    facts.unshift({ label: 'Service of the platform', value: service, from: from(callers.kind, 'appId') });
  const [most] = cryptographic;
  if (most !== undefined)
    facts.push(
      { label: 'Done with keys', value: Math.round(share * 100), unit: '%', from: from(operations.kind, 'requests') },
      { label: `${most.operation} calls`, value: most.requests, from: from(operations.kind, 'requests') },
      { label: 'Keys that they use', value: most.targets, from: from(operations.kind, 'targets') },
    );
  return facts;
}
