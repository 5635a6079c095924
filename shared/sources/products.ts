import { cleanText } from './clean.ts';
import { type Fields, fieldsOf, isFields, listOf } from './read.ts';

/**
 * What a body is by its shape: cheap tests by which sources know their own and can say where a stranger belongs.
 * Nothing here throws, whatever the body is.
 */
export const COMMON_SCHEMA = 'azureMonitorCommonAlertSchema';
const ALARM_STATE_CHANGE = 'CloudWatch Alarm State Change';

export function isAzureCommonAlert(body: unknown): boolean {
  return isFields(body) && body['schemaId'] === COMMON_SCHEMA;
}

/** A webhook of Alertmanager itself; Grafana sends nearly the same shape, with its organisation. */
export function isAlertmanagerWebhook(body: unknown): boolean {
  return isFields(body) && 'alerts' in body && 'groupKey' in body && !('orgId' in body);
}

/** The action that invokes a Lambda function straight from the alarm. */
export function isDirectAlarm(body: unknown): boolean {
  return isFields(body) && 'alarmData' in body;
}

/** A CloudWatch event as EventBridge hands it on. */
export function isEventBridgeAlarm(body: unknown): boolean {
  return isFields(body) && body['detail-type'] === ALARM_STATE_CHANGE;
}

/** What SNS carries for an alarm, out of its envelope: taken out here, or never in one (raw message delivery). */
export function isAlarmMessage(message: unknown): boolean {
  return isFields(message) && 'AlarmName' in message && 'NewStateValue' in message;
}

/** The notifications of an SNS envelope: of a Lambda's `Records`, or the one that SNS posts over HTTP; else none. */
export function snsNotifications(body: unknown): Fields[] {
  if (!isFields(body)) return [];
  if (body['Type'] === 'Notification' && typeof body['Message'] === 'string') return [body];
  return listOf(body['Records']).flatMap((record) => {
    const sns = fieldsOf(record)['Sns'];
    return isFields(sns) ? [sns] : [];
  });
}

/** Looked for as text, so that telling envelopes apart does not parse every message twice. */
export function isSnsAlarm(body: unknown): boolean {
  return snsNotifications(body).some((notification) => {
    const message = notification['Message'];
    return (
      typeof message === 'string' && (message.includes('"AlarmName"') || message.includes(`"${ALARM_STATE_CHANGE}"`))
    );
  });
}

export function isCloudWatchAlarm(body: unknown): boolean {
  return isDirectAlarm(body) || isEventBridgeAlarm(body) || isAlarmMessage(body) || isSnsAlarm(body);
}

/** A body that came to the wrong place: what it is, and the operator's next step. */
export type Product = { name: string; nextStep: string };

/** Null for a body that is like nothing known. */
export function productOf(body: unknown): Product | null {
  if (isAzureCommonAlert(body))
    return { name: 'an Azure Monitor alert', nextStep: 'Send it to POST /api/alerts/azure.' };
  if (isCloudWatchAlarm(body))
    return {
      name: 'a CloudWatch alarm',
      nextStep: 'Send it through SNS to POST /api/alerts/sns, or let the alarm invoke the receive Lambda.',
    };
  if (isAlertmanagerWebhook(body))
    return { name: 'an Alertmanager webhook', nextStep: 'Send it to POST /api/alerts/alertmanager.' };
  return isFields(body) ? relativeOf(body) : null;
}

/** Bodies of a known sender that hold no alert that can be read. */
function relativeOf(body: Fields): Product | null {
  if (typeof body['schemaId'] === 'string')
    return {
      name: `an Azure alert in its own schema (${cleanText(body['schemaId'], 60)})`,
      nextStep: 'Switch on the common alert schema for this receiver in the action group.',
    };
  if (body['Type'] === 'SubscriptionConfirmation' || body['Type'] === 'UnsubscribeConfirmation')
    return {
      name: `an SNS ${body['Type']}`,
      nextStep: 'Send it to POST /api/alerts/sns, which confirms subscriptions of listed topics.',
    };
  if (snsNotifications(body).length > 0)
    return { name: 'an SNS notification without an alarm', nextStep: 'Give alarms a topic of their own.' };
  if (typeof body['detail-type'] === 'string')
    return {
      name: `an EventBridge event of type '${cleanText(body['detail-type'], 60)}'`,
      nextStep: `Limit the rule to the detail-type '${ALARM_STATE_CHANGE}'.`,
    };
  if (Array.isArray(body['alerts']) && 'orgId' in body)
    return { name: 'a Grafana webhook', nextStep: 'Use a contact point of type Alertmanager instead.' };
  return null;
}
