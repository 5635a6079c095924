import { type SimulatedServer, sendJson, startServer } from './http-server.ts';
import { issueToken, type SimulatedIdentity } from './tokens.ts';

export type EntraTokenOptions = {
  identity: SimulatedIdentity;
  lifetimeSeconds?: number;
  port?: number;
  now?: () => number;
};

/**
 * Entra's token endpoint for the client-credentials grant (secret or assertion; neither is checked).
 *
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export function startEntraTokenServer(options: EntraTokenOptions): Promise<SimulatedServer> {
  const now = options.now ?? (() => performance.timeOrigin + performance.now());
  const lifetimeSeconds = options.lifetimeSeconds ?? 3_599;
  return startServer(
    ({ request, response, url, body }) => {
      const form = new URLSearchParams(body);
      const scope = form.get('scope');
      if (request.method !== 'POST' || !/^\/[^/]+\/oauth2\/v2\.0\/token$/.test(url.pathname) || scope === null) {
        sendJson(response, 404, { error: 'invalid_request' });
        return;
      }
      if (form.get('grant_type') !== 'client_credentials') {
        sendJson(response, 400, { error: 'unsupported_grant_type', error_description: 'AADSTS70003' });
        return;
      }
      const expiresAt = Math.floor(now() / 1_000) + lifetimeSeconds;
      sendJson(response, 200, {
        token_type: 'Bearer',
        expires_in: lifetimeSeconds,
        ext_expires_in: lifetimeSeconds,
        access_token: issueToken(options.identity, scope.replace(/\/\.default$/, ''), expiresAt),
      });
    },
    options.port === undefined ? {} : { port: options.port },
  );
}
