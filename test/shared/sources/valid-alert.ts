import type { Alert, ParseResult, Resource, Signal } from '../../../shared/model.ts';
import { BOUNDS } from '../../../shared/sources/bounds.ts';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const CATEGORIES = [
  'metric',
  'log',
  'activity',
  'service-health',
  'resource-health',
  'smart-detector',
  'prometheus',
  'budget',
  'composite',
  'other',
];

const ALERT_FIELDS = {
  required: [
    'id',
    'instance',
    'source',
    'rule',
    'severity',
    'firedAt',
    'receivedAt',
    'resource',
    'signals',
    'links',
    'custom',
    'category',
    'payload',
    'state',
  ],
  optional: ['ruleId', 'reference', 'description', 'synthetic', 'resolvedAt'],
};

/** Everything about a result that a source must never answer; empty when the result is good. */
export function problemsOf(result: ParseResult): string[] {
  if (!result.ok) {
    return [
      ...textProblems('error', result.error, 600),
      ...(result.error === '' ? ['error: empty'] : []),
      ...(result.path === '' ? [] : textProblems('path', result.path, 300)),
      ...fieldProblems('refusal', result, ['ok', 'error', 'path'], []),
    ];
  }
  // The other senders may repeat an alert within one payload; Azure's alerts differ by their target.
  const ids = result.alerts.flatMap((alert) => (alert.source === 'azure' ? [alert.id] : []));
  return [
    ...(result.alerts.length === 0 ? ['no alert'] : []),
    ...(result.alerts.length > BOUNDS.alerts ? ['too many alerts'] : []),
    ...(new Set(ids).size < ids.length ? ['ids repeat'] : []),
    ...result.alerts.flatMap(alertProblems),
  ];
}

function alertProblems(alert: Alert): string[] {
  return [
    ...fieldProblems('alert', alert, ALERT_FIELDS.required, ALERT_FIELDS.optional),
    ...(JSON.stringify(JSON.parse(JSON.stringify(alert))) === JSON.stringify(alert) ? [] : ['alert: not plain JSON']),
    ...(/^[0-9a-f]{16}$/.test(alert.id) ? [] : [`id: ${alert.id}`]),
    ...textProblems('instance', alert.instance, BOUNDS.idCharacters),
    ...textProblems('rule', alert.rule, BOUNDS.nameCharacters),
    ...(alert.reference === undefined ? [] : textProblems('reference', alert.reference, BOUNDS.idCharacters)),
    ...(alert.ruleId === undefined ? [] : textProblems('ruleId', alert.ruleId, BOUNDS.idCharacters)),
    ...(alert.description === undefined
      ? []
      : textProblems('description', alert.description, BOUNDS.descriptionCharacters, true)),
    ...([0, 1, 2, 3, 4].includes(alert.severity) ? [] : [`severity: ${alert.severity}`]),
    ...timeProblems(alert),
    ...resourceProblems(alert.resource),
    ...(CATEGORIES.includes(alert.category) ? [] : [`category: ${alert.category}`]),
    ...(['azure', 'cloudwatch', 'alertmanager'].includes(alert.source) ? [] : [`source: ${alert.source}`]),
    ...(['fired', 'no-data', 'resolved'].includes(alert.state) ? [] : [`state: ${alert.state}`]),
    ...([undefined, 'test', 'canary'].includes(alert.synthetic) ? [] : [`synthetic: ${alert.synthetic}`]),
    ...(alert.signals.length > BOUNDS.signals ? ['too many signals'] : alert.signals.flatMap(signalProblems)),
    ...linkProblems(alert),
    ...customProblems(alert.custom),
  ];
}

function timeProblems(alert: Alert): string[] {
  const times: [string, string][] = [
    ['firedAt', alert.firedAt],
    ['receivedAt', alert.receivedAt],
  ];
  if (alert.state === 'resolved') times.push(['resolvedAt', alert.resolvedAt]);
  const latest = new Date(Date.parse(alert.receivedAt) + 24 * 60 * 60_000).toISOString();
  return [
    ...times.flatMap(([name, time]) =>
      TIME.test(time) && !Number.isNaN(Date.parse(time)) ? [] : [`${name}: ${time}`],
    ),
    ...times.flatMap(([name, time]) => (time < '2015' || time > latest ? [`${name} implausible: ${time}`] : [])),
    ...(alert.state === 'resolved' && alert.resolvedAt < alert.firedAt ? ['resolved before fired'] : []),
    ...(alert.state !== 'resolved' && 'resolvedAt' in alert ? ['resolvedAt without resolved'] : []),
  ];
}

