import * as z from 'zod/mini';
import type { EstateKind, EstateResource } from '../../model/estate.ts';
import type { ArmClient } from './arm.ts';
import { inParallel, type Unread } from './estate-unread.ts';

/** @see https://learn.microsoft.com/rest/api/monitor/metrics/list-at-subscription-scope (read 2026-11-21) */
const API_VERSION = '2023-10-01';

const DAY_MS = 86_400_000;
/** A week holds each day of the week once. */
const DAYS = 7;
const DAYS_OF_MONTH = 365 / 12;

/** Series of one answer: one for each resource of a subscription and region. */
const SERIES_MAX = 1_000;

const METRICS: Readonly<Record<EstateKind, { namespace: string; name: string }>> = {
  vault: { namespace: 'microsoft.keyvault/vaults', name: 'ServiceApiHit' },
  store: { namespace: 'microsoft.appconfiguration/configurationstores', name: 'HttpIncomingRequestCount' },
};

const ANSWER = z.object({
  value: z.array(
    z.object({
      timeseries: z.array(
        z.object({
          metadatavalues: z.nullish(z.array(z.object({ name: z.object({ value: z.string() }), value: z.string() }))),
          data: z.array(z.object({ total: z.nullish(z.number()) })),
        }),
      ),
    }),
  ),
});

type Listed = Pick<EstateResource, 'id' | 'kind' | 'subscription' | 'region'>;

/**
 * Requests a month by resource id, from the days before `nowMs`: one question for each subscription, region and kind. A
 * resource without an entry had no request, or its metric could not be read.
 */
export async function readRequests(
  arm: ArmClient,
  resources: readonly Listed[],
  nowMs: number,
  unread: Unread,
): Promise<Map<string, number>> {
  const places = [...new Map(resources.map((one) => [`${one.subscription} ${one.region} ${one.kind}`, one])).values()];
  const from = new Date(nowMs - DAYS * DAY_MS).toISOString();
  const timespan = `${from}/${new Date(nowMs).toISOString()}`;
  const answers = await inParallel(places, async ({ subscription, region, kind }) => {
    const { namespace, name } = METRICS[kind];
    const path = `/subscriptions/${subscription}/providers/Microsoft.Insights/metrics`;
    const query = {
      ...{ 'api-version': API_VERSION, region, timespan, interval: 'P1D', aggregation: 'Total', top: SERIES_MAX },
      ...{ metricnamespace: namespace, metricnames: name, $filter: "Microsoft.ResourceId eq '*'" },
    };
    return unread.unless(arm.get('reading how many requests there are', path, query), null);
  });
  return new Map(answers.flatMap(requestsIn));
}

function requestsIn(body: unknown): [string, number][] {
  const parsed = z.safeParse(ANSWER, body);
  if (!parsed.success) return [];
  return parsed.data.value.flatMap(({ timeseries }) =>
    timeseries.flatMap(({ metadatavalues, data }): [string, number][] => {
      const id = (metadatavalues ?? []).find(({ name }) => name.value.toLowerCase() === 'microsoft.resourceid')?.value;
      const total = data.reduce((sum, point) => sum + (point.total ?? 0), 0);
      return id === undefined ? [] : [[id.toLowerCase(), Math.round((total / DAYS) * DAYS_OF_MONTH)]];
    }),
  );
}
