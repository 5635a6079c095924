import { type Outage, sendJson, startServer } from './http-server.ts';

type ReceivedSpan = { name: string; attributes: Record<string, string>; failed: boolean; durationMs: number };

/** One point of a metric: a sum or level, or how many values a distribution has. */
type ReceivedPoint = { name: string; attributes: Record<string, string>; value: number };

export type OtlpServer = {
  /** `http://127.0.0.1:<port>`: for OTEL_EXPORTER_OTLP_ENDPOINT. */
  origin: string;
  spans(): ReceivedSpan[];
  /** The last value of each series. */
  points(): ReceivedPoint[];
  /** Attributes of the process that sent last. */
  resource(): Record<string, string>;
  /** All that came, as it came. */
  raw(): string;
  requests(): number;
  setOutage(outage: Outage): void;
  close(): Promise<void>;
};

/**
 * An OTLP/HTTP receiver of metrics and traces in JSON.
 *
 * @see https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
export async function startOtlpServer(): Promise<OtlpServer> {
  const spans: ReceivedSpan[] = [];
  const points = new Map<string, ReceivedPoint>();
  let resource: Record<string, string> = {};
  let raw = '';

  const server = await startServer(({ url, body, response }) => {
    raw += body;
    const parsed: unknown = JSON.parse(body);
    if (url.pathname === '/v1/traces') for (const span of spansOf(parsed)) spans.push(span);
    else if (url.pathname === '/v1/metrics')
      for (const point of pointsOf(parsed)) points.set(JSON.stringify([point.name, point.attributes]), point);
    else return sendJson(response, 404, {});
    resource = resourceOf(parsed);
    sendJson(response, 200, {});
  });
  const { origin, requests, setOutage, close } = server;
  return {
    origin,
    spans: () => spans,
    points: () => [...points.values()],
    resource: () => resource,
    raw: () => raw,
    requests,
    setOutage,
    close,
  };
}

function spansOf(parsed: unknown): ReceivedSpan[] {
  return list(parsed, 'resourceSpans')
    .flatMap((part) => list(part, 'scopeSpans'))
    .flatMap((part) => list(part, 'spans'))
    .map((span) => ({
      name: String(field(span, 'name')),
      attributes: attributesOf(span),
      failed: field(field(span, 'status'), 'code') === 2,
      durationMs:
        Number(BigInt(String(field(span, 'endTimeUnixNano'))) - BigInt(String(field(span, 'startTimeUnixNano')))) / 1e6,
    }));
}

function pointsOf(parsed: unknown): ReceivedPoint[] {
  const metrics = list(parsed, 'resourceMetrics')
    .flatMap((part) => list(part, 'scopeMetrics'))
    .flatMap((part) => list(part, 'metrics'));
  return metrics.flatMap((metric) =>
    ['sum', 'gauge', 'histogram'].flatMap((kind) =>
      list(field(metric, kind), 'dataPoints').map((point) => ({
        name: String(field(metric, 'name')),
        attributes: attributesOf(point),
        value: Number(field(point, 'count') ?? field(point, 'asDouble') ?? field(point, 'asInt')),
      })),
    ),
  );
}

function resourceOf(parsed: unknown): Record<string, string> {
  const [part] = [...list(parsed, 'resourceSpans'), ...list(parsed, 'resourceMetrics')];
  return attributesOf(field(part, 'resource'));
}

function attributesOf(holder: unknown): Record<string, string> {
  const pairs = list(holder, 'attributes').map((attribute): [string, string] => {
    const value = Object.values(Object(field(attribute, 'value')))[0];
    return [String(field(attribute, 'key')), String(value)];
  });
  return Object.fromEntries(pairs);
}

function list(holder: unknown, name: string): unknown[] {
  const value = field(holder, name);
  return Array.isArray(value) ? value : [];
}

function field(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null ? Reflect.get(holder, name) : undefined;
}
