import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import type { Outage } from '../../../simulation/servers/http-server.ts';
import { startVaultServer, type VaultServer, type VaultServerOptions } from '../../../simulation/servers/vault.ts';

const ROOT = join(import.meta.dirname, '../../..');
let vault: VaultServer | undefined;
afterEach(async () => {
  await vault?.close();
  vault = undefined;
});

async function runProcess(over: Partial<VaultServerOptions>, body: string, outage: Outage = 'none'): Promise<string> {
  vault = await startVaultServer({
    vault: { name: 'kv-one', subscriptionId: '00000000-0000-0000-0000-000000000000', resourceGroup: 'rg-one' },
    tenantId: '33333333-3333-4333-8333-333333333333',
    secrets: new Map([
      ['a', { value: 'value-a' }],
      ['b', { value: 'value-b' }],
    ]),
    ...over,
  });
  vault.setOutage(outage);
  const code = `
    import { createSecrets } from '${ROOT}/shared/secrets/index.ts';
    import { createRoutedHttpClient } from '${ROOT}/simulation/servers/routed-http-client.ts';
    import { issueToken } from '${ROOT}/simulation/servers/tokens.ts';
    const expires = Math.floor(Date.now() / 1000) + 3600;
    const token = issueToken({ appId: 'a', objectId: 'b', tenantId: 'c' }, 'https://vault.azure.net', expires);
    const secrets = await createSecrets({
      credential: { getToken: async () => ({ token, expiresOnTimestamp: expires * 1000 }) },
      vaultClientOptions: { httpClient: createRoutedHttpClient({ 'kv-one.vault.azure.net': '${vault.origin}' }) },
    });
    const read = (name) => secrets.getSecret('https://kv-one.vault.azure.net', name);
    ${body}`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], {
    timeout: 15_000,
  });
  return stdout.trim();
}

describe('a process that uses the library', () => {
  test('ends by itself when its work is done, without close', async () => {
    expect(await runProcess({}, "console.log(await read('a'));")).toBe('value-a');
  });

  test('stays alive while a reader waits for its next try', async () => {
    const recover = (): void => {
      if (vault === undefined || vault.requests() === 0) return;
      clearInterval(watching);
      vault.setOutage('none');
    };
    const watching = setInterval(recover, 5);
    const reading = runProcess({}, "console.log(await read('a'));", { status: 503 });
    expect(await reading).toBe('value-a');
    expect(vault?.requests()).toBeGreaterThanOrEqual(3);
  });
});
