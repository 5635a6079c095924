import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline';
import * as z from 'zod/mini';
import { HeadroomError } from '../../errors.ts';
import type { TokenCredential } from '../../secrets/token.ts';
import { type CallOptions, createAzureCalls } from './calls.ts';

/** Where Resource Manager answers in one cloud, and what its tokens are asked for. */
export type ArmHost = { url: string; scope: string };

/** `header` reads one by its lower-case name. */
export type ArmAnswer = { body: unknown; header(name: string): string | undefined };

type ArmQuery = Readonly<Record<string, string | number | boolean>>;

/**
 * Reads from Azure Resource Manager with the identity of this process; each call is tried three times at most, and waits as
 * long as it is told to where that leaves time.
 *
 * Rejections: HeadroomError `throttled` with `retryAfterMs`, `denied`, `not-found`, `unavailable`, `timed-out`, `invalid`.
 */
export type ArmClient = {
  /** @param path from the first slash on: `/subscriptions/…` */
  get(what: string, path: string, query: ArmQuery, signal?: AbortSignal): Promise<unknown>;
  /** Asks what takes its question in a body, and changes nothing. */
  ask(what: string, path: string, query: ArmQuery, body: unknown, signal?: AbortSignal): Promise<ArmAnswer>;
  /** The members of a list, page by page. */
  pages(what: string, path: string, query: ArmQuery, signal?: AbortSignal): AsyncGenerator<unknown[], void, undefined>;
};

const PAGE = z.object({ value: z.array(z.unknown()), nextLink: z.nullish(z.string()) });

/** ARM says in the body why it refused. @see https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors */
const FAILURE = z.object({ error: z.object({ code: z.string() }) });

export function createArmClient(options: {
  host: ArmHost;
  credential: TokenCredential;
  calls: CallOptions;
  http?: HttpClient;
}): ArmClient {
  const { host, credential, http = createDefaultHttpClient() } = options;
  const call = createAzureCalls('arm', options.calls);
  const origin = new URL(host.url).origin;

  function send(what: string, url: URL, body: unknown, signal: AbortSignal | undefined): Promise<ArmAnswer> {
    return call(what, async (tryEnds) => {
      const ends = signal === undefined ? tryEnds : AbortSignal.any([tryEnds, signal]);
      ends.throwIfAborted();
      const token = await credential.getToken(host.scope, { abortSignal: ends });
      const headers = createHttpHeaders({ authorization: `Bearer ${token?.token ?? ''}`, accept: 'application/json' });
      // Plain http is for emulators on this machine; the configuration takes it for no other host.
      const request = createPipelineRequest({ url: url.href, headers, allowInsecureConnection: true });
      request.abortSignal = ends;
      if (body !== undefined) {
        request.method = 'POST';
        request.headers.set('content-type', 'application/json');
        request.body = JSON.stringify(body);
      }
      const response = await http.sendRequest(request);
      return { body: jsonOf(response), header: (name) => response.headers.get(name) };
    });
  }

  async function fetchJson(what: string, url: URL, signal: AbortSignal | undefined): Promise<unknown> {
    return (await send(what, url, undefined, signal)).body;
  }

  return {
    get: (what, path, query, signal) => fetchJson(what, urlOf(host, path, query), signal),
    ask: (what, path, query, body, signal) => send(what, urlOf(host, path, query), body, signal),

    async *pages(what, path, query, signal) {
      let url: URL | null = urlOf(host, path, query);
      while (url !== null) {
        const page = PAGE.safeParse(await fetchJson(what, url, signal));
        if (!page.success) throw new HeadroomError('invalid', `${what} failed: the answer is no list`);
        yield page.data.value;
        url = page.data.nextLink ? nextOf(what, page.data.nextLink, origin) : null;
      }
    },
  };
}

function urlOf(host: ArmHost, path: string, query: ArmQuery): URL {
  const url = new URL(host.url.replace(/\/+$/, '') + path.split('/').map(encodeURIComponent).join('/'));
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  return url;
}

/** The token goes nowhere else than where it was meant for, whatever an answer says. */
function nextOf(what: string, link: string, origin: string): URL {
  const url = URL.parse(link);
  if (url?.origin === origin) return url;
  throw new HeadroomError('invalid', `${what} failed: its next page lies on another host`);
}

function jsonOf(response: PipelineResponse): unknown {
  const { status, bodyAsText } = response;
  const body = parse(bodyAsText ?? '');
  if (status >= 200 && status < 300) {
    if (body === undefined) throw new HeadroomError('invalid', 'Resource Manager answered with what is no JSON');
    return body;
  }
  const failure = FAILURE.safeParse(body);
  const code = failure.success ? { code: failure.data.error.code } : {};
  throw new RestError(`Resource Manager answered ${status}`, { statusCode: status, response, ...code });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
