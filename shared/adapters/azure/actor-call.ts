import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  type HttpMethods,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline';
import type { HeadroomError } from '../../errors.ts';
import type { TokenCredential } from '../../secrets/token.ts';
import { type CallOptions, createAzureCalls } from './calls.ts';

export type ActorCallOptions = {
  /** What tokens are asked for. */
  scope: string;
  /** Of the actor, never of who reads. */
  credential: TokenCredential;
  calls: CallOptions;
  http?: HttpClient;
  /** What is missing, and the command that grants it. */
  denied(what: string, status: number): HeadroomError;
};

type ActorRequest = { method: HttpMethods; url: string; headers?: Record<string, string>; body?: string };

/** One request in the name of the actor. 404 and 412 are answers as well: nothing stands there, something else does. */
export type ActorCall = (what: string, request: ActorRequest, signal?: AbortSignal) => Promise<PipelineResponse>;

/** Tried three times at most. Rejections: HeadroomError `throttled`, `denied`, `unavailable`, `timed-out`, `invalid`. */
export function createActorCall({ scope, credential, calls, http, denied }: ActorCallOptions): ActorCall {
  const call = createAzureCalls('arm', calls);
  const client = http ?? createDefaultHttpClient();
  return (what, { method, url, headers = {}, body }, signal) =>
    call(what, async (tryEnds) => {
      const ends = signal === undefined ? tryEnds : AbortSignal.any([tryEnds, signal]);
      ends.throwIfAborted();
      const token = await credential.getToken(scope, { abortSignal: ends });
      const request = createPipelineRequest({
        url,
        method,
        headers: createHttpHeaders({
          accept: 'application/json',
          ...headers,
          authorization: `Bearer ${token?.token ?? ''}`,
        }),
        // Plain http is for emulators on this machine; the configuration takes it for no other host.
        allowInsecureConnection: true,
        ...(body === undefined ? {} : { body }),
      });
      request.abortSignal = ends;
      const response = await client.sendRequest(request);
      const { status } = response;
      if ((status >= 200 && status < 300) || status === 404 || status === 412) return response;
      if (status === 401 || status === 403) throw denied(what, status);
      throw new RestError(`${what} was answered ${status}`, { statusCode: status, response });
    });
}

/** Undefined for what is no JSON. */
export function jsonOf(text: string | null | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
