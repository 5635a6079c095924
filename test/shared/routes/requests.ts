import { fromWebRequest, type RouteRequest, type RouteResponse } from '../../../shared/routes/http.ts';

export type RequestSketch = {
  method?: string;
  path: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
};

/** A request as the runtimes give it to a route; the body comes in pieces, as from a socket. */
export function requestOf(sketch: RequestSketch): RouteRequest {
  const { method = 'GET', path, query = {}, headers = {}, body = '' } = sketch;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const request = fromWebRequest({
    method,
    url: `http://127.0.0.1${path}?${new URLSearchParams(query)}`,
    headers: { get: (name) => headers[name] ?? null },
    body: piecesOf(bytes),
  });
  // As sent: a URL would have tidied it up.
  return { ...request, path };
}

const PIECE_BYTES = 16_384;

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += PIECE_BYTES) yield bytes.subarray(start, start + PIECE_BYTES);
}

export function jsonOf({ body }: RouteResponse): Record<string, unknown> {
  const value: Record<string, unknown> = JSON.parse(body);
  return value;
}
