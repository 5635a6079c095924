import { limitFor, limitProfile } from '../limits.ts';
import type { Incident, Note, Resource, Signal, SignalState } from '../model.ts';
import { durationWords, numberWords, percentWords } from './words.ts';

/** What a metric counts, in words; `share` metrics are percentages. */
type MetricWords = { noun: string; share?: boolean };

const REFUSED: MetricWords = { noun: 'requests refused with 429' };

/** @see Azure Monitor supported metrics (Microsoft.KeyVault/vaults, Microsoft.AppConfiguration/configurationStores); CloudWatch metric lists */
const METRICS: ReadonlyMap<string, MetricWords> = new Map([
  ['serviceapihit', { noun: 'requests' }],
  ['serviceapilatency', { noun: 'ms latency' }],
  ['saturationshoebox', { noun: 'of the capacity used', share: true }],
  ['availability', { noun: 'available', share: true }],
  ['throttledhttprequestcount', REFUSED],
  ['httpincomingrequestcount', { noun: 'requests' }],
  ['throttles', { noun: 'throttled calls' }],
  ['throttledrequests', { noun: 'throttled requests' }],
  ['readthrottleevents', { noun: 'throttled reads' }],
  ['writethrottleevents', { noun: 'throttled writes' }],
]);

function wordsOf(signal: Signal): MetricWords {
  const metric = signal.metric.toLowerCase();
  if (metric === 'serviceapiresult') return refuses(signal) ? REFUSED : { noun: 'results' };
  return METRICS.get(metric) ?? { noun: isName(signal.metric) ? signal.metric : "from the alert's query" };
}

/** A metric has a name; log and Prometheus alerts have a query there, which says nothing at a glance. */
function isName(metric: string): boolean {
  return metric.length <= 60 && !/[|(){}[\]=\n]/.test(metric);
}

/** True when a dimension of the signal selects status 429. */
function refuses(signal: Signal): boolean {
  return Object.entries(signal.dimensions).some(
    ([name, value]) => name.toLowerCase().startsWith('statuscode') && /\b429\b/.test(value),
  );
}

function operatorWords(operator: string): string {
  const plain = operator.toLowerCase();
  if (/equal|=/.test(plain) && /greater|>/.test(plain)) return 'at least';
  if (/equal|=/.test(plain) && /less|</.test(plain)) return 'at most';
  if (/greater|>/.test(plain)) return 'above';
  if (/less|</.test(plain)) return 'below';
  return operator;
}

/**
 * What was measured, in words: `412 requests refused with 429 in 5 min`. Metrics without a table entry keep their own
 * name. A missing value or window is left out, not guessed.
 */
function measureWords(signal: Signal): string {
  const { noun, share } = wordsOf(signal);
  const window = signal.windowSeconds === undefined ? '' : ` in ${durationWords(signal.windowSeconds)}`;
  if (signal.value === undefined) return `${noun}${window}`;
  return `${numberWords(signal.value)}${share ? ' %' : ''} ${noun}${window}`;
}

/** The measure with what its alert compares it to: `… (the alert fires above 0)`. */
export function describeSignal(signal: Signal): string {
  if (signal.threshold === undefined) return measureWords(signal);
  const compared = signal.operator === undefined ? 'at' : operatorWords(signal.operator);
  const threshold = `${numberWords(signal.threshold)}${wordsOf(signal).share ? ' %' : ''}`;
  return `${measureWords(signal)} (the alert fires ${compared} ${threshold})`;
}

/** How telling a signal is of throttling: refusals before saturation before volume before the rest. */
function weight(signal: Signal): number {
  const { noun } = wordsOf(signal);
  if (noun.includes('refused') || noun.includes('throttled')) return 3;
  if (signal.metric.toLowerCase() === 'saturationshoebox') return 2;
  return signal.metric.toLowerCase() === 'serviceapihit' ? 1 : 0;
}

type Leading = { state: SignalState; signal: Signal | undefined };

/** The rule and signal that say best what is wrong: still fired ones first, then the most telling, then the most severe. */
export function leadingSignal(incident: Incident): Leading | undefined {
  const pairs = incident.signals.flatMap((state): Leading[] =>
    state.signals.length === 0 ? [{ state, signal: undefined }] : state.signals.map((signal) => ({ state, signal })),
  );
  const rank = (pair: Leading) => [
    pair.state.state === 'fired' ? 0 : 1,
    pair.signal ? -weight(pair.signal) : 1,
    pair.state.severity,
  ];
  return pairs.toSorted((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    for (const [index, value] of left.entries()) {
      const difference = value - (right[index] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  })[0];
}

/**
 * What was seen, before a cause is known: the measure of a metric; of a query, which says little by itself, the rule and
 * what it found; of an event, the rule and what the alert says.
 */
export function seenWords(incident: Incident): string {
  const leading = leadingSignal(incident);
  if (!leading || leading.state.state === 'no-data') return troubleWords(incident);
  const { signal, state } = leading;
  if (!signal || (signal.value === undefined && weight(signal) < 3))
    return state.description ? `${state.rule}. ${state.description}` : state.rule;
  return isName(signal.metric) ? measureWords(signal) : `${state.rule}, ${measureWords(signal)}`;
}

/** What is wrong, before a cause is known, for a title: `requests refused with 429`, or the alert rule's name. */
export function troubleWords(incident: Incident): string {
  const leading = leadingSignal(incident);
  if (!leading) return `${incident.family} alert`;
  if (leading.state.state === 'no-data') return `no data for alert rule ${leading.state.rule}`;
  if (leading.signal && weight(leading.signal) === 3) return wordsOf(leading.signal).noun;
  return leading.state.rule;
}

/** What a rule's threshold means beside the limit, when authors often mean something else by it. */
export function explainThresholds(incident: Incident): Note[] {
  const signals = incident.signals.flatMap((state) => state.signals);
  const hits = signals.find((signal) => signal.metric.toLowerCase() === 'serviceapihit');
  const refusals = signals.find((signal) => weight(signal) === 3);
  const notes: Note[] = [];
  if (hits?.threshold !== undefined && hits.threshold > 0) {
    const meaning = volumeWords(incident.resource, hits.threshold, hits.windowSeconds ?? 60);
    if (meaning !== undefined) notes.push({ text: meaning });
  }
  if (refusals?.threshold === 0 && incident.diagnosedAt === undefined)
    notes.push({ text: 'The rule on refused requests fires on a single one.' });
  return notes;
}

function volumeWords(resource: Resource, requests: number, windowSeconds: number): string | undefined {
  const published = limitProfile('published');
  const limit = published && limitFor(published, resource, 'secret');
  if (!limit) return undefined;
  const perSecond = requests / windowSeconds;
  const share = perSecond / (limit.max / limit.windowSeconds);
  return (
    `The rule on ${numberWords(requests)} requests in ${durationWords(windowSeconds)} means ` +
    `${numberWords(perSecond)} requests a second, ${percentWords(share)} of the published limit of ` +
    `${numberWords(limit.max)} in ${limit.windowSeconds} s: by itself it is no sign of throttling.`
  );
}
