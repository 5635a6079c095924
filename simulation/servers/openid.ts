import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type SimulatedServer, sendJson, startServer } from './http-server.ts';

export type OpenIdServer = SimulatedServer & {
  /** A token signed with the newest key; `header` replaces what it says of itself. */
  issue(claims: Record<string, unknown>, header?: Record<string, unknown>): string;
  /** Signs with another key from now on; `published` false: before its list of keys says so. */
  rollOver(options?: { published?: boolean; forgetOld?: boolean }): void;
  /** The public key that tokens are checked with now, PEM: what a forger of HS256 tokens would take for a secret. */
  publicPem(): string;
};

type Key = { kid: string; privateKey: KeyObject; publicKey: KeyObject; published: boolean };

/** Made once a process, since that takes most of the time: keys of several servers may well be the same. */
const MADE: { privateKey: KeyObject; publicKey: KeyObject }[] = [];
let servers = 0;

/**
 * An issuer of tokens as Entra and the Bot Framework are: OpenID metadata of any tenant, a list of keys, and tokens that are
 * really signed with them.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-signature
 */
export async function startOpenIdServer(
  options: { endorsements?: readonly string[]; port?: number } = {},
): Promise<OpenIdServer> {
  const server = ++servers;
  const keys: Key[] = [];
  const add = (published: boolean): void => {
    const made = MADE[keys.length] ?? generateKeyPairSync('rsa', { modulusLength: 2_048 });
    MADE[keys.length] = made;
    keys.push({ ...made, kid: `key-${server}-${keys.length + 1}`, published });
  };
  add(true);
  const newest = (): Key => {
    const key = keys.at(-1);
    if (!key) throw new Error('a server has a key at any time');
    return key;
  };
  const listed = (): unknown =>
    keys
      .filter(({ published }) => published)
      .map(({ kid, publicKey }) => ({
        ...publicKey.export({ format: 'jwk' }),
        use: 'sig',
        kid,
        x5t: kid,
        ...(options.endorsements ? { endorsements: options.endorsements } : {}),
      }));

  const http = await startServer(
    ({ response, url }) => {
      const tenant = /^\/([^/]+)\/v2\.0\/\.well-known\/openid-configuration$/.exec(url.pathname)?.[1];
      if (tenant !== undefined)
        sendJson(response, 200, {
          issuer: `${http.origin}/${tenant}/v2.0`,
          jwks_uri: `${http.origin}/${tenant}/discovery/v2.0/keys`,
          id_token_signing_alg_values_supported: ['RS256'],
        });
      else if (/^\/[^/]+\/discovery\/v2\.0\/keys$/.test(url.pathname) || url.pathname === '/v1/.well-known/keys')
        sendJson(response, 200, { keys: listed() });
      else sendJson(response, 404, { error: 'invalid_request' });
    },
    options.port === undefined ? {} : { port: options.port },
  );

  return {
    ...http,
    issue(claims, header = {}) {
      const { kid, privateKey } = newest();
      const signed = [{ typ: 'JWT', alg: 'RS256', kid, x5t: kid, ...header }, claims]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
      return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey).toString('base64url')}`;
    },
    rollOver({ published = true, forgetOld = false } = {}) {
      if (forgetOld) for (const key of keys) key.published = false;
      add(published);
    },
    publicPem: () => newest().publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  };
}
