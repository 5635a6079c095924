import * as z from 'zod/mini';
import type { Alert, Link, ParseResult, Source, Time } from '../model.ts';
import { buildAlert } from './alert.ts';
import { BOUNDS } from './bounds.ts';
import { type Custom, customOf, resourceProperty } from './custom.ts';
import { pairsOf, resourcesIn } from './dimensions.ts';
import { hashOf } from './identity.ts';
import { customLinks, keepLinks } from './links.ts';
import { isAlertmanagerWebhook } from './products.ts';
import { numberOf, textOf } from './read.ts';
import { refuseIssues } from './refuse.ts';
import { resourcesOf, ruleName, ruleResource } from './resource.ts';
import { DEFAULT_SEVERITY, wordedSeverity } from './severity.ts';
import { readSignal } from './signal.ts';
import { refuseStranger } from './stranger.ts';
import { normaliseTime, plausibleTime } from './time.ts';

const PRODUCT = 'an Alertmanager webhook of version 4';

const text = z.nullish(z.string());
const texts = z.record(z.string(), z.string());
const loose = z.optional(z.unknown());

/** @see https://prometheus.io/docs/alerting/latest/configuration/#webhook_config (read 2026-11-20) */
const Webhook = z.object({
  version: z.literal('4'),
  truncatedAlerts: loose,
  externalURL: loose,
  alerts: z
    .array(
      z.object({
        status: z.enum(['firing', 'resolved']),
        labels: texts,
        annotations: z.nullish(texts),
        startsAt: loose,
        endsAt: loose,
        generatorURL: loose,
        fingerprint: text,
      }),
    )
    .check(z.minLength(1), z.maxLength(BOUNDS.alerts)),
});

type Webhook = z.infer<typeof Webhook>;
type Item = Webhook['alerts'][number];

/** Labels that say which alert it is and how it is to be treated, not what was measured. */
const NO_DIMENSION = /^(?:alertname|severity|headroom_.*)$/;

/** Prometheus Alertmanager's webhook: one alert per alert of the group; those it cut off are counted in words. */
export const alertmanager: Source = {
  name: 'alertmanager',
  recognises: isAlertmanagerWebhook,
  parse(body: unknown, receivedAt: Time): ParseResult {
    if (!isAlertmanagerWebhook(body)) return refuseStranger(body, PRODUCT, 'groupKey');
    const checked = Webhook.safeParse(body);
    if (!checked.success) return refuseIssues(PRODUCT, checked.error);
    return { ok: true, alerts: checked.data.alerts.map((item) => alertOf(item, checked.data, receivedAt)) };
  },
};

function alertOf(item: Item, webhook: Webhook, receivedAt: Time): Alert {
  const { labels } = item;
  const annotations = item.annotations ?? {};
  // Added after the bound, so that many labels cannot crowd the note out.
  const custom = { ...customOf(annotations, labels), ...truncation(webhook.truncatedAlerts) };
  const rule = ruleName(labels['alertname']);
  const pairs = pairsOf(labels);
  const [resource] = resourcesOf({
    dimensions: resourcesIn(pairs),
    targets: [],
    custom: resourceProperty(annotations, labels),
    rule: () => ruleResource('other', labels['cluster'], rule),
  });
  const fired = plausibleTime(item.startsAt, 'startsAt', receivedAt);
  const isResolved = item.status === 'resolved';
  const resolved = isResolved ? plausibleTime(item.endsAt, 'endsAt', receivedAt) : undefined;
  const instance = hashOf(['alertmanager', fingerprintOf(item), momentOf(item.startsAt)]);
  return buildAlert({
    id: hashOf([instance, item.status, isResolved ? momentOf(item.endsAt) : '']),
    instance,
    source: 'alertmanager',
    category: 'prometheus',
    rule,
    severity: wordedSeverity(labels['severity']) ?? DEFAULT_SEVERITY,
    state: isResolved ? 'resolved' : 'fired',
    firedAt: fired.at,
    resolvedAt: resolved?.at,
    receivedAt,
    resource,
    description: annotations['summary'] ?? annotations['description'] ?? annotations['message'],
    signals: [
      readSignal({
        metric: expressionOf(item.generatorURL) ?? rule,
        value: numberOf(annotations['value']),
        dimensions: pairs.filter(([name]) => !NO_DIMENSION.test(name)),
      }),
    ],
    links: linksOf(item, webhook, annotations),
    custom,
    timeNotes: [fired.note, resolved?.note],
  });
}

/** Alertmanager's own fingerprint, or, before it was sent, the labels that it is made of. */
function fingerprintOf({ fingerprint, labels }: Item): string {
  return fingerprint || JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The same for every spelling of one time, so that two Alertmanagers of one cluster give one id. */
function momentOf(value: unknown): string {
  return normaliseTime(value) ?? (typeof value === 'string' ? value : '');
}

function truncation(count: unknown): Custom {
  const cutOff = numberOf(count) ?? 0;
  return cutOff > 0 ? { headroom_truncated: `${cutOff} more alerts of this group were cut off by max_alerts` } : {};
}

/** The rule's expression: Prometheus writes it into the link to its graph. */
function expressionOf(generatorUrl: unknown): string | undefined {
  if (typeof generatorUrl !== 'string' || generatorUrl.length > BOUNDS.urlCharacters) return undefined;
  return textOf(URL.parse(generatorUrl)?.searchParams.get('g0.expr'), BOUNDS.metricCharacters);
}

function linksOf(item: Item, webhook: Webhook, annotations: Readonly<Record<string, string>>): Link[] {
  return keepLinks([
    ...customLinks(annotations),
    ['Prometheus graph', item.generatorURL],
    ['Alertmanager', webhook.externalURL],
  ]);
}
