/** `headroom/secrets` with the real clients and the real managed-identity credential against Lowkey Vault. */
import assert from 'node:assert/strict';
import { ManagedIdentityCredential } from '@azure/identity';
import { SecretClient, type SecretClientOptions } from '@azure/keyvault-secrets';
import { createSecrets, type Secrets, type SecretsOptions } from '../../shared/secrets/index.ts';
import { startAppConfigurationServer } from '../../simulation/servers/app-configuration.ts';
import { createRoutedHttpClient } from '../../simulation/servers/routed-http-client.ts';
import { findLowkeyVault, type LowkeyVault, startLowkeyVault } from './lowkey-vault-process.ts';
import type { Report } from './report.ts';

const REFERENCE_TYPE = 'application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8';
const TITLE = 'Secrets on Lowkey Vault';
const SECRETS = 20;
/** Of the service's interface, that Lowkey Vault knows. */
const NEWEST_VERSION = '7.6';

export const lowkeyVaultStage = { title: TITLE, run };

async function run(report: Report): Promise<void> {
  const found = findLowkeyVault();
  if (found.kind === 'missing') {
    process.stdout.write(`skipped ${TITLE}: ${found.why}\n`);
    return;
  }
  const vault = await startLowkeyVault(found.jar);
  const before = process.env['AZURE_POD_IDENTITY_AUTHORITY_HOST'];
  process.env['AZURE_POD_IDENTITY_AUTHORITY_HOST'] = vault.tokenUrl;
  const opened: Secrets[] = [];
  try {
    await check(report, vault, async (options) => {
      const secrets = await createSecrets(options);
      opened.push(secrets);
      return secrets;
    });
  } finally {
    if (before === undefined) delete process.env['AZURE_POD_IDENTITY_AUTHORITY_HOST'];
    else process.env['AZURE_POD_IDENTITY_AUTHORITY_HOST'] = before;
    await Promise.all(opened.map((secrets) => secrets.close()));
    await vault.stop();
  }
}

async function check(
  report: Report,
  vault: LowkeyVault,
  open: (options: SecretsOptions) => Promise<Secrets>,
): Promise<void> {
  const { vaultUrl } = vault;
  const credential = new ManagedIdentityCredential();
  const trust: SecretClientOptions = {
    tlsOptions: { ca: vault.certificate },
    disableChallengeResourceVerification: true,
    serviceVersion: NEWEST_VERSION,
  };
  const writer = new SecretClient(vaultUrl, credential, trust);
  const statuses: number[] = [];
  const vaultClientOptions: SecretClientOptions = {
    ...trust,
    additionalPolicies: [
      {
        position: 'perRetry',
        policy: {
          name: 'count',
          async sendRequest(request, next) {
            const response = await next(request);
            statuses.push(response.status);
            return response;
          },
        },
      },
    ],
  };
  const first = (await writer.setSecret('db', 'one')).properties.version;
  await writer.setSecret('db', 'two');
  const secrets = await open({ credential, vaultClientOptions });

  await report.check('a first read draws one challenge and is answered, the next is from memory', async () => {
    assert.equal(await secrets.getSecret(vaultUrl, 'db'), 'two');
    assert.equal(await secrets.getSecret(vaultUrl, 'db'), 'two');
    assert.deepEqual(statuses, [401, 200]);
  });

  await report.check('a version is read as it was', async () => {
    assert.equal(await secrets.getSecret(vaultUrl, 'db', first), 'one');
  });

  await report.check(`${SECRETS} secrets at once: one call each, no further challenge`, async () => {
    const names = Array.from({ length: SECRETS }, (_, index) => `s${index}`);
    for (const name of names) await writer.setSecret(name, `value of ${name}`);
    statuses.length = 0;
    const reads = names.flatMap((name) => [secrets.getSecret(vaultUrl, name), secrets.getSecret(vaultUrl, name)]);
    assert.deepEqual(new Set(await Promise.all(reads)), new Set(names.map((name) => `value of ${name}`)));
    assert.deepEqual(statuses, Array(SECRETS).fill(200));
  });

  await report.check('a secret that does not exist is not-found, and so is a disabled one here', async () => {
    // Key Vault answers 403 for a disabled secret, this emulator 404; neither may give its value.
    await writer.setSecret('off', 'x', { enabled: false });
    for (const name of ['absent', 'off'])
      await assert.rejects(secrets.getSecret(vaultUrl, name), { name: 'SecretsError', kind: 'not-found' });
  });

  await report.check('a reference reads a bundle by its content type, whole and in parts', async () => {
    const bundle = JSON.stringify({ User: 'u', Password: 'p' });
    await writer.setSecret('smtp', bundle, { contentType: 'application/json' });
    const value = JSON.stringify({ uri: `${vaultUrl}/secrets/smtp` });
    const store = await startAppConfigurationServer({
      keyValues: [{ key: 'Smtp', value, contentType: REFERENCE_TYPE }],
      accessKey: { id: 'id', secretBase64: 'c2VjcmV0' },
    });
    try {
      const loaded = await open({
        connectionString: 'Endpoint=https://store.azconfig.io;Id=id;Secret=c2VjcmV0',
        credential,
        vaultClientOptions,
        appConfigurationClientOptions: { httpClient: createRoutedHttpClient({ 'store.azconfig.io': store.origin }) },
      });
      assert.deepEqual(await Promise.all(['Smtp', 'Smtp:User', 'Smtp:Password'].map((key) => loaded.get(key))), [
        bundle,
        'u',
        'p',
      ]);
    } finally {
      await store.close();
    }
  });

  await report.check('a rotated secret arrives within two TTLs, without a restart', async () => {
    const quick = await open({ credential, vaultClientOptions, ttlMs: 1_000 });
    assert.equal(await quick.getSecret(vaultUrl, 'db'), 'two');
    await writer.setSecret('db', 'three');
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    assert.equal(await quick.getSecret(vaultUrl, 'db'), 'three');
  });

  await report.check(
    'when the vault is gone, what is in memory is served and a first read is unavailable',
    async () => {
      await vault.stop();
      assert.equal(await secrets.getSecret(vaultUrl, 'db'), 'two');
      await assert.rejects(secrets.getSecret(vaultUrl, 'never-read'), { name: 'SecretsError', kind: 'unavailable' });
    },
  );
}
