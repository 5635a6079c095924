import type { HttpClient } from '@azure/core-rest-pipeline';
import * as z from 'zod/mini';
import { HeadroomError } from '../../errors.ts';
import type { Reading, Resource, Row } from '../../model.ts';
import { createTtlCache } from '../../pacing/ttl-cache.ts';
import type { Clock, EvidenceReader, Random } from '../../ports.ts';
import type { TokenCredential } from '../../secrets/token.ts';
import { createArmClient } from './arm.ts';
import { createAzureCalls } from './calls.ts';
import { createSiblingList, type Sibling } from './metric-resources.ts';
import type { MetricsAnswer } from './metrics-client.ts';
import { unread } from './metrics-failure.ts';
import { type AnsweredMetric, rowsOfMetrics } from './metrics-rows.ts';

/**
 * What the identity of this process needs on the subscriptions: metrics of many resources are read with a right on their
 * subscription, not on each of them.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/metrics/migrate-to-batch-api (read 2026-11-21)
 */
export const permissions = {
  arm: ['Microsoft.Insights/metrics/read', 'Microsoft.Resources/subscriptions/resources/read'],
} as const;

export type MetricsChoices = { endpoints: { ARM?: string | undefined; METRICS?: string | undefined } };

export type MetricsHosts = { arm: { url: string; scope: string }; metrics: { suffix: string; scope: string } };

/** `http` takes the place of DNS and TLS in tests. */
type Reach = { credential: TokenCredential; clock: Clock; random: Random; http?: HttpClient };

const STORE = 'azure-metrics';
const COVERED = /^\/subscriptions\/[0-9a-f-]{36}\/resourcegroups\/[^/]+\/providers\/[^/]+\/[^/]+\/[^/]+/;

/** Resources of one request, and of one question: of more, these are enough to tell whether what they share was met. */
const BATCH_MAX = 50;
const SIBLINGS_MAX = 200;

/** Resource Manager is asked before the metrics are: a first chart waits for both. */
const LIST_TIMES = { tryMs: 4_000, budgetMs: 8_000 };

/** A window of another day is settled: asked again within an hour, it has the same answer. */
const SETTLED_AFTER_MS = 3 * 3_600_000;
const SETTLED_KEPT_MS = 3_600_000;
const SETTLED_MAX = 100;

/** What `evidence/languages/azure-metrics.ts` writes. */
const QUESTION = z.object({
  of: z.enum(['resource', 'siblings']),
  namespace: z.string(),
  metrics: z.array(
    z.object({
      name: z.string(),
      aggregation: z.enum(['average', 'minimum', 'maximum', 'total', 'count']),
      splitBy: z.optional(z.string()),
      filter: z.optional(z.string()),
    }),
  ),
  from: z.string(),
  to: z.string(),
});
type Question = z.infer<typeof QUESTION>;

type Answer = { rows: Row[]; truncated: boolean };
type Ask = (
  region: string,
  question: Question,
  metric: Question['metrics'][number],
  of: Sibling[],
) => Promise<MetricsAnswer[]>;

/**
 * Azure Monitor metrics as a store, by the minute: of the watched resource, and of all of its type in its subscription and
 * region. They are there 1 to 3 minutes after what they count, long before any log. What goes wrong is an `unavailable`
 * reading.
 */
