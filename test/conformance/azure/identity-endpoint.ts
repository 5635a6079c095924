import { type SimulatedServer, sendJson, startServer } from '../../../simulation/servers/http-server.ts';

export type IdentityEndpoint = Pick<SimulatedServer, 'requests' | 'setOutage' | 'close'> & {
  /** What the platform puts into the environment of an app that has a managed identity. */
  environment: { IDENTITY_ENDPOINT: string; IDENTITY_HEADER: string };
};

const SECRET = 'a-secret-for-tests';
const TENANT = '11111111-1111-1111-1111-111111111111';
const LIFETIME_SECONDS = 3_600;

/**
 * The identity endpoint of a function app. Its tokens are unsigned; Azurite looks at issuer, audience and times alone.
 *
 * @param audience of each token, in place of the resource that is asked for
 */
export async function startIdentityEndpoint(audience?: string): Promise<IdentityEndpoint> {
  const server = await startServer(({ request, response, url }) => {
    const resource = url.searchParams.get('resource');
    if (request.headers['x-identity-header'] !== SECRET || resource === null) {
      sendJson(response, 400, { statusCode: 400, message: 'bad request' });
      return;
    }
    const atSeconds = Math.floor(Date.now() / 1_000);
    const expiresOn = atSeconds + LIFETIME_SECONDS;
    const claims = {
      aud: audience ?? resource,
      iss: `https://sts.windows.net/${TENANT}/`,
      iat: atSeconds - 60,
      nbf: atSeconds - 60,
      exp: expiresOn,
      tid: TENANT,
    };
    sendJson(response, 200, {
      access_token: unsigned(claims),
      expires_on: String(expiresOn),
      resource,
      token_type: 'Bearer',
    });
  });
  const environment = { IDENTITY_ENDPOINT: `${server.origin}/msi/token`, IDENTITY_HEADER: SECRET };
  const { requests, setOutage, close } = server;
  return { environment, requests, setOutage, close };
}

function unsigned(claims: object): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`;
}
