import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type BicepFile, parseBicep } from '../../../infra/azure/bicep.ts';
import { checkFiles, readFolder } from '../../../infra/azure/check.ts';
import { PUBLISHED } from '../../../infra/azure/schema.ts';

const FOLDER = resolve(import.meta.dirname, '../../../infra/azure');

let files: Map<string, BicepFile>;
beforeAll(async () => {
  files = await readFolder(FOLDER);
});

/** The problems of the whole deployment with one text in one file replaced. */
async function seeded(name: string, from: string, to: string): Promise<string[]> {
  const path = join(FOLDER, name);
  const text = readFileSync(path, 'utf8');
  expect(text, `${name} has ${from}`).toContain(from);
  const changed = new Map(files).set(path, await parseBicep(path, text.replace(from, to)));
  return checkFiles(changed, FOLDER);
}

describe('the Bicep files', () => {
  test('parse, fit the published types, and give each other what they ask for', () => {
    expect(checkFiles(files, FOLDER)).toEqual([]);
  });

  test('are checked against types whose origin is named, and against no more than they use', () => {
    expect(PUBLISHED.source).toMatchObject({
      repository: 'Azure/bicep-types-az',
      commit: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
    const used = [...files.values()].flatMap(({ resources }) => resources.map(({ type }) => type));
    expect(Object.keys(PUBLISHED.resources).sort()).toEqual([...new Set(used)].sort());
  });
});

describe('a mistake is found', () => {
  test.each([
    [
      'a property that is not known',
      'modules/storage.bicep',
      'allowBlobPublicAccess',
      'allowBlobPublicAcces',
      /storage\.bicep:\d+: .*allowBlobPublicAcces is not known/,
    ],
    [
      'one deep in a nested object',
      'modules/function-app.bicep',
      'instanceMemoryMB',
      'instanceMemory',
      /scaleAndConcurrency\.instanceMemory is not known/,
    ],
    [
      'one among those of a criterion, whose type would take any',
      'modules/own-alerts.bicep',
      "metricNamespace: 'Microsoft.Storage",
      "metricNameSpace: 'Microsoft.Storage",
      /metricNameSpace is not known/,
    ],
    [
      'a property that is missing',
      'modules/storage.bicep',
      "  kind: 'StorageV2'\n",
      '',
      /storageAccounts\.kind is missing/,
    ],
    [
      'one that is missing in a loop',
      'modules/key-vault-rules.bicep',
      '            timeAggregation: one.aggregation\n',
      '',
      /allOf\[0\]\.timeAggregation is missing/,
    ],
    [
      'a value that is none of the list',
      'modules/storage.bicep',
      "'TLS1_2'",
      "'TLS12'",
      /minimumTlsVersion is "TLS12", and none of/,
    ],
    [
      'one on one side of a choice',
      'modules/vault.bicep',
      "? 'Deny' : 'Allow'",
      "? 'Deny' : 'Permit'",
      /defaultAction is "Permit"/,
    ],
    [
      'the kind of a criterion',
      'modules/key-vault-rules.bicep',
      'MultipleResourceMultipleMetricCriteria',
      'MultipleResourceMetricCriteria',
      /odata\.type is .* and none of/,
    ],
    [
      'a number where a word belongs',
      'modules/function-app.bicep',
      "version: '24'",
      'version: 24',
      /runtime\.version is to be a string, not a number/,
    ],
    [
      'a word where a truth belongs',
      'modules/configuration.bicep',
      'disableLocalAuth: true',
      "disableLocalAuth: 'true'",
      /disableLocalAuth is to be a bool/,
    ],
    [
      'an object where a list belongs',
      'modules/receivers.bicep',
      "webhookReceivers: concat(entraWebhook == null ? [plain] : [secured], secondReceiverUri == '' ? [] : [second])",
      'webhookReceivers: {}',
      /webhookReceivers is to be an array/,
    ],
    [
      'what only the service may write',
      'modules/levers.bicep',
      'disableLocalAuth: true',
      "endpoint: 'https://x'",
      /properties\.endpoint is read-only/,
    ],
    [
      'what stands there twice',
      'modules/bot.bicep',
      "displayName: 'Headroom'",
      "displayName: 'Headroom'\n    displayName: 'Again'",
      /displayName stands there twice/,
    ],
    [
      'a version of a type that nobody published',
      'modules/storage.bicep',
      'tables@2025-01-01',
      'tables@2025-01-02',
      /is not in schema\/types\.json/,
    ],
    [
      'a module that is not there',
      'main.bicep',
      'modules/bot.bicep',
      'modules/bots.bicep',
      /module modules\/bots\.bicep is not there/,
    ],
    [
      'a parameter that the module does not have',
      'main.bicep',
      'people: people',
      'persons: people',
      /there is no parameter persons/,
    ],
    [
      'a parameter that the module needs',
      'main.bicep',
      '    alertsUrl:',
      '    alertUrl:',
      /the parameter alertsUrl is missing/,
    ],
    [
      'an output that the module does not have',
      'main.bicep',
      'stores.outputs.vaultUri',
      'stores.outputs.vaultUir',
      /stores has no output vaultUir/,
    ],
    [
      'a name that is declared nowhere',
      'modules/vault.bicep',
      'value: alertToken',
      'value: alertTokne',
      /alertTokne is declared nowhere/,
    ],
    [
      'a function that Bicep does not have',
      'modules/vault.bicep',
      'union(tags',
      'merge(tags',
      /there is no function merge/,
    ],
    [
      'a parameter that is used nowhere',
      'modules/vault.bicep',
      'param vaultName string',
      'param vaultName string\nparam left string = 0',
      /left is used nowhere/,
    ],
    [
      'a file to load that is not there',
      'modules/vault.bicep',
      "'../../manifest.json'",
      "'../manifest.json'",
      /loadJsonContent: \.\.\/manifest\.json is not there/,
    ],
    [
      'a bracket that is left open',
      'modules/vault.bicep',
      "logs: [{ category: 'AuditEvent', enabled: true }]",
      "logs: [{ category: 'AuditEvent', enabled: true }",
      /vault\.bicep:\d+: cannot be parsed/,
    ],
    [
      'a parameter file without a value',
      'main.bicepparam',
      "param location = 'westeurope'\n",
      '',
      /main\.bicepparam:1: the parameter location is missing/,
    ],
    [
      'a parameter file with a value too many',
      'main.bicepparam',
      'param bot = false',
      'param bots = false',
      /main\.bicepparam:1: there is no parameter bots/,
    ],
  ])('%s', async (_mistake, name, from, to, problem) => {
    expect((await seeded(name, from, to)).join('\n')).toMatch(problem);
  });
});
