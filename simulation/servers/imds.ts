import { type SimulatedServer, sendJson, startServer } from './http-server.ts';
import { issueToken, type SimulatedIdentity } from './tokens.ts';

export type ImdsOptions = {
  identity: SimulatedIdentity;
  /** Of each token; a function is asked at each. */
  lifetimeSeconds?: number | (() => number);
  port?: number;
  now?: () => number;
};

/**
 * The managed-identity endpoint of a virtual machine. Point the SDK at it with AZURE_POD_IDENTITY_AUTHORITY_HOST.
 *
 * @see https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
 */
export function startImdsServer(options: ImdsOptions): Promise<SimulatedServer> {
  const now = options.now ?? (() => performance.timeOrigin + performance.now());
  const { lifetimeSeconds: given = 86_400 } = options;
  return startServer(
    ({ request, response, url }) => {
      if (request.headers['metadata'] !== 'true') {
        sendJson(response, 400, {
          error: 'bad_request_102',
          error_description: 'Required metadata header not specified',
        });
        return;
      }
      const resource = url.searchParams.get('resource');
      if (url.pathname.replace(/\/$/, '') !== '/metadata/identity/oauth2/token' || resource === null) {
        sendJson(response, 404, { error: 'not_found' });
        return;
      }
      const lifetimeSeconds = typeof given === 'function' ? given() : given;
      const expiresOn = Math.floor(now() / 1_000) + lifetimeSeconds;
      sendJson(response, 200, {
        access_token: issueToken(options.identity, resource, expiresOn),
        client_id: options.identity.appId,
        expires_in: String(lifetimeSeconds),
        expires_on: String(expiresOn),
        not_before: String(Math.floor(now() / 1_000)),
        resource,
        token_type: 'Bearer',
      });
    },
    options.port === undefined ? {} : { port: options.port },
  );
}
