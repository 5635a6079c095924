import { pick, type Random } from '../random.ts';

/** What a caller's library writes into `clientInfo`, by the caller's kind and by what it works on. */
export type Client = keyof typeof CLIENTS;

export const CLIENTS = {
  net: 'azsdk-net-Security.KeyVault.Secrets/4.7.0 (.NET 8.0.11; Ubuntu 22.04.5 LTS)',
  java: 'azsdk-java-azure-security-keyvault-secrets/4.9.1 (21.0.5; Linux; 5.15.0-1073-azure)',
  python: 'azsdk-python-keyvault-secrets/4.9.0 Python/3.12.7 (Linux-5.15.0-1073-azure-x86_64-with-glibc2.36)',
  javascript:
    'azsdk-js-keyvault-secrets/4.11.2 core-rest-pipeline/1.25.0 Node/24.11.0 OS/(x64-Linux-5.15.0-1073-azure)',
  go: 'azsdk-go-azsecrets/v1.3.0 (go1.23.3; linux)',
  'net-keys': 'azsdk-net-Security.KeyVault.Keys/4.7.0 (.NET 8.0.11; Ubuntu 22.04.5 LTS)',
  'java-keys': 'azsdk-java-azure-security-keyvault-keys/4.9.1 (21.0.5; Linux; 5.15.0-1073-azure)',
  'python-keys': 'azsdk-python-keyvault-keys/4.10.0 Python/3.12.7 (Linux-5.15.0-1073-azure-x86_64-with-glibc2.36)',
  'javascript-keys':
    'azsdk-js-keyvault-keys/4.10.0 core-rest-pipeline/1.25.0 Node/24.11.0 OS/(x64-Linux-5.15.0-1073-azure)',
  'go-keys': 'azsdk-go-azkeys/v1.3.0 (go1.23.3; linux)',
  /** The Azure provider of the Secrets Store CSI driver. @see its pkg/version, GetUserAgent */
  csi: 'csi-secrets-store/v1.6.2 (linux/amd64) 2b1f0c4/2025-02-11-19:40',
  /** External Secrets Operator's older provider goes through autorest. */
  eso: 'Go/go1.23.4 (amd64-linux) go-autorest/v14.2.1 Azure-SDK-For-Go/v68.0.0 keyvault/v7.0',
  'eso-new': 'azsdk-go-azsecrets/v1.3.1 external-secrets/v0.14.2 (go1.23.6; linux)',
  'app-service':
    'FxVersion/4.8.4762.0 OSName/Windows OSVersion/10.0.20348 Microsoft.Azure.KeyVault.KeyVaultClient/3.0.3.0',
  portal:
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0',
  storage: 'Microsoft.Azure.KeyVault.KeyVaultClient/3.0.5.0 AzureStorage/1.0',
} as const;

/** Languages in the shares in which services of an estate are written. */
export function drawLanguage(random: Random): Language {
  return pick(random, ['net', 'net', 'net', 'java', 'java', 'python', 'python', 'javascript', 'go']);
}

export const LANGUAGES = ['net', 'java', 'python', 'javascript', 'go'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The same languages without the one whose client hands a refusal straight back. */
export function drawPatientLanguage(random: Random): Exclude<Language, 'javascript'> {
  return pick(random, ['net', 'net', 'java', 'java', 'python', 'go']);
}
