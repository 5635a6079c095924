import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parseBicep } from '../../../infra/azure/bicep.ts';
import { checkFiles, readFolder } from '../../../infra/azure/check.ts';
import { separateVault } from '../../../shared/fixes/separate-vault.ts';
import { VAULT } from '../../shared/evidence/kit.ts';
import { deploy } from './evaluate.ts';

const FOLDER = resolve(import.meta.dirname, '../../../infra/azure');

test('the snippet of the fix calls the module that is shipped, with what it asks for', async () => {
  const snippet = separateVault.propose({ cause: {}, resource: VAULT, client: null, whatIf: null })?.snippet;
  const path = join(FOLDER, 'pasted.bicep');
  const files = await readFolder(FOLDER);
  files.set(path, await parseBicep(path, snippet?.text ?? ''));
  expect(checkFiles(files, FOLDER)).toEqual([]);
  expect(files.get(path)?.modules.map((module) => module.path)).toEqual(['application-vault.bicep']);
});

test.each(['prod', 'staging', 'test', 'dev'])(
  'an application has a vault for %s, which nobody else reads',
  async (environmentName) => {
    const parameters = { application: 'checkouts', environmentName, principalId: 'p', secrets: { database: 'x' } };
    const made = await deploy(join(FOLDER, 'application-vault.bicep'), parameters, 'own');
    expect(made.map(({ symbol }) => symbol)).toEqual(['vault', 'moved', 'reads']);
    const [vault, moved, reads] = made;
    expect(String(vault?.body['name'])).toMatch(new RegExp(`^kv-checkouts-${environmentName}-.{3}$`));
    expect(String(vault?.body['name']).length).toBeLessThanOrEqual(24);
    expect(vault?.body['tags']).toEqual({ application: 'checkouts', environment: environmentName });
    expect(vault?.body['properties']).toMatchObject({ enableRbacAuthorization: true, enablePurgeProtection: true });
    expect(moved?.body).toMatchObject({ name: 'database', properties: { value: 'x' } });
    expect(reads?.body).toMatchObject({ scope: '<vault>', properties: { principalId: 'p' } });
  },
);
