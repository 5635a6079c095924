import { auditLine, type Vault } from '../audit-record.ts';
import { lognormal, seededRandom } from '../random.ts';
import { type Exchange, type Outage, sendJson, startServer } from './http-server.ts';
import { createThrottle, type ThrottleProfile } from './throttle.ts';
import { readToken } from './tokens.ts';

type VaultSecret = { value: string; contentType?: string; enabled?: boolean };

export type VaultServerOptions = {
  vault: Vault;
  tenantId: string;
  /** By name; changed in place by tests. A version is made up for each. */
  secrets: Map<string, VaultSecret>;
  throttle?: ThrottleProfile;
  /** Names that answer 403. */
  forbidden?: ReadonlySet<string>;
  /** Median service time, ms; 0 answers at once. */
  latencyMs?: number;
  seed?: number;
  port?: number;
  /** Epoch ms. */
  now?: () => number;
  /** Receives each audit record as the diagnostic setting would export it. */
  onAudit?: (line: string) => void;
};

type VaultCounts = { served: number; refused: number; challenges: number; reads: Map<string, number> };

export type VaultServer = {
  origin: string;
  counts(): VaultCounts;
  requests(): number;
  setOutage(outage: Outage): void;
  close(): Promise<void>;
};

const NAME = /^\/secrets\/([0-9a-zA-Z-]{1,127})(?:\/([0-9a-f]{32}))?\/?$/;

/**
 * A vault with the wire format of Key Vault's secrets: challenge authentication, 429 without Retry-After, audit records.
 *
 * @see https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret
 */
export async function startVaultServer(options: VaultServerOptions): Promise<VaultServer> {
  const now = options.now ?? (() => performance.timeOrigin + performance.now());
  const random = seededRandom(options.seed ?? 1, 'vault latency');
  const correlationRandom = seededRandom(options.seed ?? 1, 'vault correlation');
  const throttle = createThrottle(options.throttle ?? { limits: {}, retryAfterSeconds: null });
  const median = options.latencyMs ?? 0;
  const counts: VaultCounts = { served: 0, refused: 0, challenges: 0, reads: new Map() };

  const handle = ({ request, response, url }: Exchange): void => {
    const startedAt = now();
    const identity = readToken(request.headers.authorization, startedAt);
    const name = NAME.exec(url.pathname)?.[1];
    const list = url.pathname.replace(/\/$/, '') === '/secrets';
    const operation =
      identity === null ? 'Authentication' : list ? 'SecretList' : request.method === 'PUT' ? 'SecretSet' : 'SecretGet';

    const finish = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
      options.onAudit?.(
        auditLine(options.vault, {
          timeMs: startedAt,
          operation,
          path: url.pathname,
          address: '127.0.0.1',
          clientInfo: (request.headers['user-agent'] ?? '').slice(0, 200),
          ...(identity === null ? {} : { identity }),
          status,
          durationMs: Math.max(1, Math.round(now() - startedAt)),
          correlationId: drawUuid(correlationRandom),
        }),
      );
      sendJson(response, status, body, { 'x-ms-keyvault-service-version': '1.9.2090.1', ...headers });
    };

    if (identity === null) {
      counts.challenges++;
      finish(
        401,
        { error: { code: 'Unauthorized', message: 'AKV10000: Request is missing a Bearer or PoP token.' } },
        {
          'www-authenticate': `Bearer authorization="https://login.microsoftonline.com/${options.tenantId}", resource="https://vault.azure.net"`,
        },
      );
      return;
    }
    const verdict = throttle(request.method === 'PUT' ? 'write' : 'read', startedAt);
    if (!verdict.admitted) {
      counts.refused++;
      const message =
        'Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached';
      finish(429, { error: { code: 'Throttled', message } }, verdict.headers);
      return;
    }
    counts.served++;
    const host = `https://${options.vault.name}.vault.azure.net`;
    if (list) {
      const value = [...options.secrets.keys()].map((key) => ({
        id: `${host}/secrets/${key}`,
        attributes: { enabled: true },
      }));
      finish(200, { value, nextLink: null });
      return;
    }
    const secret = name === undefined ? undefined : options.secrets.get(name);
    if (name !== undefined) counts.reads.set(name, (counts.reads.get(name) ?? 0) + 1);
    if (name !== undefined && options.forbidden?.has(name)) {
      finish(403, {
        error: {
          code: 'Forbidden',
          message: 'Caller is not authorized to perform action on resource.',
          innererror: { code: 'ForbiddenByRbac' },
        },
      });
    } else if (secret === undefined || name === undefined) {
      finish(404, {
        error: { code: 'SecretNotFound', message: 'A secret with (name/id) was not found in this key vault.' },
      });
    } else if (secret.enabled === false) {
      finish(403, {
        error: {
          code: 'Forbidden',
          message: 'Operation get is not allowed on a disabled secret.',
          innererror: { code: 'SecretDisabled' },
        },
      });
    } else {
      const seconds = Math.floor(startedAt / 1_000);
      finish(200, {
        value: secret.value,
        ...(secret.contentType === undefined ? {} : { contentType: secret.contentType }),
        id: `${host}/secrets/${name}/${'0'.repeat(32)}`,
        attributes: { enabled: true, created: seconds, updated: seconds, recoveryLevel: 'Recoverable+Purgeable' },
      });
    }
  };

  const server = await startServer(handle, {
    ...(options.port === undefined ? {} : { port: options.port }),
    delayMs: () => (median === 0 ? 0 : lognormal(random, median, 0.3)),
  });
  return { ...server, counts: () => counts };
}

/** A version 4 UUID, the same for the same draws: audit records of one seed are alike. */
function drawUuid(random: () => number): string {
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (place) => {
    const digit = Math.floor(random() * 16);
    return (place === 'x' ? digit : 8 + (digit % 4)).toString(16);
  });
}
