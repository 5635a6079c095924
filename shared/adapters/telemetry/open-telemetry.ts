/** A bundle of its own, loaded after the first call was answered. */
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader, type PushMetricExporter } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Measurement } from '../../ports.ts';
import type { Observed } from './late-meter.ts';
import type { TelemetryExport } from './recorder.ts';

/** Seconds. From a memory read to a work item at its time limit. */
const BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

const SCOPE = 'headroom';

/** Exporters beside those of OTLP. */
export type Exporters = { metrics: PushMetricExporter[]; spans: SpanExporter[] };

type Options = {
  otlp: { metrics: boolean; traces: boolean };
  others: Exporters;
  /** What this process is; `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME` come before it. */
  resource: Readonly<Record<string, string>>;
  /** Between two exports of metrics. */
  intervalMs: number;
};

/** Providers of this process alone: nothing is registered globally, and nothing of the process is instrumented. */
export function openTelemetry({ otlp, others, resource: given, intervalMs }: Options): TelemetryExport {
  const resource = resourceOf(given);
  const metricExporters = [...(otlp.metrics ? [new OTLPMetricExporter()] : []), ...others.metrics];
  const spanExporters = [...(otlp.traces ? [new OTLPTraceExporter()] : []), ...others.spans];
  const readers = metricExporters.map(
    (exporter) => new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: intervalMs }),
  );
  const meters = new MeterProvider({ resource, readers });
  const tracers = new BasicTracerProvider({
    resource,
    spanProcessors: spanExporters.map((exporter) => new BatchSpanProcessor(exporter)),
  });
  const meter = meters.getMeter(SCOPE);
  const tracer = tracers.getTracer(SCOPE);
  const instruments = new Map<string, (value: number, attributes: Measurement['attributes']) => void>();

  const instrument = (measurement: Exclude<Measurement, { kind: 'span' }>) => {
    const { kind, name } = measurement;
    const known = instruments.get(name);
    if (known !== undefined) return known;
    const made = make();
    instruments.set(name, made);
    return made;

    function make(): (value: number, attributes: Measurement['attributes']) => void {
      if (kind === 'count') {
        const counter = meter.createCounter(name);
        return (value, attributes) => counter.add(value, attributes);
      }
      if (kind === 'balance') {
        const counter = meter.createUpDownCounter(name);
        return (value, attributes) => counter.add(value, attributes);
      }
      if (kind === 'level') {
        const gauge = meter.createGauge(name);
        return (value, attributes) => gauge.record(value, attributes);
      }
      const advice = { explicitBucketBoundaries: [...(measurement.boundaries ?? BOUNDARIES)] };
      const histogram = meter.createHistogram(name, { unit: measurement.unit, advice });
      return (value, attributes) => histogram.record(value, attributes);
    }
  };

  return {
    take(measurement) {
      if (measurement.kind !== 'span') {
        const value = 'by' in measurement ? measurement.by : measurement.value;
        instrument(measurement)(value, measurement.attributes);
        return;
      }
      const { name, fromMs, toMs, failure, attributes = {} } = measurement;
      const span = tracer.startSpan(name, {
        startTime: new Date(fromMs),
        kind: SpanKind.SERVER,
        attributes: { ...attributes },
      });
      if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
      span.end(new Date(toMs));
    },
    observe({ kind, name, options, callbacks }: Observed) {
      const observable =
        kind === 'counter' ? meter.createObservableCounter(name, options) : meter.createObservableGauge(name, options);
      observable.addCallback((result) => {
        for (const callback of callbacks) callback(result);
      });
    },
    async flush() {
      // Both to their ends: what one still sends when the other has failed would wake with the next call of a lambda.
      const sent = await Promise.allSettled([meters.forceFlush(), tracers.forceFlush()]);
      for (const one of sent) if (one.status === 'rejected') throw one.reason;
    },
  };
}

function resourceOf(given: Readonly<Record<string, string>>): Resource {
  return resourceFromAttributes(given).merge(detectResources({ detectors: [envDetector] }));
}
