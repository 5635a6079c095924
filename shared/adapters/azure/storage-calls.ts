import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  decompressResponsePolicy,
  type HttpClient,
  type HttpMethods,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline';
import type { TokenCredential } from '../../secrets/token.ts';
import { environmentProxy } from './proxy.ts';

export type StorageRequest = {
  method: HttpMethods;
  /** Of the service, with its path: characters that an address does not take are escaped. */
  address: string;
  query?: Record<string, string | number>;
  headers: Record<string, string>;
  body?: string;
};

/** One request, answered with a status from 200 to 299. @throws RestError with the status and the service's own code */
export type StorageCall = (request: StorageRequest, signal: AbortSignal) => Promise<PipelineResponse>;

type Options = {
  credential: TokenCredential;
  scope: string;
  /** The service's word for what went wrong, from its answer. */
  codeOf: (answer: PipelineResponse) => string | undefined;
  httpClient?: HttpClient;
};

/** Of all clouds of Azure. @see https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory */
export const STORAGE_SCOPE = 'https://storage.azure.com/.default';

/**
 * The protocols of Azure Storage over the pipeline of Microsoft's clients, without their models and their XML: tokens are
 * renewed, a proxy of the environment is used, answers are unpacked. There are no retries, they are `createAzureCalls`'s.
 */
export function openStorage({
  credential,
  scope,
  codeOf,
  httpClient = createDefaultHttpClient(),
}: Options): StorageCall {
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(environmentProxy());
  pipeline.addPolicy(decompressResponsePolicy());
  pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: scope }));

  return async ({ method, address, query = {}, headers, body }, signal) => {
    const url = new URL(address);
    // A blank as %20: filters of tables are not promised to take a plus for one.
    url.search = Object.entries(query)
      .map(([parameter, value]) => `${parameter}=${encodeURIComponent(value)}`)
      .join('&');
    const request = createPipelineRequest({
      url: url.href,
      method,
      headers: createHttpHeaders(headers),
      abortSignal: signal,
      ...(body === undefined ? {} : { body }),
    });
    const answer = await pipeline.sendRequest(httpClient, request);
    if (answer.status >= 200 && answer.status < 300) return answer;
    const code = codeOf(answer);
    throw new RestError(`${method} was answered ${answer.status}`, {
      statusCode: answer.status,
      request,
      response: answer,
      ...(code === undefined ? {} : { code }),
    });
  };
}
