import type { Clock, EvidenceReader, Random } from '../../ports.ts';
import { createCloudWatchMetrics } from './cloudwatch-metrics.ts';
import { createLogsInsights } from './logs-insights.ts';
import type { AwsCredentials } from './taken-role.ts';
import type { WatchedAccounts } from './watched-accounts.ts';

/** The part of the configuration that says which stores of AWS hold evidence. */
export type AwsEvidenceChoices = {
  settings: { resources: Readonly<Record<string, { logGroups?: readonly string[] }>> };
  /** Base URLs in place of the services' own. */
  endpoints: { CLOUDWATCH?: string | undefined; CLOUDWATCH_LOGS?: string | undefined };
};

export type AwsEvidenceReach = { clock: Clock; random: Random };

/**
 * Every store of AWS that evidence is read from, one line each, for this account and for each watched one with the role there.
 * Nothing is loaded or asked yet.
 */
export function awsReaders(
  { settings, endpoints }: AwsEvidenceChoices,
  { clock }: AwsEvidenceReach,
  watched: WatchedAccounts = new Map(),
): EvidenceReader[] {
  const readers = (credentials?: AwsCredentials): EvidenceReader[] => [
    createCloudWatchMetrics({ endpoint: endpoints.CLOUDWATCH, clock, credentials }),
    createLogsInsights({ resources: settings.resources, endpoint: endpoints.CLOUDWATCH_LOGS, clock, credentials }),
  ];
  const own = readers().map((reader) => only(reader, ({ scope }) => !watched.has(scope)));
  const others = [...watched].flatMap(([account, credentials]) =>
    readers(credentials).map((reader) => only(reader, ({ scope }) => scope === account)),
  );
  return [...own, ...others];
}

function only(reader: EvidenceReader, isTheirs: EvidenceReader['covers']): EvidenceReader {
  return { ...reader, covers: (resource) => isTheirs(resource) && reader.covers(resource) };
}
