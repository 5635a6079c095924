import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { QueueMessage } from '../../model.ts';
import { encodeMessage } from '../bounds.ts';

/** Characters that JSON leaves as they are and SQS refuses. */
const REFUSED = /[\ufffe\uffff]/g;

/** The message as the body of one of SQS. @throws HeadroomError `invalid` or `too-large` (above 48 KiB) */
export function bodyOf(message: QueueMessage): string {
  return sendable(encodeMessage(message));
}

/** A message of the work queue: its fields are checked by whoever works on it. Null for what is no JSON object. */
export function messageIn(body: string | undefined): QueueMessage | null {
  try {
    const value: unknown = JSON.parse(body ?? '');
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is QueueMessage {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Any text, as an attribute: SQS takes neither an empty one nor control characters. */
export function textAttribute(text: string): MessageAttributeValue {
  return { DataType: 'String', StringValue: sendable(JSON.stringify(text)) };
}

export function numberAttribute(value: number): MessageAttributeValue {
  return { DataType: 'Number', StringValue: String(value) };
}

/** What `textAttribute` was given; undefined where there is none. */
export function textIn(message: Message, name: string): string | undefined {
  const json = attributeOf(message, name);
  return json === undefined ? undefined : String(JSON.parse(json));
}

/** What `numberAttribute` was given; 0 where there is none. */
export function numberIn(message: Message, name: string): number {
  return Number(attributeOf(message, name) ?? 0);
}

export function attributeOf(message: Message, name: string): string | undefined {
  return message.MessageAttributes?.[name]?.StringValue;
}

/** SQS counts in whole seconds. */
export function seconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}

function sendable(json: string): string {
  return json.replace(REFUSED, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}
