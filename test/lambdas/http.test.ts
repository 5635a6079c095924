import { describe, expect, test } from 'vitest';
import { answer, fromFunctionUrl, isFunctionUrlEvent } from '../../lambdas/http.ts';
import { functionUrlEvent } from './events.ts';

describe("a function URL's request", () => {
  test('reads method, path, query, headers and body', async () => {
    const request = fromFunctionUrl(
      functionUrlEvent('POST', '/api/alerts/azure?token=a%26b', { body: '{"n":1}', headers: { 'x-a': '1' } }),
    );
    expect([request.method, request.path]).toEqual(['POST', '/api/alerts/azure']);
    expect([request.query.get('token'), request.query.get('absent')]).toEqual(['a&b', null]);
    expect([request.header('x-a'), request.header('x-b')]).toEqual(['1', undefined]);
    expect(Buffer.from(await bytesOf(request.body(100))).toString()).toBe('{"n":1}');
  });

  test('decodes a base64 body to the bytes that were sent', async () => {
    const event = functionUrlEvent('POST', '/', { body: Buffer.from('ä').toString('base64') });
    const request = fromFunctionUrl({ ...event, isBase64Encoded: true });
    expect(Buffer.from(await bytesOf(request.body(100))).toString()).toBe('ä');
  });

  test('counts the bound in bytes, not characters, and keeps the beginning of what passes it', async () => {
    const request = fromFunctionUrl(functionUrlEvent('POST', '/', { body: 'ä'.repeat(50_000) }));
    expect((await bytesOf(request.body(100_000))).byteLength).toBe(100_000);
    const refused = await request.body(99_999);
    expect(refused instanceof Uint8Array).toBe(false);
    expect(refused).toMatchObject({ bytes: 100_000, head: { byteLength: 65_536 } });
  });

  test('has an empty body when none was sent', async () => {
    expect((await bytesOf(fromFunctionUrl(functionUrlEvent('GET', '/')).body(10))).byteLength).toBe(0);
  });

  test('is answered in the shape that function URLs return', async () => {
    const route = async () => ({ status: 202, headers: { 'x-a': '1' }, body: '{}' });
    expect(await answer(route, functionUrlEvent('GET', '/'))).toEqual({
      statusCode: 202,
      headers: { 'x-a': '1' },
      body: '{}',
    });
  });

  test.each([
    ['null', null],
    ['a text', 'x'],
    ['an SNS event', { Records: [] }],
    ['an event with another context', { rawPath: '/', requestContext: {} }],
  ])('is told from %s', (_what, event) => {
    expect(isFunctionUrlEvent(event)).toBe(false);
    expect(isFunctionUrlEvent(functionUrlEvent('GET', '/'))).toBe(true);
  });
});

async function bytesOf(body: Promise<unknown>): Promise<Uint8Array> {
  const read = await body;
  if (!(read instanceof Uint8Array)) throw new Error('the body was refused');
  return read;
}
