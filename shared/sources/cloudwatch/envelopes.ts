import type { ParseResult } from '../../model.ts';
import {
  isAlarmMessage,
  isDirectAlarm,
  isEventBridgeAlarm,
  isSnsAlarm,
  productOf,
  snsNotifications,
} from '../products.ts';
import { isFields } from '../read.ts';
import { refuse } from '../refuse.ts';
import type { AlarmChange } from './change.ts';
import { readAlarmMessage } from './sns.ts';
import { readDirectAlarm, readEventBridgeAlarm } from './state-event.ts';

export const PRODUCT = 'a CloudWatch alarm';

type Refusal = Extract<ParseResult, { ok: false }>;

/**
 * The changes in a body: of a direct invocation or an EventBridge event one, of SNS one for each record. One record that
 * is no alarm refuses the whole body, so that what was kept and what was taken never differ. Null for other bodies.
 */
export function readEnvelope(body: unknown): AlarmChange[] | Refusal | null {
  if (isDirectAlarm(body)) return listOfOne(readDirectAlarm(body, PRODUCT));
  if (isEventBridgeAlarm(body)) return listOfOne(readEventBridgeAlarm(body, PRODUCT));
  if (isAlarmMessage(body)) return listOfOne(readAlarmMessage(body, {}, PRODUCT, ''));
  return isSnsAlarm(body) ? readNotifications(body) : null;
}

function listOfOne(read: AlarmChange | Refusal): AlarmChange[] | Refusal {
  return 'ok' in read ? read : [read];
}

function readNotifications(body: unknown): AlarmChange[] | Refusal {
  const inRecords = isFields(body) && Array.isArray(body['Records']);
  const changes: AlarmChange[] = [];
  for (const [index, notification] of snsNotifications(body).entries()) {
    const path = inRecords ? `Records[${index}].Sns.Message` : 'Message';
    const message = parseMessage(notification['Message']);
    if (message === undefined)
      return refuse(
        `The field ${path} should be JSON: this is not ${PRODUCT} as SNS delivers it. Send it unchanged.`,
        path,
      );
    const read = isEventBridgeAlarm(message)
      ? readEventBridgeAlarm(message, PRODUCT, path)
      : isAlarmMessage(message)
        ? readAlarmMessage(message, notification, PRODUCT, path)
        : refuseMessage(message, path);
    if ('ok' in read) return read;
    changes.push(read);
  }
  return changes;
}

function parseMessage(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // The caller says where; the text itself may hold anything.
    return undefined;
  }
}

function refuseMessage(message: unknown, path: string): Refusal {
  const product = productOf(message);
  const what = product === null ? 'holds no CloudWatch alarm' : `holds ${product.name}`;
  return refuse(`The field ${path} ${what}. Give alarms an SNS topic of their own.`, path);
}
