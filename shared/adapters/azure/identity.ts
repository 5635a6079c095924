import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineRequest,
  RestError,
} from '@azure/core-rest-pipeline';
import * as z from 'zod/mini';
import type { Clock, Random } from '../../ports.ts';
import { type GuardedCredential, guardCredential, type TokenCredential } from '../../secrets/token.ts';

/** The process's environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** @see https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference */
const API_VERSION = '2019-08-01';

const TOKEN = z.object({
  access_token: z.string().check(z.minLength(1)),
  expires_on: z.union([z.number(), z.string().check(z.regex(/^\d{1,12}$/))]),
});

/**
 * The identity of this process: the managed one of its function app (AZURE_CLIENT_ID names it where there are several), else
 * what the SDK finds (workload identity, virtual machine, the Azure CLI). One token for all clients, asked for once, used as
 * long as it is good while the identity service is not.
 *
 * A function app's own endpoint is asked directly. The SDK's credentials are four times the size of everything else that an
 * alert needs and are loaded only where they are used.
 */
export function processIdentity(environment: Environment, timing: { clock: Clock; random: Random }): GuardedCredential {
  const { clock, random } = timing;
  const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: secret, AZURE_CLIENT_ID: clientId } = environment;
  const found =
    endpoint !== undefined && secret !== undefined
      ? functionAppIdentity({ endpoint, secret, clientId })
      : sdkIdentity(clientId);
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> => clock.sleep(ms, signal).catch(() => undefined);
  return guardCredential(found, { now: () => clock.now(), sleep, idle: sleep }, random);
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

function sdkIdentity(clientId: string | undefined): TokenCredential {
  let loading: Promise<TokenCredential> | undefined;
  return {
    async getToken(scopes, options) {
      loading ??= import('./sdk-identity.ts').then(({ createSdkIdentity }) => createSdkIdentity(clientId));
      return (await loading).getToken(scopes, options);
    },
  };
}
