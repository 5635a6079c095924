import { expect, test } from 'vitest';
import { clientLanguage, LANGUAGE_NAMES, RETRY_DEFAULTS } from '../../../shared/evidence/client-language.ts';

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
