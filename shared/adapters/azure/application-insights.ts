/** A bundle of its own, loaded after the first call was answered, where Application Insights is named. */
import type { HttpClient } from '@azure/core-rest-pipeline';
import { AzureMonitorMetricExporter, AzureMonitorTraceExporter } from '@azure/monitor-opentelemetry-exporter';
import type { TokenCredential } from '../../secrets/token.ts';
import type { Exporters } from '../telemetry/open-telemetry.ts';

/**
 * Metrics and spans to Application Insights. Nothing is written to disk, and nothing about this exporter is told to Microsoft:
 * the build leaves out its remote settings, and its statistics about itself are switched off.
 */
export function openApplicationInsights(options: {
  connectionString: string;
  /** Absent: the key in the connection string is enough. */
  credential: TokenCredential | undefined;
  httpClient?: HttpClient;
}): Exporters {
  const { credential, ...passed } = options;
  for (const name of ['APPLICATION_INSIGHTS_NO_STATSBEAT', 'APPLICATIONINSIGHTS_SDKSTATS_DISABLED'])
    process.env[name] ??= 'true';
  const given = { ...passed, disableOfflineStorage: true, ...(credential === undefined ? {} : { credential }) };
  return { metrics: [new AzureMonitorMetricExporter(given)], spans: [new AzureMonitorTraceExporter(given)] };
}
