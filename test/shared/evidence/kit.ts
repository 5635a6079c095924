import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createFilesReader } from '../../../shared/adapters/duckdb/files-reader.ts';
import type { EvidenceKind } from '../../../shared/evidence/kind.ts';
import { rowsOf } from '../../../shared/evidence/rows.ts';
import { type LimitProfile, limitProfile } from '../../../shared/limits.ts';
import type { Evidence, Resource, Row } from '../../../shared/model.ts';
import { gather } from '../../../shared/pipeline/gather.ts';
import { fakeClock } from '../../kit.ts';

export const VAULT: Resource = {
  cloud: 'azure',
  id: '/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/rg-contoso/providers/microsoft.keyvault/vaults/kv-contoso',
  name: 'kv-contoso',
  type: 'microsoft.keyvault/vaults',
  scope: '00000000-0000-0000-0000-000000000000',
};

export const FROM = '2026-01-05T10:00:00.000Z';
export const TO = '2026-01-05T10:20:00.000Z';

/** What of a record a test cares about; `at` in seconds after `FROM`. */
export type Asked = {
  at: number;
  appId?: string | null;
  upn?: string;
  oid?: string;
  address?: string;
  client?: string;
  secret?: string;
  operation?: string;
  status?: number | string;
  durationMs?: number | string;
  correlationId?: string;
  resourceId?: string;
};

let correlation = 0;

/** A record as Key Vault exports it, one line. */
export function line(asked: Asked): string {
  const { at, appId = 'app-a', address = '10.0.0.1', secret = 'one', operation = 'SecretGet', status = 200 } = asked;
  const claim = {
    ...(appId !== null && { appid: appId }),
    ...(asked.oid !== undefined && { 'http://schemas.microsoft.com/identity/claims/objectidentifier': asked.oid }),
    ...(asked.upn !== undefined && { 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': asked.upn }),
  };
  return JSON.stringify({
    time: new Date(Date.parse(FROM) + at * 1000).toISOString().replace('Z', '1234Z'),
    resourceId: asked.resourceId ?? VAULT.id.toUpperCase(),
    operationName: operation,
    operationVersion: '7.4',
    category: 'AuditEvent',
    resultType: 'Success',
    durationMs: asked.durationMs ?? '12',
    callerIpAddress: address,
    correlationId: asked.correlationId ?? `correlation-${correlation++}`,
    identity: Object.keys(claim).length === 0 ? {} : { claim },
    properties: {
      clientInfo: asked.client ?? 'azsdk-net-Security.KeyVault.Secrets/4.7.0 (.NET 8.0.11)',
      requestUri: `https://kv-contoso.vault.azure.net/secrets/${secret}?api-version=7.4`,
      id: `https://kv-contoso.vault.azure.net/secrets/${secret}`,
      httpStatusCode: status,
    },
  });
}

/** Runs with a folder that holds these files and is gone afterwards. */
export async function withFiles<T>(
  files: Readonly<Record<string, string | Uint8Array>>,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'headroom-test-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the files of a folder say about the vault, through the real database. */
export async function gatherFrom(
  paths: readonly string[],
  options: { kinds?: readonly string[]; from?: string; to?: string; resource?: Resource } = {},
): Promise<Evidence> {
  const clock = fakeClock();
  // A second thread costs a third more of the machine, which other tests have.
  const reader = createFilesReader({ paths, now: clock.now, threads: 1 });
  return gather(
    { readers: [reader], clock },
    {
      resource: options.resource ?? VAULT,
      from: options.from ?? FROM,
      to: options.to ?? TO,
      ...(options.kinds !== undefined && { kinds: options.kinds }),
    },
  );
}

/** Rows of one kind from these lines in one file. */
export async function ask<R extends Row>(kind: EvidenceKind<R>, lines: readonly string[]): Promise<R[]> {
  const evidence = await withFiles({ 'log.json': `${lines.join('\n')}\n` }, (folder) =>
    gatherFrom([folder], { kinds: [kind.kind] }),
  );
  const rows = rowsOf(evidence, kind);
  if (rows === null) throw new Error(`${kind.kind} was not read: ${JSON.stringify(evidence.readings)}`);
  return rows;
}

export function published(): LimitProfile {
  const profile = limitProfile('published');
  if (profile === null) throw new Error('there is no profile of published limits');
  return profile;
}
