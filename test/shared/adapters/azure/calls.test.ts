import { once } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { createAzureCalls } from '../../../../shared/adapters/azure/calls.ts';
import { HeadroomError } from '../../../../shared/errors.ts';
import { fakeClock, seededRandom } from '../../../kit.ts';

/** An error as the storage clients throw it. */
function answered(statusCode: number, code: string, headers: Record<string, string> = {}): Error {
  const get = (name: string): string | undefined => ({ 'x-ms-error-code': code, ...headers })[name];
  return Object.assign(new Error(`RequestId: 1 ${code}`), {
    name: 'RestError',
    statusCode,
    response: { headers: { get } },
  });
}

function calling() {
  const clock = fakeClock();
  const call = createAzureCalls('table', { clock, random: seededRandom(1) });
  /** Runs the call with these failures first; wakes every wait. */
  const run = async (failures: readonly unknown[]): Promise<{ result: unknown; tries: number }> => {
    const left = [...failures];
    let tries = 0;
    const going = call('reading record p a', async (_signal, nth) => {
      tries += 1;
      expect(nth).toBe(tries);
      const failure = left.shift();
      if (failure !== undefined) throw failure;
      return 'value';
    }).catch((error: unknown) => error);
    for (let turns = 0; turns < 50; turns += 1) {
      await Promise.resolve();
      if (clock.slept.length > 0) clock.advance(10);
    }
    clock.advance(60_000);
    return { result: await going, tries };
  };
  return { clock, run };
}

describe('a call of a storage service', () => {
  test.each([
    ['503 without a word', answered(503, 'InternalError')],
    ['a server that is busy', answered(503, 'ServerBusy')],
    ['500', answered(500, 'InternalError')],
    ['408', answered(408, 'RequestTimeout')],
    ['a connection that was cut', Object.assign(new Error('socket'), { code: 'ECONNRESET', name: 'RestError' })],
  ])('tries again after %s', async (_what, failure) => {
    expect(await calling().run([failure])).toEqual({ result: 'value', tries: 2 });
  });

  test.each([
    [answered(503, 'ServerBusy'), 'throttled'],
    [answered(500, 'OperationTimedOut'), 'timed-out'],
    [answered(500, 'InternalError'), 'unavailable'],
  ])('gives up after three tries (%#)', async (failure, kind) => {
    const { result, tries } = await calling().run([failure, failure, failure, failure]);
    expect([result, tries]).toEqual([expect.objectContaining({ kind }), 3]);
  });

  test.each([
    [answered(403, 'AuthorizationPermissionMismatch'), 'denied', /Storage Table Data Contributor/],
    [answered(401, 'InvalidAuthenticationInfo'), 'denied', /Storage Table Data Contributor/],
    [answered(404, 'ResourceNotFound'), 'not-found', /^$/],
    [answered(400, 'PropertyValueTooLarge'), 'too-large', /PayloadStore/],
    [answered(413, 'RequestBodyTooLarge'), 'too-large', /PayloadStore/],
    [answered(400, 'InvalidInput'), 'invalid', /^$/],
  ])('does not repeat what no waiting mends (%#)', async (failure, kind, nextStep) => {
    const { result, tries } = await calling().run([failure]);
    expect([result, tries]).toEqual([expect.objectContaining({ kind }), 1]);
    expect(String(Reflect.get(Object(result), 'nextStep') ?? '')).toMatch(nextStep);
  });

  test('waits as long as it is asked to', async () => {
    const { clock, run } = calling();
    await run([answered(503, 'ServerBusy', { 'retry-after': '2' })]);
    expect(clock.slept).toEqual([2_000]);
  });

  test('does not wait past the time that its caller has, and says for how long to stay away', async () => {
    const { clock, run } = calling();
    const { result, tries } = await run([answered(429, 'TooManyRequests', { 'retry-after': '3600' })]);
    expect([result, tries]).toEqual([expect.objectContaining({ kind: 'throttled', retryAfterMs: 3_600_000 }), 1]);
    expect(clock.slept).toEqual([]);
  });

  test('names neither a token nor what the service wrote, the cause included', async () => {
    const failure = Object.assign(answered(403, 'AuthorizationFailure'), {
      request: { headers: { authorization: 'Bearer secret-token' } },
      details: { message: 'a raw body' },
    });
    const { result } = await calling().run([failure]);
    const error = result instanceof Error ? result : new Error('nothing was thrown');
    expect(error.message).toBe('reading record p a failed: 403 AuthorizationFailure');
    const told = JSON.stringify([error, error.cause, error.stack, String(Reflect.get(Object(error.cause), 'stack'))]);
    for (const secret of ['secret-token', 'a raw body', 'RequestId']) expect(told).not.toContain(secret);
  });
});

test('what throws before it asks leaves nothing behind that could be late', async () => {
  const call = createAzureCalls('table', { clock: fakeClock(), random: seededRandom(1), tryMs: 1 });
  const late = vi.fn();
  process.once('unhandledRejection', late);
  await expect(
    call('reading record p a', () => {
      throw new HeadroomError('denied', 'not for you');
    }),
  ).rejects.toMatchObject({ kind: 'denied' });
  await once(AbortSignal.timeout(20), 'abort');
  process.off('unhandledRejection', late);
  expect(late).not.toHaveBeenCalled();
});
