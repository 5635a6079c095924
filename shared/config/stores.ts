import { bad, baseUrl, good, type Parse, type Parsed } from './values.ts';

/** Where records, queue and payloads live. Which of these are built is the composition root's to say. */
export type RecordsChoice =
  | { kind: 'sqlite' }
  | { kind: 'memory' }
  | { kind: 'table'; url: string }
  | { kind: 'dynamodb'; table: string };
export type QueueChoice =
  | { kind: 'sqlite' }
  | { kind: 'memory' }
  | { kind: 'storage'; url: string }
  | { kind: 'sqs'; url: string };
export type PayloadsChoice =
  | { kind: 'file' }
  | { kind: 'memory' }
  | { kind: 'blob'; url: string }
  | { kind: 's3'; bucket: string };

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html */
const DYNAMODB_TABLE = /^[A-Za-z0-9_.-]{3,255}$/;
/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const S3_BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

export const records: Parse<RecordsChoice> = (value) => {
  const { kind, target } = split(value);
  if (target === undefined && (kind === 'sqlite' || kind === 'memory')) return good({ kind });
  if (target !== undefined && kind === 'table') return map(baseUrl(target), (url) => ({ kind, url }));
  if (target !== undefined && kind === 'dynamodb')
    return map(named(target, DYNAMODB_TABLE, 'DynamoDB table'), (table) => ({ kind, table }));
  return unknownKind('sqlite, memory, table:<url>, dynamodb:<table>');
};

export const queue: Parse<QueueChoice> = (value) => {
  const { kind, target } = split(value);
  if (target === undefined && (kind === 'sqlite' || kind === 'memory')) return good({ kind });
  if (target !== undefined && (kind === 'storage' || kind === 'sqs'))
    return map(baseUrl(target), (url) => ({ kind, url }));
  return unknownKind('sqlite, memory, storage:<url>, sqs:<url>');
};

export const payloads: Parse<PayloadsChoice> = (value) => {
  const { kind, target } = split(value);
  if (target === undefined && (kind === 'file' || kind === 'memory')) return good({ kind });
  if (target !== undefined && kind === 'blob') return map(baseUrl(target), (url) => ({ kind, url }));
  if (target !== undefined && kind === 's3')
    return map(named(target, S3_BUCKET, 'S3 bucket'), (bucket) => ({ kind, bucket }));
  return unknownKind('file, memory, blob:<url>, s3:<bucket>');
};

function split(value: string): { kind: string; target: string | undefined } {
  const colon = value.indexOf(':');
  return colon < 0
    ? { kind: value, target: undefined }
    : { kind: value.slice(0, colon), target: value.slice(colon + 1) };
}

function named(target: string, rule: RegExp, what: string): Parsed<string> {
  return rule.test(target) ? good(target) : bad(`is not the name of a ${what}`, 'Give the name alone, without ARN.');
}

function unknownKind(kinds: string): Parsed<never> {
  return bad(`is none of ${kinds}`, 'Choose one of them; what stands in <…> follows the colon.');
}

function map<A, B>(parsed: Parsed<A>, change: (value: A) => B): Parsed<B> {
  return parsed.ok ? good(change(parsed.value)) : parsed;
}
