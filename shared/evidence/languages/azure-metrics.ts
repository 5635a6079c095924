import type { Signal, Time, Window } from '../../model.ts';
import type { ComposedQuery } from '../../ports.ts';
import type { AzureMetrics, EvidenceKind } from '../kind.ts';
import type { ComposeRequest } from './compose.ts';

const DAY_MS = 86_400_000;

/** How much earlier each window lies; what comes before an onset is not known to a store that is asked for it. */
const EARLIER_MS: Partial<Record<Window, number>> = { incident: 0, 'day-before': DAY_MS, 'week-before': 7 * DAY_MS };

/** Metrics of one alert: its conditions, of which Azure allows five. */
const SIGNALS_MAX = 5;

/**
 * Names that may stand in a request: the list of metrics is divided by commas, and a dimension stands unquoted in a filter.
 * A payload that says another is not asked about.
 */
const METRIC = /^[\p{L}\p{N}_.:/%()#-][\p{L}\p{N} _.:/%()#-]{0,119}$/u;
const DIMENSION = /^[A-Za-z][\w.-]{0,63}$/;
const NAMESPACE = /^[a-z0-9.]{1,60}(?:\/[a-z0-9]{1,60}){1,3}$/;

/** One metric of one request, as the reader passes it on. */
type Asked = { name: string; aggregation: string; splitBy?: string; filter?: string };

/**
 * Requests to the metrics API, each as JSON: whose metrics, which, and of what time. The API knows no query text but the
 * filter, in which a value is quoted.
 */
export function composeAzureMetrics(kinds: readonly EvidenceKind[], request: ComposeRequest): ComposedQuery {
  const type = request.resource.type.toLowerCase();
  if (!NAMESPACE.test(type)) return { setup: [], statements: [], parameters: {} };
  const statements = kinds.flatMap(({ kind, baseline, azureMetrics }) => {
    const asked = azureMetrics === undefined ? null : askedOf(azureMetrics, type, request.signals ?? []);
    if (asked === null) return [];
    return windowsOf(baseline, request).map(({ window, from, to }) => ({
      kind,
      window,
      text: JSON.stringify({ ...asked, namespace: type, from, to }),
    }));
  });
  return { setup: [], statements, parameters: {} };
}

function askedOf(
  asked: AzureMetrics | 'signals',
  type: string,
  signals: readonly Signal[],
): { of: AzureMetrics['of']; metrics: Asked[] } | null {
  const metrics =
    asked === 'signals'
      ? signals.flatMap((signal) => metricOf(signal, type)).slice(0, SIGNALS_MAX)
      : asked.namespace === type
        ? asked.metrics.map(named)
        : [];
  return metrics.length === 0 ? null : { of: asked === 'signals' ? 'resource' : asked.of, metrics };
}

function named({ name, aggregation, splitBy }: AzureMetrics['metrics'][number]): Asked {
  return {
    name,
    aggregation,
    ...(splitBy === undefined ? {} : { splitBy, filter: `${splitBy} eq '*'` }),
  };
}

/** What an alert measures, if these are metrics of the resource itself; whose it is stands among the dimensions as well. */
function metricOf({ metric, namespace, aggregation, dimensions }: Signal, type: string): Asked[] {
  const selected = Object.entries(dimensions).filter(([name]) => !/resourceid$/i.test(name));
  const isOurs = namespace?.toLowerCase() === type && METRIC.test(metric) && AGGREGATION.test(aggregation ?? '');
  if (!isOurs || selected.some(([name]) => !DIMENSION.test(name))) return [];
  const filter = selected.map(([name, value]) => `${name} eq ${quoted(value)}`).join(' and ');
  return [{ name: metric, aggregation: (aggregation ?? '').toLowerCase(), ...(filter === '' ? {} : { filter }) }];
}

const AGGREGATION = /^(?:average|minimum|maximum|total|count)$/i;

/** A string of a filter, in which a quote is written twice. */
function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

const WINDOWS: readonly Window[] = ['incident', 'day-before', 'week-before'];

function windowsOf(baseline: boolean, request: ComposeRequest): { window: Window; from: Time; to: Time }[] {
  const windows = baseline ? WINDOWS.filter((each) => request.windows?.includes(each) ?? true) : WINDOWS.slice(0, 1);
  return windows.map((window) => ({
    window,
    from: earlier(request.from, window),
    to: earlier(request.to, window),
  }));
}

function earlier(time: Time, window: Window): Time {
  return new Date(Date.parse(time) - (EARLIER_MS[window] ?? 0)).toISOString();
}
