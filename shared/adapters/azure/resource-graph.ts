import { type ErrorKind, isHeadroomError } from '../../errors.ts';
import type { Reading, Resource } from '../../model.ts';
import { createSingleFlight } from '../../pacing/single-flight.ts';
import { createTtlCache } from '../../pacing/ttl-cache.ts';
import type { Clock, ComposedQuery, EvidenceReader, Random } from '../../ports.ts';
import type { TokenCredential } from '../../secrets/token.ts';
import type { ArmHost } from './arm.ts';
import type { GraphAnswer, ResourceGraph } from './resource-graph-client.ts';

/**
 * What the identity of this process needs on the subscriptions: whose an identity is shows on resources of any type, so it
 * is the right to read them all, which the role Reader is.
 */
export const permissions = { arm: ['*/read'] } as const;

const STORE = 'resource-graph';
const SUBSCRIPTION = /^\/subscriptions\/([0-9a-f-]{36})(?:\/|$)/i;

/** Answers that are kept: one for each question that may be repeated. */
const KEPT_MAX = 500;

/** The part of the configuration that says where Resource Graph is asked, and about what. */
export type ResourceGraphChoices = {
  settings: { scopes?: readonly string[] };
  endpoints: { ARM?: string | undefined };
};

type Reach = { credential: TokenCredential; clock: Clock; random: Random };

/** Loaded at the first question: an alert is received without it. */
export function openResourceGraph(
  { settings, endpoints }: ResourceGraphChoices,
  { arm }: { arm: ArmHost },
  reach: Reach,
): EvidenceReader {
  const host = { url: endpoints.ARM ?? arm.url, scope: arm.scope };
  const { clock } = reach;
  return createResourceGraphReader({ graph: lateGraph(host, reach), clock, scopes: settings.scopes ?? [] });
}

function lateGraph(host: ArmHost, { credential, clock, random }: Reach): ResourceGraph {
  let opening: Promise<ResourceGraph> | undefined;
  const open = async (): Promise<ResourceGraph> => {
    const [{ createArmClient }, { createResourceGraph }] = await Promise.all([
      import('./arm.ts'),
      import('./resource-graph-client.ts'),
    ]);
    return createResourceGraph({ arm: createArmClient({ host, credential, calls: { clock, random } }), clock });
  };
  return {
    async ask(question, signal) {
      opening ??= open();
      return (await opening).ask(question, signal);
    },
  };
}

type Statement = ComposedQuery['statements'][number];

/**
 * Resource Graph as a store: owners, changes and events of the provider. What goes wrong is an `unavailable` reading.
 *
 * @param options.scopes ids of what may be looked into: their subscriptions are, beside the watched resource's own; none: all
 * that the identity may read
 */
function createResourceGraphReader(options: {
  graph: ResourceGraph;
  clock: Clock;
  scopes: readonly string[];
}): EvidenceReader {
  const { graph, clock } = options;
  const kept = createTtlCache<GraphAnswer>(KEPT_MAX);
  const asking = createSingleFlight<GraphAnswer>();

  function answerTo(statement: Statement, resource: Resource, signal: AbortSignal | undefined): Promise<GraphAnswer> {
    const { text, kind, keepMs = 0 } = statement;
    const subscriptions = subscriptionsOf(options.scopes, resource);
    const ask = () => graph.ask({ what: `reading ${kind} of ${resource.name}`, text, subscriptions }, signal);
    if (keepMs === 0) return ask();
    const key = JSON.stringify([subscriptions, text]);
    const known = kept.get(key, clock.now());
    if (known !== undefined) return Promise.resolve(known.entry.value);
    return asking.run(key, async () => {
      const value = await ask();
      const until = clock.now() + keepMs;
      kept.set(key, { value, freshUntil: until, staleUntil: until });
      return value;
    });
  }

  return {
    store: STORE,
    language: 'resource-graph',
    covers: ({ cloud, id }) => cloud === 'azure' && SUBSCRIPTION.test(id),
    read: ({ resource, window, query }, signal) =>
      Promise.all(
        query.statements.map(async (statement): Promise<Reading> => {
          const answer = await answerTo(statement, resource, signal).catch(unreadBecause);
          const readAt = new Date(clock.now()).toISOString();
          const head = { kind: statement.kind, store: STORE, window: statement.window ?? window, readAt };
          return 'rows' in answer
            ? { ...head, state: 'read', ...answer, completeness: null }
            : { ...head, state: 'unavailable', ...answer };
        }),
      ),
  };
}

function subscriptionsOf(scopes: readonly string[], { id }: Resource): string[] {
  const named = scopes.flatMap((scope) => SUBSCRIPTION.exec(scope)?.[1]?.toLowerCase() ?? []);
  if (named.length === 0) return [];
  const own = SUBSCRIPTION.exec(id)?.[1]?.toLowerCase();
  return [...new Set([...(own === undefined ? [] : [own]), ...named])].sort();
}

type Unread = Pick<Extract<Reading, { state: 'unavailable' }>, 'why' | 'nextStep' | 'retryAfterMs'>;

const WHY: Partial<Record<ErrorKind, Unread['why']>> = {
  denied: 'denied',
  throttled: 'throttled',
  'timed-out': 'timed-out',
  invalid: 'unsupported',
};

function unreadBecause(error: unknown): Unread {
  if (!isHeadroomError(error)) throw error;
  const { kind, message, retryAfterMs } = error;
  const what = kind === 'timed-out' ? 'Resource Graph did not answer in time' : message;
  const nextStep = error.nextStep ?? `${what}: it is asked again with the next run`;
  return { why: WHY[kind] ?? 'unreachable', nextStep, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
