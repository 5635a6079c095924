import { describe, expect, test } from 'vitest';
import { awsFailure } from '../../../../shared/adapters/aws/failure.ts';
import { HeadroomError } from '../../../../shared/errors.ts';

const NOW_MS = Date.parse('2026-11-20T14:00:00.000Z');

/** An error as the clients throw it. */
function thrown(name: string, status?: number, headers: Record<string, string> = {}): Error {
  const error = new Error('User: arn:aws:iam::111122223333:user/secret is not authorized');
  const $metadata = status === undefined ? {} : { httpStatusCode: status };
  return Object.assign(error, { name, $metadata, $response: { headers, body: 'a secret body' } });
}

function network(code: string): Error {
  return Object.assign(new Error('connect 10.0.0.1'), { code });
}

describe('a failed call', () => {
  test.each<[string, Error, string]>([
    ['a throttled one', thrown('ThrottlingException', 400), 'throttled'],
    ['a table over its rate', thrown('ProvisionedThroughputExceededException', 400), 'throttled'],
    ['a bucket over its rate', thrown('SlowDown', 503), 'throttled'],
    ['keys over their rate', thrown('KmsThrottled', 400), 'throttled'],
    ['429', thrown('Unheard', 429), 'throttled'],
    ['a missing permission', thrown('AccessDeniedException', 400), 'denied'],
    ['an unknown key', thrown('UnrecognizedClientException', 400), 'denied'],
    ['a token that is over', thrown('ExpiredTokenException', 400), 'denied'],
    ['no credentials at all', thrown('CredentialsProviderError'), 'denied'],
    ['a key of KMS that is closed to us', thrown('KmsAccessDenied', 400), 'denied'],
    ['403 of a proxy', thrown('Unheard', 403), 'denied'],
    ['no table', thrown('ResourceNotFoundException', 400), 'configuration'],
    ['no queue', thrown('QueueDoesNotExist', 400), 'configuration'],
    ['no bucket', thrown('NoSuchBucket', 404), 'configuration'],
    ['a time-out of the client', thrown('TimeoutError'), 'timed-out'],
    ['an end by the signal', thrown('AbortError'), 'timed-out'],
    ['a time-out of the service', thrown('RequestTimeout', 400), 'timed-out'],
    ['an error of the service', thrown('InternalServerError', 500), 'unavailable'],
    ['503', thrown('ServiceUnavailable', 503), 'unavailable'],
    ['a refused connection', network('ECONNREFUSED'), 'unavailable'],
    ['a name without address', network('ENOTFOUND'), 'unavailable'],
    ['a request that stays wrong', thrown('ValidationException', 400), 'invalid'],
    ['413', thrown('EntityTooLarge', 413), 'too-large'],
  ])('%s has its kind', (_what, error, kind) => {
    expect(awsFailure(error, 'dynamodb', 'reading a record', NOW_MS).kind).toBe(kind);
  });

  test('tells what was refused and what to allow, and nothing that the answer held', () => {
    const failure = awsFailure(thrown('AccessDeniedException', 400), 'sqs', 'sending to queue work', NOW_MS);
    expect(failure.message).toBe('sending to queue work failed: 400 AccessDeniedException');
    expect(failure.nextStep).toContain('sqs:SendMessage');
    expect(`${failure.stack} ${String(failure.cause)}`).not.toContain('secret');
  });

  test.each([
    [{ 'retry-after': '3' }, 3_000],
    [{ 'x-amz-retry-after': '1500' }, 1_500],
    [{ 'retry-after': 'Fri, 20 Nov 2026 14:00:05 GMT' }, 5_000],
    [{}, undefined],
  ])('a wait that is asked for is kept: %j', (headers, waitMs) => {
    const failure = awsFailure(thrown('ThrottlingException', 400, headers), 'dynamodb', 'reading', NOW_MS);
    expect(failure.retryAfterMs).toBe(waitMs);
  });

  test('the network’s own word is told, also where several addresses were tried', () => {
    const both = Object.assign(new AggregateError([network('ECONNREFUSED')]), { code: 'ECONNREFUSED' });
    expect(awsFailure(both, 'sqs', 'counting queue work', NOW_MS).message).toBe(
      'counting queue work failed: ECONNREFUSED',
    );
  });

  test('an error of the family stays what it is', () => {
    const known = new HeadroomError('invalid', 'a limit of 0');
    expect(awsFailure(known, 's3', 'listing', NOW_MS)).toBe(known);
  });

  test.each([undefined, null, 'text', {}, new Error('')])('whatever is thrown, %j, ends in a kind', (odd) => {
    expect(awsFailure(odd, 's3', 'listing payloads', NOW_MS).message).toMatch(/^listing payloads failed: \w+$/);
  });
});
