import { resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { BicepFile, Resource, Value } from '../../../infra/azure/bicep.ts';
import { readFolder } from '../../../infra/azure/check.ts';
import { AZURE_PLACES, azureGrants, HOST_ROLES } from '../../../infra/permissions.ts';

const FOLDER = resolve(import.meta.dirname, '../../../infra/azure');

/** Roles of Azure that are given to someone else than the product, and why. */
const OTHERS: Record<string, string> = {
  dataOwner: 'App Configuration Data Owner: who deploys writes the references, while local keys are off',
  secretsUser: 'Key Vault Secrets User: the application whose vault is split off reads its own secrets',
  monitoringContributor:
    "Monitoring Contributor: a policy's own identity writes diagnostic settings and processing rules",
  logAnalyticsContributor: "Log Analytics Contributor: a policy's own identity lets a vault log into the workspace",
};

type Found = Resource & { file: BicepFile };

let ofManagementGroup: Found[];
let definitions: Found[];
let assignments: Found[];
beforeAll(async () => {
  const read = [...(await readFolder(FOLDER)).values()];
  const files = read.filter(({ path }) => !path.endsWith('management-group.bicep'));
  ofManagementGroup = read
    .filter((file) => !files.includes(file))
    .flatMap((file) => file.resources.map((resource) => ({ ...resource, file })));
  const all = files.flatMap((file) => file.resources.map((resource) => ({ ...resource, file })));
  definitions = all.filter(({ type }) => type.startsWith('Microsoft.Authorization/roleDefinitions@'));
  assignments = all.filter(({ type }) => type.startsWith('Microsoft.Authorization/roleAssignments@'));
});

describe('roles', () => {
  test.each(AZURE_PLACES)('what is needed on %s is granted by one role of our own, exactly', (place) => {
    const granting = definitions.filter((definition) => placeOf(definition) === place);
    expect(granting.map(({ symbol }) => symbol)).toHaveLength(1);
    const [definition] = granting;
    const permission = property(property(property(definition?.body, 'properties'), 'permissions'), 0);
    // The lists themselves, and none beside them.
    const texts = ['actions', 'dataActions'].map((list) => textOf(property(permission, list)));
    expect(texts.map((text) => text.replace(`granted.${place}.`, 'granted.'))).toEqual([
      'granted.actions',
      'granted.dataActions',
    ]);
    expect([textOf(property(permission, 'notActions')), textOf(property(permission, 'notDataActions'))]).toEqual([
      '[]',
      '[]',
    ]);
  });

  test('of our own are each assigned once, under the same condition', () => {
    expect(definitions).toHaveLength(AZURE_PLACES.length);
    for (const { symbol, file } of definitions) {
      const assigned = assignments.filter((one) => one.file === file && roleOf(one) === `${symbol}.id`);
      expect(
        assigned.map((one) => one.symbol),
        symbol,
      ).toHaveLength(1);
      const [assignment] = assigned;
      expect(assignment && conditionOf(file, assignment.symbol), symbol).toBe(conditionOf(file, symbol));
    }
  });

  test('of Azure are those that the Functions host needs, and four whose reason stands here', () => {
    const builtIn = assignments.map(roleOf).filter((role) => !role.endsWith('Role.id'));
    const names = builtIn.map((role) => /hostRoles\['(.+)'\]\.id/.exec(role)?.[1] ?? /,\s*(\w+)\s*\)$/.exec(role)?.[1]);
    expect([...new Set(names)].sort()).toEqual([...Object.keys(HOST_ROLES), ...Object.keys(OTHERS)].sort());
  });

  test('for a whole management group are the two that only read, without data actions, which Azure refuses there', () => {
    const granted = ofManagementGroup
      .filter(({ type }) => type.startsWith('Microsoft.Authorization/roleDefinitions@'))
      .map(({ body }) => textOf(property(property(property(body, 'properties'), 'permissions'), 0)));
    expect(granted).toEqual([
      'actions: granted.watched.actions\nnotActions: []',
      'actions: granted.inventory.actions\nnotActions: []',
    ]);
    const { watched, inventory } = azureGrants();
    expect([...watched.dataActions, ...inventory.dataActions]).toEqual([]);
    expect(ofManagementGroup.filter(({ type }) => type.includes('roleAssignments@')).map(roleOf)).toEqual([
      'readerRole.id',
      'inventoryRole.id',
    ]);
  });

  test('that act are given to the actor alone, all others never to it', () => {
    const actorOnly = assignments.filter(
      (one) => textOf(property(property(one.body, 'properties'), 'principalId')) === 'actorPrincipalId',
    );
    expect(actorOnly.map(({ symbol }) => symbol).sort()).toEqual(['acts', 'pulls']);
    expect(
      definitions
        .filter((one) => ['actor', 'levers'].includes(placeOf(one)))
        .map(({ symbol }) => symbol)
        .sort(),
    ).toEqual(['actorRole', 'leversRole']);
  });

  test('are tied to their scope by name, so that two installations do not take each other\u2019s', () => {
    for (const { body, symbol } of [...definitions, ...assignments])
      expect(textOf(property(body, 'name')), symbol).toMatch(
        /^guid\((?:subscription\(\)\.id|resourceGroup\(\)\.id|\w+\.id),/,
      );
  });

  test('that nobody would use yet are not made', () => {
    const grants = azureGrants();
    for (const definition of definitions) {
      const { actions, dataActions } = grants[placeOf(definition)];
      const empty = actions.length + dataActions.length === 0;
      if (empty) expect(conditionOf(definition.file, definition.symbol), definition.symbol).toMatch(/!empty\(granted/);
    }
  });
});

/** Which list of the manifest a definition loads. */
function placeOf({ file, body }: Found): (typeof AZURE_PLACES)[number] {
  const text = textOf(property(property(body, 'properties'), 'permissions'));
  const loaded = file.root.text;
  const place = AZURE_PLACES.find(
    (one) =>
      text.includes(`granted.${one}.`) ||
      (/granted\.(?:actions|dataActions)/.test(text) && loaded.includes(`permissions.azure.${one}`)),
  );
  if (place === undefined) throw new Error(`${file.path} grants what is not in the manifest`);
  return place;
}

function roleOf({ body }: Found): string {
  return textOf(property(property(body, 'properties'), 'roleDefinitionId')).replaceAll(/\s+/g, ' ');
}

function conditionOf(file: BicepFile, symbol: string): string {
  return new RegExp(`^resource ${symbol} '[^']+' = if \\((.*)\\) \\{$`, 'm').exec(file.root.text)?.[1] ?? '';
}

function property(value: Value | undefined, name: string | number): Value | undefined {
  if (value?.kind === 'array' && typeof name === 'number') return value.items[name];
  return value?.kind === 'object' ? value.properties.find((one) => one.name === name)?.value : undefined;
}

/** As it is written. */
function textOf(value: Value | undefined): string {
  switch (value?.kind) {
    case 'expression':
      return value.node.text;
    case 'literal':
      return String(value.value);
    case 'array':
      return `[${value.items.map(textOf).join(', ')}]`;
    case 'object':
      return value.properties.map(({ name, value: member }) => `${name}: ${textOf(member)}`).join('\n');
    default:
      return '';
  }
}
