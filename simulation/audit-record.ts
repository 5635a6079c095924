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
 * @see https://learn.microsoft.com/azure/key-vault/general/logging
 */
export function auditLine(vault: Vault, request: VaultRequest): string {
  const time = new Date(request.timeMs).toISOString().slice(0, -1);
  const microseconds = String(Math.floor((request.timeMs % 1) * 10_000)).padStart(4, '0');
  const host = `https://${vault.name}.vault.azure.net`;
  return JSON.stringify({
    time: `${time}${microseconds}Z`,
    resourceId: exportedId(vault),
    operationName: request.operation,
    operationVersion: '7.4',
    category: 'AuditEvent',
    resultType: 'Success',
    resultSignature: SIGNATURES[request.status] ?? 'OK',
    resultDescription: '',
    durationMs: String(request.durationMs),
    callerIpAddress: request.address,
    correlationId: request.correlationId,
    identity: request.identity === undefined ? {} : { claim: claims(request.identity) },
    properties: {
      clientInfo: request.clientInfo,
      requestUri: `${host}${request.path}?api-version=7.4`,
      id: `${host}${request.path}`,
      httpStatusCode: request.status,
    },
  });
}

/** Of the vault whose log is being written: there are a hundred thousand lines of it. */
const exportedIds = new WeakMap<Vault, string>();

function exportedId(vault: Vault): string {
  const known = exportedIds.get(vault);
  if (known !== undefined) return known;
  const id = vaultResourceId(vault).toUpperCase();
  exportedIds.set(vault, id);
  return id;
}

function claims({ appId, objectId, userName }: Identity): Record<string, string> {
  return {
    'http://schemas.microsoft.com/identity/claims/objectidentifier': objectId,
    appid: appId,
    ...(userName !== undefined && { 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': userName }),
  };
}
