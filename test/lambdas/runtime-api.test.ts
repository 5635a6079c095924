import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type RuntimeApi, startRuntimeApi } from './runtime-api.ts';

let api: RuntimeApi;
beforeEach(async () => {
  api = await startRuntimeApi({ functionName: 'receive', timeoutMs: 60_000 });
});
afterEach(() => api.close());

function call(path: string, init?: RequestInit): Promise<Response> {
  return fetch(`http://${api.address}/2018-06-01/runtime${path}`, init);
}

async function next(): Promise<{ id: string; headers: Headers; event: unknown }> {
  const response = await call('/invocation/next');
  return {
    id: response.headers.get('lambda-runtime-aws-request-id') ?? '',
    headers: response.headers,
    event: await response.json(),
  };
}

describe('the Runtime API server', () => {
  test('hands an event to the runtime that asked first, with the headers that runtimes require', async () => {
    const asked = next();
    await api.ready;
    const result = api.invoke({ n: 1 });
    const { id, headers, event } = await asked;
    expect(event).toEqual({ n: 1 });
    expect(headers.get('lambda-runtime-invoked-function-arn')).toMatch(/:function:receive$/);
    expect(Number(headers.get('lambda-runtime-deadline-ms'))).toBeGreaterThan(0);
    await call(`/invocation/${id}/response`, { method: 'POST', body: '{"n":2}' });
    expect(await result).toEqual({ ok: true, value: { n: 2 } });
  });

  test('keeps events in order until they are asked for', async () => {
    const results = [api.invoke('first'), api.invoke('second')];
    for (const expected of ['first', 'second']) {
      const { id, event } = await next();
      expect(event).toBe(expected);
      await call(`/invocation/${id}/response`, { method: 'POST', body: '' });
    }
    expect(await Promise.all(results)).toEqual([
      { ok: true, value: null },
      { ok: true, value: null },
    ]);
  });

  test("gives back a function's error as a value", async () => {
    const result = api.invoke({});
    const { id } = await next();
    const body = JSON.stringify({ errorType: 'HeadroomError', errorMessage: 'the store is down' });
    await call(`/invocation/${id}/error`, { method: 'POST', body });
    expect(await result).toEqual({
      ok: false,
      error: { errorType: 'HeadroomError', errorMessage: 'the store is down' },
    });
  });

  test('rejects what waits and what comes when the runtime reports that it could not start', async () => {
    const waiting = api.invoke({});
    const rejected = expect(waiting).rejects.toThrow(
      'the runtime could not start: Runtime.ImportModuleError: no index',
    );
    const body = JSON.stringify({ errorType: 'Runtime.ImportModuleError', errorMessage: 'no index' });
    await call('/init/error', { method: 'POST', body });
    await rejected;
    await expect(api.ready).rejects.toThrow('no index');
    await expect(api.invoke({})).rejects.toThrow('no index');
  });

  test('refuses an answer to an invocation that is not running', async () => {
    expect((await call('/invocation/unknown/response', { method: 'POST', body: '{}' })).status).toBe(404);
  });
});
