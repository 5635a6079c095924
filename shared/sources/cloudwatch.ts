import type { Alert, ParseResult, Source, Time } from '../model.ts';
import { buildAlert } from './alert.ts';
import { BOUNDS } from './bounds.ts';
import { cleanText } from './clean.ts';
import type { AlarmChange } from './cloudwatch/change.ts';
import { consoleLink } from './cloudwatch/console-link.ts';
import { describedBy } from './cloudwatch/described.ts';
import { PRODUCT, readEnvelope } from './cloudwatch/envelopes.ts';
import { compositeSignals, metricSignals, readQuery } from './cloudwatch/signals.ts';
import { watchedResources } from './cloudwatch/watched-resource.ts';
import { hashOf } from './identity.ts';
import { customLinks, keepLinks } from './links.ts';
import { isCloudWatchAlarm } from './products.ts';
import { parseArn, resourcesOf, ruleName, ruleResource } from './resource.ts';
import { DEFAULT_SEVERITY } from './severity.ts';
import { refuseStranger } from './stranger.ts';
import { type Moment, normaliseTime, plausibleTime } from './time.ts';

const STATES = { ALARM: 'fired', OK: 'resolved', INSUFFICIENT_DATA: 'no-data' } as const;

/** CloudWatch alarms by direct Lambda invocation, SNS (Lambda records or HTTP) or EventBridge: one alert per change. */
export const cloudwatch: Source = {
  name: 'cloudwatch',
  recognises: isCloudWatchAlarm,
  parse(body: unknown, receivedAt: Time): ParseResult {
    const changes = readEnvelope(body);
    if (changes === null) return refuseStranger(body, PRODUCT, '');
    if (!Array.isArray(changes)) return changes;
    if (changes.length > BOUNDS.alerts)
      return {
        ok: false,
        error: `The field Records should be at most ${BOUNDS.alerts} long. Send the notifications in smaller batches.`,
        path: 'Records',
      };
    return { ok: true, alerts: changes.map((change) => alertOf(change, receivedAt)) };
  },
};

function alertOf(change: AlarmChange, receivedAt: Time): Alert {
  const arn = cleanText(change.arn, BOUNDS.idCharacters);
  const alarm = parseArn(arn);
  const rule = ruleName(change.name, alarm?.name, arn);
  const { custom, resource: claimed } = describedBy(change);
  const isComposite = change.alarmRule !== undefined;
  const queries = change.metrics.map(readQuery);
  const alarmOrRule = alarm ?? ruleResource('aws', change.accountId, rule);
  const [resource] = resourcesOf({
    dimensions: watchedResources(queries, alarm),
    targets: [],
    custom: claimed,
    rule: () => alarmOrRule,
  });
  const instance = arn === '' ? alarmOrRule.id : arn;
  const state = STATES[change.state];
  const times = timesOf(change, receivedAt);
  // Not the fallback: a redelivery is received at another time, and has to have the same id.
  const moment = normaliseTime(change.stateTimestamp) ?? normaliseTime(change.envelopeTimestamp) ?? '';
  return buildAlert({
    id: hashOf(['cloudwatch', instance, change.state, moment]),
    instance,
    source: 'cloudwatch',
    category: isComposite ? 'composite' : 'metric',
    rule,
    ruleId: arn,
    reference: alarm?.type === 'AWS::CloudWatch::Alarm' ? arn : undefined,
    severity: DEFAULT_SEVERITY,
    state,
    firedAt: times.fired.at,
    resolvedAt: state === 'resolved' ? times.changed.at : undefined,
    receivedAt,
    resource,
    description: change.description ?? change.reason,
    signals: isComposite ? compositeSignals(change) : metricSignals(change, queries),
    links: keepLinks([['CloudWatch alarm', consoleLink(alarm)], ...customLinks(custom)]),
    custom,
    timeNotes: [times.changed.note],
  });
}

/** When the state changed, and since when the alarm had been on when it went off (SNS does not tell: the same). */
function timesOf(change: AlarmChange, receivedAt: Time): { changed: Moment; fired: Moment } {
  const envelope = plausibleTime(change.envelopeTimestamp, 'time', receivedAt);
  const changed = plausibleTime(change.stateTimestamp, 'state timestamp', receivedAt, envelope.at);
  if (change.state !== 'OK' || change.previousState !== 'ALARM') return { changed, fired: changed };
  const began = plausibleTime(change.previousTimestamp, 'previous timestamp', receivedAt, changed.at);
  return { changed, fired: began.at < changed.at ? began : changed };
}
