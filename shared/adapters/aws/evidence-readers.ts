import type { Clock, EvidenceReader, Random } from '../../ports.ts';
import { createCloudWatchMetrics } from './cloudwatch-metrics.ts';
import { createLogsInsights } from './logs-insights.ts';

/** The part of the configuration that says which stores of AWS hold evidence. */
export type AwsEvidenceChoices = {
  settings: { resources: Readonly<Record<string, { logGroups?: readonly string[] }>> };
  /** Base URLs in place of the services' own. */
  endpoints: { CLOUDWATCH?: string | undefined; CLOUDWATCH_LOGS?: string | undefined };
};

export type AwsEvidenceReach = { clock: Clock; random: Random };

/** Every store of AWS that evidence is read from, one line each. Nothing is loaded or asked yet. */
export function awsReaders({ settings, endpoints }: AwsEvidenceChoices, { clock }: AwsEvidenceReach): EvidenceReader[] {
  return [
    createCloudWatchMetrics({ endpoint: endpoints.CLOUDWATCH, clock }),
    createLogsInsights({ resources: settings.resources, endpoint: endpoints.CLOUDWATCH_LOGS, clock }),
  ];
}
