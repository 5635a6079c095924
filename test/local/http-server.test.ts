import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { type HttpServer, serveHttp } from '../../local/http-server.ts';
import { errorResponse, jsonResponse, type Route } from '../../shared/routes/http.ts';

const LIMIT_BYTES = 1_048_576;
const MEBIBYTE = 1_048_576;

let server: HttpServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serve(route: Route): Promise<HttpServer> {
  server = await serveHttp(route, { host: '127.0.0.1', port: 0 });
  return server;
}

/** Answers with what it was given; 413 with the count for a body over the bound. */
const echo: Route = async ({ method, path, query, header, body }) => {
  const raw = await body(LIMIT_BYTES);
  if (!(raw instanceof Uint8Array)) return errorResponse(413, `${raw.head.byteLength} of ${raw.bytes} bytes`);
  const shown = { method, path, a: query.get('a'), kind: header('x-kind'), body: Buffer.from(raw).toString() };
  return jsonResponse(200, shown);
};

describe('a request', () => {
  test('reaches the route with method, path, query, header and body', async () => {
    const { url } = await serve(echo);
    const answer = await fetch(`${url}/x/y?a=%26b`, { method: 'POST', headers: { 'X-Kind': 'k' }, body: 'grüße' });
    expect(await answer.json()).toEqual({ method: 'POST', path: '/x/y', a: '&b', kind: 'k', body: 'grüße' });
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  test('by HEAD is answered with the head alone', async () => {
    const { port } = await serve(async () => jsonResponse(200, { long: 'x'.repeat(100) }));
    const socket = connect(port, '127.0.0.1');
    socket.end('HEAD / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n');
    const answered = await text(socket);
    expect(answered.split('\r\n')[0]).toBe('HTTP/1.1 200 OK');
    expect(answered.endsWith('\r\n\r\n')).toBe(true);
    expect(answered).not.toContain('xxx');
  });

  test('whose route fails is answered 500 without the reason, and the next one is served', async () => {
    let failures = 1;
    const { url } = await serve(async () => {
      if (failures-- > 0) throw new Error('password=hunter2');
      return jsonResponse(200, {});
    });
    const failed = await fetch(url);
    expect([failed.status, (await failed.text()).includes('hunter2')]).toEqual([500, false]);
    expect((await fetch(url)).status).toBe(200);
  });
});

describe('a body', () => {
  test.each([
    ['at the bound', LIMIT_BYTES, 200],
    ['one byte over it', LIMIT_BYTES + 1, 413],
    ['of ten times the bound, which is read to its end so that the answer arrives', 10 * MEBIBYTE, 413],
  ])('%s', async (_what, bytes, status) => {
    const { url } = await serve(echo);
    const answer = await fetch(url, { method: 'POST', body: Buffer.alloc(bytes, 'x') });
    expect(answer.status).toBe(status);
    const told = status === 413 ? { error: `65536 of ${bytes} bytes`, path: '' } : { path: '/' };
    expect(await answer.json()).toMatchObject(told);
  });

  test('over the bound by any amount is not kept: a sender without end is cut off', async () => {
    const { port } = await serve(echo);
    const outcome = await new Promise<string>((resolve) => {
      const sent = request({ port, host: '127.0.0.1', method: 'POST' }, (answer) => resolve(`${answer.statusCode}`));
      sent.on('error', () => resolve('cut off'));
      const chunk = Buffer.alloc(MEBIBYTE, 'x');
      const more = (): void => {
        while (!sent.destroyed && sent.write(chunk));
      };
      sent.on('drain', more);
      more();
    });
    expect(outcome).toBe('cut off');
  });

  test('that ends early rejects to the route, and leaves the server up', async () => {
    const ended = Promise.withResolvers<string>();
    const { port, url } = await serve(async (given) => {
      if (given.method === 'GET') return jsonResponse(200, {});
      await given.body(LIMIT_BYTES).catch((error: Error) => ended.resolve(error.message));
      return jsonResponse(202, {});
    });
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 100\r\n\r\n{"half":', () => socket.destroy());
    expect(await ended.promise).toMatch(/ended|aborted/);
    expect((await fetch(url)).status).toBe(200);
  });
});

describe('the server', () => {
  test('rejects when its port is taken', async () => {
    const { port } = await serve(echo);
    await expect(serveHttp(echo, { host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  test('names an address of IPv6 in brackets', async () => {
    server = await serveHttp(echo, { host: '::1', port: 0 });
    expect(server.url).toBe(`http://[::1]:${server.port}`);
    expect((await fetch(server.url)).status).toBe(200);
  });

  test('ends what is under way before it closes, and takes nothing new', async () => {
    const release = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const { url, close } = await serve(async () => {
      begun.resolve();
      await release.promise;
      return jsonResponse(202, {});
    });
    const underway = fetch(url);
    await begun.promise;
    const closed = close();
    server = undefined;
    release.resolve();
    expect((await underway).status).toBe(202);
    await closed;
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });
});
