/** Whom a simulated token speaks for. */
export type SimulatedIdentity = { appId: string; objectId: string; tenantId: string };

/** An unsigned token that carries its identity: the simulated vault reads who calls from it, as the real one does. */
export function issueToken(identity: SimulatedIdentity, resource: string, expiresAtSeconds: number): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    aud: resource,
    appid: identity.appId,
    oid: identity.objectId,
    tid: identity.tenantId,
    exp: expiresAtSeconds,
  };
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`;
}

/** The identity behind an Authorization header; null when there is none or it has expired. */
export function readToken(authorization: string | undefined, nowMs: number): SimulatedIdentity | null {
  const encoded = /^Bearer [\w-]+\.([\w-]+)\.$/.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return null;
  let claims: unknown;
  try {
    claims = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
  if (typeof claims !== 'object' || claims === null) return null;
  const read = (name: string): unknown => Reflect.get(claims, name);
  const [appId, objectId, tenantId, expiresAt] = [read('appid'), read('oid'), read('tid'), read('exp')];
  if (typeof appId !== 'string' || typeof objectId !== 'string' || typeof tenantId !== 'string') return null;
  return typeof expiresAt === 'number' && expiresAt * 1_000 > nowMs ? { appId, objectId, tenantId } : null;
}
