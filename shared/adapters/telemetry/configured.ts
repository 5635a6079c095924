import type { Log } from '../../ports.ts';
import type { TokenCredential } from '../../secrets/token.ts';
import { createRecorder, type Recorder, SILENT } from './recorder.ts';
import { telemetryTargets } from './targets.ts';

type Environment = Readonly<Record<string, string | undefined>>;

type Options = {
  environment: Environment;
  /** What this process is, in OpenTelemetry's names: `cloud.provider`, `faas.name`, … */
  resource: Readonly<Record<string, string>>;
  /** Asked for where Application Insights is to know callers by identity; absent: Application Insights is not sent to. */
  credential?: () => TokenCredential;
  /** Epoch milliseconds. */
  now: () => number;
  log: Log;
};

/** @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#periodic-exporting-metricreader */
const DEFAULT_INTERVAL_MS = 60_000;
const LEAST_INTERVAL_MS = 1_000;

const NO_EXPORTERS = { metrics: [], spans: [] };

/** The telemetry that the environment asks for by OpenTelemetry's own names; silent where it asks for none. */
export function configuredTelemetry({ environment, resource, credential, now, log }: Options): Recorder {
  const targets = telemetryTargets(environment);
  if (targets === null) return SILENT;
  const { otlp, applicationInsights } = targets;
  const insights = credential === undefined ? undefined : applicationInsights;
  if (insights === undefined && !otlp.metrics && !otlp.traces) return SILENT;

  const loadInsights = async () => {
    if (insights === undefined) return NO_EXPORTERS;
    const { openApplicationInsights } = await import('../azure/application-insights.ts');
    const { connectionString, byIdentity } = insights;
    return openApplicationInsights({ connectionString, credential: byIdentity ? credential?.() : undefined });
  };
  const load = async () => {
    const [{ openTelemetry }, others] = await Promise.all([import('./open-telemetry.ts'), loadInsights()]);
    return openTelemetry({
      otlp,
      others,
      resource,
      intervalMs: intervalOf(environment['OTEL_METRIC_EXPORT_INTERVAL']),
    });
  };
  return createRecorder({ load, now, log });
}

function intervalOf(text: string | undefined): number {
  const ms = Number(text?.trim() || DEFAULT_INTERVAL_MS);
  return Number.isFinite(ms) ? Math.max(LEAST_INTERVAL_MS, ms) : DEFAULT_INTERVAL_MS;
}
