import { isConfigurationStore } from '../evidence/kind.ts';
import { quota, quotaIn } from '../evidence/quota.ts';
import { rowsOf } from '../evidence/rows.ts';
import { type StoreRequestsRow, storeRequests } from '../evidence/store-requests.ts';
import { limitFor, refreshSecondsFor } from '../limits.ts';
import type { Caller, Fact } from '../model.ts';
import { cleanText } from '../sources/clean.ts';
import type { Diagnosis, DiagnosisContext } from './diagnosis.ts';
import { confidenceOf, margin } from './verdict.ts';

/** Fewer refusals are over before anyone notices. */
const REFUSED_MIN = 20;
/** Below this use of the quota it is not what refused: a store also bounds requests by the second. */
const USED_UP_PERCENT = 99.5;
const NEAR_PERCENT = 90;
/** Share of the requests from which on one caller is named. */
const MAIN_SHARE = 0.5;
const REFUSED = 429;
/** The tier of most stores that serve anything; which one it is, no metric says. */
const TIER = 'standard';
const TEXT_MAX = 200;
const SHORT_ID = 8;
const MINUTE_MS = 60_000;
const HOUR_S = 3_600;

/**
 * An App Configuration store has used up its quota of requests, of the hour or, in the free tier, of the day: everybody is
 * refused until it begins anew (field-notes 12, 26).
 */
export const quotaExhausted: Diagnosis = {
  kind: 'quota-exhausted',
  needs: [quota.kind, storeRequests.kind],
  fixes: ['configuration-refresh', 'configuration-tier'],
  cure: null,
  diagnose(context) {
    const { evidence, limits } = context;
    if (!isConfigurationStore(evidence.resource)) return [];
    const counted = countedBy(context);
    if (counted === null || counted.refused < REFUSED_MIN) return [];
    const { percent, exhaustedAtMinute } = quotaIn(evidence) ?? { percent: null, exhaustedAtMinute: null };
    if (percent !== null && percent < NEAR_PERCENT) return [];
    const isUsedUp = percent !== null && percent >= USED_UP_PERCENT;
    const rows = rowsOf(evidence, storeRequests) ?? [];
    const main = rows.find(({ requests }) => requests >= MAIN_SHARE * counted.requests);
    const limit = limitFor(limits, evidence.resource, 'requests', { tier: TIER });
    return [
      {
        kind: quotaExhausted.kind,
        verdict: isUsedUp ? 'confirmed' : 'likely',
        role: 'trigger',
        confidence: confidenceOf([margin(percent ?? NEAR_PERCENT, NEAR_PERCENT, USED_UP_PERCENT)]),
        explains: isUsedUp ? 1 : MAIN_SHARE,
        ...(exhaustedAtMinute !== null && { onset: new Date(exhaustedAtMinute * MINUTE_MS).toISOString() }),
        ...(main !== undefined && { caller: callerOf(main) }),
        victims: rows.filter((row) => row !== main && row.refused > 0).map(callerOf),
        facts: [
          ...(percent === null ? [] : [usedFact(percent)]),
          { label: 'Requests in this time', value: Math.round(counted.requests), from: counted.from },
          { label: 'Requests refused', value: Math.round(counted.refused), from: counted.from },
          ...(limit === null
            ? []
            : [{ label: `Quota of the ${TIER} tier`, value: limit.max, unit: 'in 1 h', from: counted.from }]),
          ...(main === undefined ? [] : factsOf(main, context)),
        ],
        summary: isUsedUp
          ? 'the quota of requests is used up: nobody is served until it begins anew'
          : 'requests are refused, most likely as the quota of requests is used up',
      },
    ];
  },
};

type Counted = { requests: number; refused: number; from: Fact['from'] };

/** By the metrics, which are never late by more than minutes; by the log where they could not be read. */
function countedBy({ evidence }: DiagnosisContext): Counted | null {
  const use = quotaIn(evidence);
  const rows = rowsOf(evidence, storeRequests);
  if (use !== null) {
    const { byStatus } = use.counts;
    const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
    return {
      requests: [...byStatus.values()].reduce((sum, counts) => sum + total(counts), 0),
      refused: total(byStatus.get(REFUSED) ?? []),
      from: { kind: quota.kind, column: 'perMinute', window: 'incident' },
    };
  }
  if (rows === null) return null;
  return {
    requests: rows.reduce((sum, { requests }) => sum + requests, 0),
    refused: rows.reduce((sum, { refused }) => sum + refused, 0),
    from: { kind: storeRequests.kind, column: 'requests', window: 'incident' },
  };
}

function usedFact(percent: number): Fact {
  const from = { kind: quota.kind, column: 'perMinute', row: 'RequestQuotaUsage', window: 'incident' as const };
  return { label: 'Quota used, at most', value: Math.round(percent), unit: '%', from };
}

function factsOf(main: StoreRequestsRow, { evidence }: DiagnosisContext): Fact[] {
  const from = (column: string): Fact['from'] => ({
    kind: storeRequests.kind,
    column,
    row: main.caller,
    window: 'incident',
  });
  const hours = (Date.parse(evidence.to) - Date.parse(evidence.from)) / (1_000 * HOUR_S);
  const refreshS = refreshSecondsFor(main.addresses);
  const perInstance = main.requests / Math.max(1, main.addresses) / Math.max(1 / 60, hours);
  return [
    { label: 'Asked by this client', value: main.requests, from: from('requests') },
    { label: 'Addresses that it asks from', value: main.addresses, from: from('addresses') },
    { label: 'Each asks', value: Math.round(perInstance), unit: 'times an hour', from: from('requests') },
    {
      label: `All of them, once in ${refreshS / 60} min each`,
      value: Math.round((Math.max(1, main.addresses) * HOUR_S) / refreshS),
      unit: 'requests an hour',
      from: from('addresses'),
    },
    {
      label: 'Answered that nothing has changed',
      value: Math.round((100 * main.unchanged) / Math.max(1, main.served)),
      unit: '%',
      from: from('unchanged'),
    },
  ];
}

/** Text of the log, cleaned and bounded. An id of an access key is nobody's in particular. */
function callerOf(row: StoreRequestsRow): Caller {
  const id = cleanText(row.caller, TEXT_MAX);
  const client = cleanText(row.client, TEXT_MAX);
  const isObject = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
  return {
    id: id === '' ? client : id,
    kind: isObject ? 'application' : 'unknown',
    ...(isObject && { objectId: id }),
    displayName: id === '' ? client : `${isObject ? 'identity' : 'access key'} ${id.slice(0, SHORT_ID)}`,
    ...(client !== '' && { client }),
    addresses: row.addresses,
  };
}