export function createAzureMetrics(choices: MetricsChoices, hosts: MetricsHosts, reach: Reach): EvidenceReader {
  const { credential, clock, http } = reach;
  const arm = createArmClient({
    host: { url: choices.endpoints.ARM ?? hosts.arm.url, scope: hosts.arm.scope },
    credential,
    calls: { ...reach, ...LIST_TIMES },
    ...(http === undefined ? {} : { http }),
  });
  const siblings = createSiblingList({ arm, clock });
  const call = createAzureCalls('metrics', reach);
  const settled = createTtlCache<Answer>(SETTLED_MAX);

  function askIn(signal: AbortSignal | undefined): Ask {
    return (region, { namespace, from, to }, { name, aggregation, filter }, of) =>
      call(`reading the metric ${name}`, async (ends) => {
        const { askMetrics } = await import('./metrics-client.ts');
        const url = choices.endpoints.METRICS ?? `https://${region}.${hosts.metrics.suffix}`;
        return askMetrics(
          { url, scope: hosts.metrics.scope, credential, http },
          {
            resourceIds: of.map(({ id }) => id),
            namespace,
            metric: name,
            aggregation,
            from,
            to,
            ...(filter === undefined ? {} : { filter }),
          },
          signal === undefined ? ends : AbortSignal.any([ends, signal]),
        );
      });
  }

  async function answerTo(
    text: string,
    resource: Resource,
    { ask, listed }: { ask: Ask; listed: () => Promise<[Sibling, ...Sibling[]]> },
  ): Promise<Answer> {
    const key = `${resource.id} ${text}`;
    const known = settled.get(key, clock.now());
    if (known) return known.entry.value;
    const question = QUESTION.parse(JSON.parse(text));
    const value = await answer(question, placesOf(question, await listed()), { ask, clock });
    const until = clock.now() + SETTLED_KEPT_MS;
    if (clock.now() - Date.parse(question.to) > SETTLED_AFTER_MS)
      settled.set(key, { value, freshUntil: until, staleUntil: until });
    return value;
  }

  return {
    store: STORE,
    language: 'azure-metrics',
    covers: ({ cloud, id }) => cloud === 'azure' && COVERED.test(id),
    async read({ resource, window, query }, signal) {
      const ask = askIn(signal);
      let listing: Promise<[Sibling, ...Sibling[]]> | undefined;
      const listed = () => {
        listing ??= siblings(resource, signal);
        return listing;
      };
      return Promise.all(
        query.statements.map(async (statement): Promise<Reading> => {
          const answered = await answerTo(statement.text, resource, { ask, listed }).catch((error: unknown) =>
            unread(error, resource),
          );
          const readAt = new Date(clock.now()).toISOString();
          const head = { kind: statement.kind, store: STORE, window: statement.window ?? window, readAt };
          return 'rows' in answered
            ? { ...head, state: 'read', ...answered, completeness: null }
            : { ...head, state: 'unavailable', ...answered };
        }),
      );
    },
  };
}

type Places = { region: string; of: Sibling[] };

/** Whose metrics are asked for; of all in one region, as its host answers for no other. */
function placesOf({ of }: Question, [own, ...others]: readonly [Sibling, ...Sibling[]]): Places {
  if (of === 'resource') return { region: own.region, of: [own] };
  const near = others.filter(({ region }) => region === own.region);
  return { region: own.region, of: [own, ...near.slice(0, SIBLINGS_MAX - 1)] };
}

async function answer(
  question: Question,
  { region, of }: Places,
  { ask, clock }: { ask: Ask; clock: Clock },
): Promise<Answer> {
  const batches = Array.from({ length: Math.ceil(of.length / BATCH_MAX) }, (_, nth) =>
    of.slice(nth * BATCH_MAX, (nth + 1) * BATCH_MAX),
  );
  const answered = await Promise.all(
    question.metrics.map(async (metric): Promise<AnsweredMetric> => {
      const answers = await Promise.all(batches.map((batch) => ask(region, question, metric, batch)));
      return { name: metric.name, splitBy: metric.splitBy, answers: answers.flat() };
    }),
  );
  const failed = answered.flatMap(({ answers }) => answers).filter(({ errorCode }) => errorCode !== undefined);
  const rows = rowsOfMetrics(answered, { ...question, nowMs: clock.now() });
  if (rows.length === 0 && failed.length > 0)
    throw new HeadroomError('unavailable', `Azure Monitor gave no metric: ${wordOf(failed[0]?.errorCode)}`);
  return { rows, truncated: failed.length > 0 };
}

function wordOf(code: string | undefined): string {
  return code !== undefined && /^\w{1,80}$/.test(code) ? code : 'it said nothing more';
}
