import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineRequest,
  RestError,
} from '@azure/core-rest-pipeline';
import * as z from 'zod/mini';
import type { Clock, Random } from '../../ports.ts';
import type { GuardedCredential, TokenCredential } from '../../secrets/token.ts';
import { type Environment, foundIdentity, guardIdentity } from './found-identity.ts';

/** @see https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference */
const API_VERSION = '2019-08-01';

const TOKEN = z.object({
  access_token: z.string().check(z.minLength(1)),
  expires_on: z.union([z.number(), z.string().check(z.regex(/^\d{1,12}$/))]),
});

/**
 * The identity of this process: the managed one of its function app (AZURE_CLIENT_ID names it where there are several), whose
 * endpoint is asked directly, else what the SDK finds.
 */
export function processIdentity(environment: Environment, timing: { clock: Clock; random: Random }): GuardedCredential {
  const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: secret, AZURE_CLIENT_ID: clientId } = environment;
  return endpoint === undefined || secret === undefined
    ? foundIdentity(environment, timing)
    : guardIdentity(functionAppIdentity({ endpoint, secret, clientId }), timing);
}

/** Managed identity as App Service and Functions offer it: a local endpoint, and a secret that proves the caller is inside. */
export function functionAppIdentity(options: {
  endpoint: string;
  secret: string;
  clientId: string | undefined;
}): TokenCredential {
  const { endpoint, secret, clientId } = options;
  const client = createDefaultHttpClient();
  return {
    async getToken(scopes, { abortSignal } = {}) {
      const url = new URL(endpoint);
      url.searchParams.set('api-version', API_VERSION);
      url.searchParams.set(
        'resource',
        [scopes]
          .flat()
          .join(' ')
          .replace(/\/\.default$/, ''),
      );
      if (clientId !== undefined) url.searchParams.set('client_id', clientId);
      const headers = createHttpHeaders({ 'x-identity-header': secret });
      const request = createPipelineRequest({ url: url.href, headers, allowInsecureConnection: true });
      if (abortSignal !== undefined) request.abortSignal = abortSignal;
      const { status, bodyAsText } = await client.sendRequest(request);
      if (status !== 200) throw new RestError(`the identity endpoint answered ${status}`, { statusCode: status });
      const token = z.safeParse(TOKEN, JSON.parse(bodyAsText ?? ''));
      if (!token.success) throw new RestError('the identity endpoint gave no token', { code: 'PARSE_ERROR' });
      const { access_token, expires_on } = token.data;
      return { token: access_token, expiresOnTimestamp: Number(expires_on) * 1_000 };
    },
  };
}
