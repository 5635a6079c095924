import { expect, test } from 'vitest';
import { clientLanguage, clientOf, LANGUAGE_NAMES, RETRY_DEFAULTS } from '../../../shared/evidence/client-language.ts';

test.each([
  ['azsdk-net-Security.KeyVault.Secrets/4.7.0 (.NET 8.0.11; Ubuntu 22.04.5 LTS)', 'net'],
  ['azsdk-java-azure-security-keyvault-secrets/4.9.1 (21.0.5; Linux; 5.15)', 'java'],
  ['azsdk-python-keyvault-secrets/4.9.0 Python/3.12.7 (Linux-5.15)', 'python'],
  ['azsdk-js-keyvault-secrets/4.11.2 core-rest-pipeline/1.25.0 Node/24.11.0', 'javascript'],
  ['azsdk-go-azsecrets/v1.3.0 (go1.23.3; linux)', 'go'],
  ['curl/8.5.0', null],
  ['', null],
  [null, null],
  [undefined, null],
])('tells the language of %s', (client, language) => {
  expect(clientLanguage(client)).toBe(language);
});

test('knows a name and the retries of every language', () => {
  expect(Object.keys(RETRY_DEFAULTS)).toEqual(Object.keys(LANGUAGE_NAMES));
});

test.each([
  ['csi-secrets-store/v1.6.2 (linux/amd64) 2b1f0c4/2025-02-11-19:40', 'csi-driver', 'go'],
  ['azsdk-go-azsecrets/v1.3.1 external-secrets/v0.14.2 (go1.23.6; linux)', 'external-secrets', 'go'],
  ['Go/go1.23.4 (amd64-linux) go-autorest/v14.2.1 Azure-SDK-For-Go/v68.0.0 keyvault/v7.0', 'go', 'go'],
  ['Microsoft.Azure.KeyVault.KeyVaultClient/3.0.5.0 AzureStorage/1.0', 'microsoft-service', null],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36', 'portal', null],
  ['azsdk-net-Security.KeyVault.Secrets/4.7.0 (.NET 8.0.11)', 'net', 'net'],
  ['curl/8.5.0', null, null],
])('tells who reads for an application, and the library underneath, of %s', (info, client, language) => {
  expect(clientOf(info)).toBe(client);
  expect(clientLanguage(info)).toBe(language);
});
