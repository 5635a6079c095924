import { type SimulatedServer, sendJson, startServer } from './http-server.ts';

export type IdentityEndpoint = Pick<SimulatedServer, 'requests' | 'setOutage' | 'close'> & {
  /** What the platform puts into the environment of an app that has a managed identity. */
  environment: { IDENTITY_ENDPOINT: string; IDENTITY_HEADER: string };
  /** Whether a service would let this token in: one of ours, for this resource, and still good. */
  accepts(token: string, resource: string): boolean;
};

export type IdentityEndpointOptions = {
  /** Audience of each token, in place of the resource that is asked for. */
  audience?: string;
  lifetimeSeconds?: number;
  /** Epoch milliseconds; the system's when not given. */
  now?: () => number;
};

const SECRET = 'a-secret-for-tests';
/** The identity that an app without a name of its own for it has. */
const NOBODY = '00000000-0000-4000-8000-000000000000';
const TENANT = '11111111-1111-1111-1111-111111111111';

/**
 * The identity endpoint of a function app. Its tokens are unsigned; Azurite looks at issuer, audience and times alone.
 *
 * @see https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
export async function startIdentityEndpoint(options: IdentityEndpointOptions = {}): Promise<IdentityEndpoint> {
  const now = options.now ?? (() => performance.timeOrigin + performance.now());
  const lifetimeSeconds = options.lifetimeSeconds ?? 3_600;
  const server = await startServer(({ request, response, url }) => {
    const resource = url.searchParams.get('resource');
    if (request.headers['x-identity-header'] !== SECRET || resource === null) {
      sendJson(response, 400, { statusCode: 400, message: 'bad request' });
      return;
    }
    const atSeconds = Math.floor(now() / 1_000);
    const expiresOn = atSeconds + lifetimeSeconds;
    const claims = {
      aud: options.audience ?? resource,
      iss: `https://sts.windows.net/${TENANT}/`,
      iat: atSeconds - 60,
      nbf: atSeconds - 60,
      exp: expiresOn,
      tid: TENANT,
      appid: url.searchParams.get('client_id') ?? NOBODY,
      oid: url.searchParams.get('client_id') ?? NOBODY,
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
  const accepts = (token: string, resource: string): boolean => {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    if (typeof claims !== 'object' || claims === null) return false;
    return Reflect.get(claims, 'aud') === resource && Number(Reflect.get(claims, 'exp')) * 1_000 > now();
  };
  return { environment, requests, setOutage, accepts, close };
}

function unsigned(claims: object): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`;
}
