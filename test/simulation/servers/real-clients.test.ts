import { AppConfigurationClient } from '@azure/app-configuration';
import { ClientAssertionCredential, ClientSecretCredential, ManagedIdentityCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { afterEach, describe, expect, test } from 'vitest';
import { startAppConfigurationServer } from '../../../simulation/servers/app-configuration.ts';
import { startEntraTokenServer } from '../../../simulation/servers/entra-token.ts';
import { startImdsServer } from '../../../simulation/servers/imds.ts';
import { createRoutedHttpClient } from '../../../simulation/servers/routed-http-client.ts';
import { issueToken } from '../../../simulation/servers/tokens.ts';
import { startVaultServer } from '../../../simulation/servers/vault.ts';

const identity = {
  appId: '11111111-1111-4111-8111-111111111111',
  objectId: '22222222-2222-4222-8222-222222222222',
  tenantId: '33333333-3333-4333-8333-333333333333',
};
const vaultNames = { name: 'kv-one', subscriptionId: '00000000-0000-0000-0000-000000000000', resourceGroup: 'rg-one' };
const noRetry = { retryOptions: { maxRetries: 0 } };

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  delete process.env['AZURE_POD_IDENTITY_AUTHORITY_HOST'];
  await Promise.all(closing.splice(0).map((close) => close()));
});

const staticCredential = {
  getToken: async () => {
    const seconds = Math.floor(Date.now() / 1_000) + 3_600;
    return { token: issueToken(identity, 'https://vault.azure.net', seconds), expiresOnTimestamp: seconds * 1_000 };
  },
};

async function startVault(over: Partial<Parameters<typeof startVaultServer>[0]> = {}) {
  const audit: Record<string, unknown>[] = [];
  const server = await startVaultServer({
    vault: vaultNames,
    tenantId: identity.tenantId,
    secrets: new Map([['db', { value: 'one', contentType: 'text/plain' }]]),
    onAudit: (line) => audit.push(JSON.parse(line)),
    ...over,
  });
  closing.push(server.close);
  const httpClient = createRoutedHttpClient({ 'kv-one.vault.azure.net': server.origin });
  const client = new SecretClient('https://kv-one.vault.azure.net', staticCredential, { httpClient, ...noRetry });
  return { server, client, audit };
}

