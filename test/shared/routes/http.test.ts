import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  errorResponse,
  fromWebRequest,
  jsonResponse,
  TOO_LARGE_HEAD_BYTES,
  type TooLarge,
} from '../../../shared/routes/http.ts';
import { jsonOf } from './requests.ts';

function readBounded(body: AsyncIterable<unknown> | null, limitBytes: number): Promise<Uint8Array | TooLarge> {
  return fromWebRequest({ method: 'POST', url: 'http://127.0.0.1/', headers: new Headers(), body }).body(limitBytes);
}

async function* chunks(...parts: unknown[]): AsyncGenerator<unknown> {
  yield* parts;
}

describe('reading a body', () => {
  test.each([
    ['none', null, 10, ''],
    ['empty', chunks(), 10, ''],
    ['in one piece', chunks(Buffer.from('hello')), 10, 'hello'],
    ['in several', chunks(Buffer.from('he'), Buffer.from('l'), Buffer.from('lo')), 10, 'hello'],
    ['as long as is allowed', chunks(Buffer.from('hello')), 5, 'hello'],
  ])('%s', async (_what, body, limit, expected) => {
    const read = await readBounded(body, limit);
    expect(read instanceof Uint8Array && Buffer.from(read).toString()).toBe(expected);
  });

  test('over the bound gives its beginning and what was counted, and reads no further', async () => {
    let asked = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        asked += 1;
        yield new Uint8Array(100_000);
      }
    }
    expect(await readBounded(endless(), 250_000)).toMatchObject({
      head: { byteLength: TOO_LARGE_HEAD_BYTES },
      bytes: 300_000,
    });
    expect(asked).toBe(3);
  });

  test('in any pieces gives the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 50 })), async (parts) => {
        const whole = await readBounded(chunks(...parts), 10_000);
        expect(whole instanceof Uint8Array && Buffer.from(whole).equals(Buffer.concat(parts))).toBe(true);
      }),
    );
  });
});

describe('a web request', () => {
  test('is given to a route as it is', async () => {
    const web = new Request('https://host.example/api/alerts/azure?token=a%20b', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"a":1}',
    });
    const request = fromWebRequest(web);
    const body = await request.body(100);
    expect([request.method, request.path, request.query.get('token'), request.query.get('none')]).toEqual([
      'POST',
      '/api/alerts/azure',
      'a b',
      null,
    ]);
    expect([request.header('content-type'), request.header('x-none')]).toEqual(['application/json', undefined]);
    expect(body instanceof Uint8Array && Buffer.from(body).toString()).toBe('{"a":1}');
  });
});

describe('answers', () => {
  test('are JSON that nobody keeps', () => {
    expect(jsonResponse(200, { a: 1 })).toEqual({
      status: 200,
      headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
      body: '{"a":1}',
    });
  });

  test('that refuse say what, where and what next', () => {
    expect(jsonOf(errorResponse(400, 'wrong', 'a.b', 'do it right'))).toEqual({
      error: 'wrong',
      path: 'a.b',
      nextStep: 'do it right',
    });
    expect(jsonOf(errorResponse(404, 'not here'))).toEqual({ error: 'not here', path: '' });
  });

  test('that ask to come again say when', () => {
    expect(errorResponse(503, 'later').headers['retry-after']).toBe('5');
    expect(errorResponse(400, 'never').headers['retry-after']).toBe(undefined);
  });
});
