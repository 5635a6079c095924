import { expect, test } from 'vitest';
import { telemetryTargets } from '../../../../shared/adapters/telemetry/targets.ts';

const OTLP = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
const CONNECTION = 'InstrumentationKey=00000000-0000-0000-0000-000000000000';
const INSIGHTS = { APPLICATIONINSIGHTS_CONNECTION_STRING: CONNECTION };
const BOTH = { metrics: true, traces: true };
const NEITHER = { metrics: false, traces: false };

test.each([
  ['nothing', {}, null],
  ['an empty name', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ', APPLICATIONINSIGHTS_CONNECTION_STRING: '' }, null],
  ['a receiver', OTLP, { otlp: BOTH }],
  [
    'a receiver of metrics',
    { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://127.0.0.1:1' },
    { otlp: { ...NEITHER, metrics: true } },
  ],
  ['a receiver without traces', { ...OTLP, OTEL_TRACES_EXPORTER: 'none' }, { otlp: { ...NEITHER, metrics: true } }],
  ['a receiver, switched off', { ...OTLP, ...INSIGHTS, OTEL_SDK_DISABLED: 'true' }, null],
  [
    'Application Insights',
    INSIGHTS,
    { otlp: NEITHER, applicationInsights: { connectionString: CONNECTION, byIdentity: false } },
  ],
  [
    'Application Insights by identity',
    { ...INSIGHTS, APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=1;Authorization=AAD' },
    { otlp: NEITHER, applicationInsights: { connectionString: CONNECTION, byIdentity: true } },
  ],
])('%s in the environment', (_what, environment, targets) => {
  expect(telemetryTargets(environment)).toEqual(targets);
});