function resourceProblems(resource: Resource): string[] {
  const shape =
    resource.cloud === 'azure'
      ? /^(?:\/[^/A-Z]+)+$|^azure:/.test(resource.id)
      : resource.cloud === 'aws'
        ? /^arn:|^aws:/.test(resource.id)
        : /^other:/.test(resource.id);
  return [
    ...fieldProblems('resource', resource, ['cloud', 'id', 'name', 'type', 'scope'], ['region']),
    ...(shape ? [] : [`resource.id: ${resource.id}`]),
    ...textProblems('resource.id', resource.id, BOUNDS.idCharacters),
    ...textProblems('resource.name', resource.name, BOUNDS.idCharacters),
    ...textProblems('resource.type', resource.type, BOUNDS.idCharacters),
    ...textProblems('resource.scope', resource.scope, BOUNDS.wordCharacters),
    ...(resource.region === undefined ? [] : textProblems('resource.region', resource.region, 40)),
  ];
}

function signalProblems(signal: Signal): string[] {
  const optional = ['namespace', 'operator', 'threshold', 'value', 'aggregation', 'windowSeconds'];
  const { threshold, value, windowSeconds } = signal;
  return [
    ...fieldProblems('signal', signal, ['metric', 'dimensions'], optional),
    ...textProblems('signal.metric', signal.metric, BOUNDS.metricCharacters),
    ...[signal.namespace, signal.operator, signal.aggregation].flatMap((text) =>
      text === undefined ? [] : textProblems('signal word', text, BOUNDS.wordCharacters),
    ),
    ...[threshold, value].flatMap((number) => (number === undefined || Number.isFinite(number) ? [] : [`${number}`])),
    ...(windowSeconds === undefined || (Number.isFinite(windowSeconds) && windowSeconds > 0) ? [] : ['windowSeconds']),
    ...(Object.keys(signal.dimensions).length > BOUNDS.dimensions ? ['too many dimensions'] : []),
    ...Object.entries(signal.dimensions).flatMap(([name, text]) => [
      ...textProblems('dimension name', name, BOUNDS.dimensionNameCharacters),
      ...textProblems('dimension value', text, BOUNDS.dimensionValueCharacters, true),
    ]),
  ];
}

function linkProblems({ links }: Alert): string[] {
  return [
    ...(links.length > BOUNDS.links ? ['too many links'] : []),
    ...links.flatMap(({ label, url }) => [
      ...textProblems('link label', label, BOUNDS.linkLabelCharacters),
      ...textProblems('link url', url, BOUNDS.urlCharacters),
      ...(/^https:\/\/[^/@]+(?:\/|$)/.test(url) && URL.canParse(url) ? [] : [`link: ${url}`]),
    ]),
  ];
}

function customProblems(custom: Record<string, string>): string[] {
  const most = BOUNDS.customEntries + BOUNDS.factEntries + 2;
  return [
    ...(Object.keys(custom).length > most ? ['too many custom entries'] : []),
    ...(Object.getPrototypeOf(custom) === Object.prototype ? [] : ['custom: foreign prototype']),
    ...Object.entries(custom).flatMap(([name, text]) => [
      ...textProblems('custom name', name, BOUNDS.customNameCharacters),
      ...textProblems('custom value', text, BOUNDS.customValueCharacters, true),
    ]),
  ];
}

function fieldProblems(what: string, value: object, required: string[], optional: string[]): string[] {
  const keys = Object.keys(value);
  return [
    ...required.filter((key) => !keys.includes(key)).map((key) => `${what}: no ${key}`),
    ...keys.filter((key) => !required.includes(key) && !optional.includes(key)).map((key) => `${what}: stray ${key}`),
    ...keys.filter((key) => Reflect.get(value, key) === undefined).map((key) => `${what}: undefined ${key}`),
  ];
}

function textProblems(what: string, text: unknown, most: number, mayBeEmpty = false): string[] {
  if (typeof text !== 'string') return [`${what}: ${typeof text}`];
  return [
    ...(text === '' && !mayBeEmpty ? [`${what}: empty`] : []),
    ...(text.length > most ? [`${what}: ${text.length} characters`] : []),
    ...(UNSAFE.test(text) ? [`${what}: unsafe ${JSON.stringify(text).slice(0, 80)}`] : []),
    ...(text.trim() === text ? [] : [`${what}: not trimmed`]),
  ];
}
