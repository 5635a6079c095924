/** Whose token a request carries; `userName` where a person signed in to the application. */
export type Identity = { appId: string; objectId: string; userName?: string };

/** One request as the vault saw it, before it is written down. */
export type VaultRequest = {
  timeMs: number;
  operation: string;
  /** Path below the vault's host: `/secrets/name`. */
  path: string;
  address: string;
  clientInfo: string;
  /** Absent on the unauthenticated call that draws the 401 challenge. */
  identity?: Identity;
  status: number;
  durationMs: number;
  correlationId: string;
};

export type Vault = { name: string; subscriptionId: string; resourceGroup: string };

const SIGNATURES: Record<number, string> = {
  200: 'OK',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
};

export function vaultResourceId({ name, subscriptionId, resourceGroup }: Vault): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.KeyVault/vaults/${name}`;
}

/**
 * The line that Key Vault's diagnostic setting exports for a request: `AuditEvent`, seven fraction digits, the resource
 * in capitals, `resultType` Success on refusals too, no identity on a 401.
 *
 * A log has a hundred thousand lines and more, so the parts that many share are put into JSON once.
 *
 * @see https://learn.microsoft.com/azure/key-vault/general/logging
 */
export function auditLine(vault: Vault, request: VaultRequest): string {
  const { resourceId, host } = partsOf(vault);
  const time = new Date(request.timeMs).toISOString().slice(0, -1);
  const microseconds = String(Math.floor((request.timeMs % 1) * 10_000)).padStart(4, '0');
  const status = request.status;
  return (
    `{"time":"${time}${microseconds}Z","resourceId":${resourceId},"operationName":${quote(request.operation)}` +
    `,"operationVersion":"7.4","category":"AuditEvent","resultType":"Success"` +
    `,"resultSignature":"${SIGNATURES[status] ?? 'OK'}","resultDescription":"","durationMs":"${request.durationMs}"` +
    `,"callerIpAddress":${quote(request.address)},"correlationId":${quote(request.correlationId)}` +
    `,"identity":${identityOf(request)},"properties":{"clientInfo":${quote(request.clientInfo)}` +
    `,"requestUri":${quote(`${host}${request.path}?api-version=7.4`)},"id":${quote(host + request.path)}` +
    `,"httpStatusCode":${JSON.stringify(status)}}}`
  );
}

const quote = (text: string): string => JSON.stringify(text);

const partsOfVaults = new WeakMap<Vault, { resourceId: string; host: string }>();

function partsOf(vault: Vault): { resourceId: string; host: string } {
  const known = partsOfVaults.get(vault);
  if (known !== undefined) return known;
  const parts = {
    resourceId: quote(vaultResourceId(vault).toUpperCase()),
    host: `https://${vault.name}.vault.azure.net`,
  };
  partsOfVaults.set(vault, parts);
  return parts;
}

const writtenIdentities = new WeakMap<Identity, string>();

function identityOf({ identity }: VaultRequest): string {
  if (identity === undefined) return '{}';
  const known = writtenIdentities.get(identity);
  if (known !== undefined) return known;
  const written = JSON.stringify({ claim: claims(identity) });
  writtenIdentities.set(identity, written);
  return written;
}

function claims({ appId, objectId, userName }: Identity): Record<string, string> {
  return {
    'http://schemas.microsoft.com/identity/claims/objectidentifier': objectId,
    appid: appId,
    ...(userName !== undefined && { 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': userName }),
  };
}
