type Environment = Readonly<Record<string, string | undefined>>;

/** Where telemetry goes, by the names that OpenTelemetry and Application Insights gave to their settings. */
export type TelemetryTargets = {
  /** An OTLP receiver, whose exporters read the rest of `OTEL_EXPORTER_OTLP_*` themselves. */
  otlp: { metrics: boolean; traces: boolean };
  applicationInsights?: {
    connectionString: string;
    /** Shows who it is with the identity of the process; else the key in the connection string is enough. */
    byIdentity: boolean;
  };
};

/**
 * What the environment asks for; null where it asks for nothing, or switches telemetry off.
 *
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 * @see https://learn.microsoft.com/azure/azure-functions/functions-app-settings#applicationinsights_authentication_string
 */
export function telemetryTargets(environment: Environment): TelemetryTargets | null {
  if (environment['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return null;
  const sends = (signal: 'METRICS' | 'TRACES'): boolean => {
    if (environment[`OTEL_${signal}_EXPORTER`]?.toLowerCase() === 'none') return false;
    return (
      isSet(environment['OTEL_EXPORTER_OTLP_ENDPOINT']) || isSet(environment[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`])
    );
  };
  const otlp = { metrics: sends('METRICS'), traces: sends('TRACES') };
  const connectionString = environment['APPLICATIONINSIGHTS_CONNECTION_STRING'];
  if (!isSet(connectionString)) return otlp.metrics || otlp.traces ? { otlp } : null;
  const byIdentity = /\bAuthorization=AAD\b/i.test(environment['APPLICATIONINSIGHTS_AUTHENTICATION_STRING'] ?? '');
  return { otlp, applicationInsights: { connectionString, byIdentity } };
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== '';
}
