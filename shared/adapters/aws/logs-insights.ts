import type { Reading, Resource } from '../../model.ts';
import type { Clock, EvidenceReader } from '../../ports.ts';
import type { CallLimits } from './calls.ts';
import type { AskLogs } from './logs-insights-client.ts';
import type { AwsCredentials } from './taken-role.ts';
import { unreadBecause } from './unread.ts';

/**
 * What the role of this process needs. Results cannot be told apart by log group, and which groups are asked is said in the
 * settings, after the role was made: narrow `logs:StartQuery` to them where you can.
 */
export const permissions = {
  iam: [{ actions: ['logs:StartQuery', 'logs:GetQueryResults', 'logs:StopQuery'], resources: ['*'] }],
} as const;

const STORE = 'logs-insights';

/** Starting a query, and each look at it; the query itself may take longer. */
const LIMITS: CallLimits = { tryMs: 4_000, budgetMs: 12_000 };

/** A range that is longer is not evidence of an incident, and is paid by the byte. */
const LONGEST_MS = 6 * 3_600_000;

/**
 * CloudWatch Logs Insights as a store: the log groups that the settings name for a resource (`resources.<id>.logGroups`). One
 * query after the other, since an account runs few at once. What goes wrong is an `unavailable` reading.
 *
 * @param options.endpoint in place of AWS's own
 */
export function createLogsInsights(options: {
  resources: Readonly<Record<string, { logGroups?: readonly string[] }>>;
  endpoint: string | undefined;
  clock: Clock;
  limits?: CallLimits;
  credentials?: AwsCredentials | undefined;
}): EvidenceReader {
  const { resources, endpoint, clock, limits = LIMITS, credentials } = options;
  const groups = new Map(Object.entries(resources).map(([id, { logGroups }]) => [id.toLowerCase(), logGroups ?? []]));
  const opened = new Map<string, Promise<AskLogs>>();
  const groupsOf = ({ cloud, id }: Resource): readonly string[] =>
    cloud === 'aws' ? (groups.get(id.toLowerCase()) ?? []) : [];

  function askerFor(region: string | undefined): Promise<AskLogs> {
    const known = opened.get(region ?? '');
    if (known) return known;
    const opening = import('./logs-insights-client.ts').then(({ openLogs }) =>
      openLogs({ endpoint, region, limits, clock, credentials }),
    );
    opened.set(region ?? '', opening);
    return opening;
  }

  return {
    store: STORE,
    language: 'logs-insights',
    covers: (resource) => groupsOf(resource).length > 0,
    async read({ resource, from, to, window, query }, signal) {
      const toMs = Date.parse(to);
      const fromMs = Math.max(Date.parse(from), toMs - LONGEST_MS);
      const readings: Reading[] = [];
      for (const { kind, text, window: own = window } of query.statements) {
        const ask = await askerFor(resource.region);
        const question = { logGroups: groupsOf(resource), text, fromMs, toMs };
        const found = await ask(question, signal).catch((error: unknown) => unreadBecause(error, 'CloudWatch Logs'));
        const readAt = new Date(clock.now()).toISOString();
        const head = { kind, store: STORE, window: own, readAt };
        readings.push(
          'why' in found
            ? { ...head, state: 'unavailable', ...found }
            : { ...head, state: 'read', ...found, completeness: null },
        );
      }
      return readings;
    },
  };
}
