/**
 * The request and response that routes speak.
 *
 * Narrower than the web's `Request` and `Response` on purpose: every runtime can give this without buffering twice, the
 * body is bounded while it is read, and the receive path is spared the 15 µs that the web classes cost a request.
 */
export type RouteRequest = {
  method: string;
  /** Path without query, starting with `/`. */
  path: string;
  query: { get(name: string): string | null };
  /** Header by lower-case name. */
  header(name: string): string | undefined;
  /** The raw bytes, or their beginning once more than `limitBytes` have come; the rest is not kept. */
  body(limitBytes: number): Promise<Uint8Array | TooLarge>;
};

/** A body over the bound: its first 64 KiB, and the bytes counted until reading stopped. */
export type TooLarge = { head: Uint8Array; bytes: number };

export const TOO_LARGE_HEAD_BYTES = 65_536;

export type RouteResponse = { status: number; headers: Record<string, string>; body: string };

export type Route = (request: RouteRequest) => Promise<RouteResponse>;

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' } as const;

export function jsonResponse(status: number, value: unknown, headers: Record<string, string> = {}): RouteResponse {
  return { status, headers: { ...JSON_HEADERS, ...headers }, body: JSON.stringify(value) };
}

/** Errors are always `{ error, path, nextStep? }`; `path` is the field, or the empty string for the whole body. */
export function errorResponse(status: number, error: string, path = '', nextStep?: string): RouteResponse {
  const headers: Record<string, string> = status === 503 ? { 'retry-after': '5' } : {};
  return jsonResponse(status, nextStep === undefined ? { error, path } : { error, path, nextStep }, headers);
}

/** 405, with the methods that are taken: `GET`. */
export function wrongMethod(error: string, allow: string): RouteResponse {
  const refused = errorResponse(405, error);
  return { ...refused, headers: { ...refused.headers, allow } };
}

/** A web `Request` (Azure Functions, tests) as a `RouteRequest`. */
export function fromWebRequest(request: {
  method: string;
  url: string;
  headers: { get(name: string): string | null };
  body: AsyncIterable<unknown> | null;
}): RouteRequest {
  const url = new URL(request.url);
  return {
    method: request.method,
    path: url.pathname,
    query: url.searchParams,
    header: (name) => request.headers.get(name) ?? undefined,
    body: (limitBytes) => readBounded(request.body, limitBytes),
  };
}

/** Reads a body chunk by chunk, and no further than the bound. */
async function readBounded(body: AsyncIterable<unknown> | null, limitBytes: number): Promise<Uint8Array | TooLarge> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    if (!(chunk instanceof Uint8Array)) continue;
    bytes += chunk.byteLength;
    chunks.push(chunk);
    if (bytes > limitBytes) return { head: concat(chunks).subarray(0, TOO_LARGE_HEAD_BYTES), bytes };
  }
  return concat(chunks);
}

export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1 && chunks[0]) return chunks[0];
  const whole = new Uint8Array(chunks.reduce((bytes, chunk) => bytes + chunk.byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