describe('the simulated vault, read by the real client', () => {
  test('answers one challenge, then secrets, and audits both as Key Vault does', async () => {
    const { server, client, audit } = await startVault();
    expect((await client.getSecret('db')).value).toBe('one');
    expect((await client.getSecret('db')).properties.contentType).toBe('text/plain');
    expect(server.counts()).toMatchObject({ challenges: 1, served: 2, refused: 0 });
    expect(
      audit.map((row) => [row['operationName'], Reflect.get(Object(row['properties']), 'httpStatusCode')]),
    ).toEqual([
      ['Authentication', 401],
      ['SecretGet', 200],
      ['SecretGet', 200],
    ]);
    expect(audit.map((row) => Object.keys(Object(row['identity'])))).toEqual([[], ['claim'], ['claim']]);
  });

  test('writes the same audit records from the same seed', async () => {
    const play = async (seed: number): Promise<unknown[]> => {
      const { client, audit } = await startVault({ seed, now: () => Date.UTC(2026, 0, 5) });
      await client.getSecret('db');
      return audit;
    };
    const records = await play(1);
    expect(JSON.stringify(records)).toMatch(/"correlationId":"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-/);
    expect(await play(1)).toEqual(records);
    expect(await play(2)).not.toEqual(records);
  });

  test.each([
    ['absent', 404, 'SecretNotFound'],
    ['hidden', 403, 'Forbidden'],
    ['off', 403, 'Forbidden'],
  ])('answers %s with %i', async (name, statusCode, code) => {
    const { client } = await startVault({
      secrets: new Map([
        ['hidden', { value: 'x' }],
        ['off', { value: 'x', enabled: false }],
      ]),
      forbidden: new Set(['hidden']),
    });
    await expect(client.getSecret(name)).rejects.toMatchObject({ statusCode, code });
  });

  test('refuses beyond its limit without Retry-After, so the client does not retry', async () => {
    const { server, client } = await startVault({
      throttle: {
        limits: { read: { requests: 2, windowMs: 10_000, shape: 'sliding', countsRefused: true } },
        retryAfterSeconds: null,
      },
    });
    await client.getSecret('db');
    await client.getSecret('db');
    await expect(client.getSecret('db')).rejects.toMatchObject({ statusCode: 429, code: 'Throttled' });
    expect(server.counts().refused).toBe(1);
  });

  test.each([['cut' as const], [{ status: 503 }]])('can be down: %j', async (outage) => {
    const { server, client } = await startVault();
    server.setOutage(outage);
    await expect(client.getSecret('db')).rejects.toThrow();
    server.setOutage('none');
    expect((await client.getSecret('db')).value).toBe('one');
  });
});

describe('the simulated App Configuration store, read by the real client', () => {
  test('pages, filters, and answers 304 for unchanged pages by etag', async () => {
    const keyValues = Array.from({ length: 5 }, (_, i) => ({
      key: `App:${i}`,
      label: i === 4 ? 'prod' : null,
      value: `${i}`,
    }));
    const server = await startAppConfigurationServer({
      keyValues: [...keyValues, { key: 'Other', value: 'x' }],
      accessKey: { id: 'id', secretBase64: 'c2VjcmV0' },
      pageSize: 2,
    });
    closing.push(server.close);
    const client = new AppConfigurationClient(server.connectionString, { allowInsecureConnection: true, ...noRetry });
    const pages = [];
    for await (const page of client.listConfigurationSettings({ keyFilter: 'App:*', labelFilter: '\0' }).byPage())
      pages.push(page);
    expect(pages.map(({ items }) => items.map(({ key }) => key))).toEqual([
      ['App:0', 'App:1'],
      ['App:2', 'App:3'],
    ]);
    const pageEtags = pages.map(({ etag }) => etag ?? '');
    const again = [];
    for await (const page of client
      .listConfigurationSettings({ keyFilter: 'App:*', labelFilter: '\0', pageEtags })
      .byPage())
      again.push(page._response.status);
    expect(again).toEqual([304, 304]);
    expect(server.counts()).toMatchObject({ lists: 4, notModified: 2 });
  });

  test('refuses a wrong key and a used-up quota', async () => {
    const server = await startAppConfigurationServer({
      keyValues: [],
      accessKey: { id: 'id', secretBase64: 'c2VjcmV0' },
      requestsPerHour: 1,
      retryAfterMs: 5_000,
    });
    closing.push(server.close);
    const open = (secret: string) =>
      new AppConfigurationClient(`Endpoint=${server.origin};Id=id;Secret=${secret}`, {
        allowInsecureConnection: true,
        ...noRetry,
      });
    const list = (client: AppConfigurationClient) => client.listConfigurationSettings().next();
    await expect(list(open('d3Jvbmc='))).rejects.toMatchObject({ statusCode: 401 });
    await list(open('c2VjcmV0'));
    await expect(list(open('c2VjcmV0'))).rejects.toMatchObject({ statusCode: 429 });
  });
});

describe('the simulated token endpoints', () => {
  test('a managed identity gets a token that the vault accepts', async () => {
    const imds = await startImdsServer({ identity });
    closing.push(imds.close);
    process.env['AZURE_POD_IDENTITY_AUTHORITY_HOST'] = imds.origin;
    const token = await new ManagedIdentityCredential().getToken('https://vault.azure.net/.default');
    expect(token.expiresOnTimestamp).toBeGreaterThan(Date.now());
    const { server } = await startVault();
    const response = await fetch(`${server.origin}/secrets/db?api-version=7.6`, {
      headers: { authorization: `Bearer ${token.token}` },
    });
    expect(response.status).toBe(200);
  });

  test('a client secret gets a token from Entra that the vault accepts', async () => {
    const entra = await startEntraTokenServer({ identity });
    closing.push(entra.close);
    const httpClient = createRoutedHttpClient({ 'login.microsoftonline.com': entra.origin });
    const credential = new ClientSecretCredential(identity.tenantId, identity.appId, 'secret', { httpClient });
    const { server } = await startVault();
    const vaultClient = createRoutedHttpClient({ 'kv-one.vault.azure.net': server.origin });
    const client = new SecretClient('https://kv-one.vault.azure.net', credential, { httpClient: vaultClient });
    expect((await client.getSecret('db')).value).toBe('one');
    expect(entra.requests()).toBe(1);
  });

  test('Entra answers an assertion in place of a secret, and refuses other grants', async () => {
    const entra = await startEntraTokenServer({ identity });
    closing.push(entra.close);
    const httpClient = createRoutedHttpClient({ 'login.microsoftonline.com': entra.origin });
    const { tenantId, appId } = identity;
    const credential = new ClientAssertionCredential(tenantId, appId, async () => 'assertion', { httpClient });
    const token = await credential.getToken('https://vault.azure.net/.default');
    expect(token.expiresOnTimestamp).toBeGreaterThan(Date.now());
    const body = new URLSearchParams({ grant_type: 'password', scope: 'https://vault.azure.net/.default' });
    const response = await fetch(`${entra.origin}/${tenantId}/oauth2/v2.0/token`, { method: 'POST', body });
    expect(response.status).toBe(400);
  });

  test('while Entra is down the credential says so', async () => {
    const entra = await startEntraTokenServer({ identity });
    closing.push(entra.close);
    entra.setOutage({ status: 503 });
    const httpClient = createRoutedHttpClient({ 'login.microsoftonline.com': entra.origin });
    const { tenantId } = identity;
    const credential = new ClientSecretCredential(tenantId, 'other', 'secret', { httpClient, ...noRetry });
    await expect(credential.getToken('https://vault.azure.net/.default')).rejects.toThrow();
    expect(entra.requests()).toBe(1);
  });
});
