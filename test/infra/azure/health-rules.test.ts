/**
 * How Azure Monitor evaluates activity log alert rules, as its documents say: an event of the activity log that meets the
 * condition fires the rule once; words are compared whatever their case.
 *
 * @see https://learn.microsoft.com/azure/templates/microsoft.insights/activitylogalerts
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { azure } from '../../../shared/sources/azure.ts';
import { deployMain } from './deployed.ts';
import { asFields, type Deployed } from './evaluate.ts';
import { listOf } from './monitor.ts';

type Fields = Record<string, unknown>;

let deployed: Deployed[];
beforeAll(async () => {
  deployed = await deployMain();
});

const VAULTS = 'Microsoft.KeyVault/vaults';
const SERVICES = { service: 'activity-servicehealth-fired.json' };
const RESOURCES = { service: 'activity-resourcehealth-fired.json' };
const DEEDS = { service: 'activity-administrative-fired.json' };

/** The event of a recorded payload, some of it changed, as the activity log has it. */
function eventOf({ service }: { service: string }, changed: { properties?: Fields } & Fields = {}) {
  const payload: unknown = JSON.parse(
    readFileSync(resolve(import.meta.dirname, '../../fixtures/azure', service), 'utf8'),
  );
  const context = asFields(asFields(asFields(payload)['data'])['alertContext']);
  const properties = { ...asFields(context['properties']), ...changed.properties };
  return { payload, event: { ...context, category: context['eventSource'], ...changed, properties } };
}

function impacted(...names: string[]): Fields {
  return { impactedServices: JSON.stringify(names.map((ServiceName) => ({ ServiceName, ImpactedRegions: [] }))) };
}

function fires(symbol: string, event: Fields): boolean {
  const rule = deployed.find((one) => one.symbol === symbol);
  if (!rule) throw new Error(`${symbol} is not deployed`);
  return isMet(asFields(asFields(rule.body['properties'])['condition']), event);
}

function isMet(condition: Fields, event: Fields): boolean {
  const { allOf, anyOf, field, equals, containsAny } = condition;
  if (allOf !== undefined) return listOf(allOf).every((one) => isMet(asFields(one), event));
  if (anyOf !== undefined) return listOf(anyOf).some((one) => isMet(asFields(one), event));
  const wanted = (containsAny === undefined ? [equals] : listOf(containsAny)).map((word) => String(word).toLowerCase());
  return valuesAt(event, String(field)).some((value) => wanted.includes(value.toLowerCase()));
}

/** `properties.impactedServices[*].ServiceName`; lists within properties are JSON text. */
function valuesAt(event: Fields, path: string): string[] {
  let found: unknown[] = [event];
  for (const part of path.split('.')) {
    const [, name = '', each] = /^(\w+)(\[\*\])?$/.exec(part) ?? [];
    found = found.map((one) => asFields(one)[name]).filter((one) => one !== undefined);
    if (each !== undefined) found = found.flatMap((one) => listOf(typeof one === 'string' ? JSON.parse(one) : one));
  }
  return found.map(String);
}

describe('what Azure says of itself', () => {
  test.each<[string, Fields, boolean]>([
    ['Key Vault', impacted('Key Vault'), true],
    ['managed identities, among others', impacted('Virtual Machines', 'Managed identities for Azure resources'), true],
    ['Entra by its older name', impacted('Azure Active Directory'), true],
    ['something that no secret depends on', impacted('Virtual Machines', 'Cosmos DB'), false],
  ])('an incident of %s fires service health: %#', (_of, properties, expected) => {
    expect(fires('serviceHealth', eventOf(SERVICES, { properties }).event)).toBe(expected);
  });

  test.each<[string, Fields, boolean]>([
    ['a vault that is unavailable', { resourceType: VAULTS }, true],
    [
      'a store that is degraded',
      {
        resourceType: 'microsoft.appconfiguration/configurationstores',
        properties: { currentHealthStatus: 'Degraded' },
      },
      true,
    ],
    [
      'a vault that is back, so that the incident hears of it',
      { resourceType: VAULTS, properties: { currentHealthStatus: 'Available' } },
      true,
    ],
    ['what a user did to a vault', { resourceType: VAULTS, properties: { cause: 'UserInitiated' } }, false],
    [
      'a vault whose health is not known',
      { resourceType: VAULTS, properties: { currentHealthStatus: 'Unknown' } },
      false,
    ],
    ['a machine', { resourceType: 'Microsoft.Compute/virtualMachines' }, false],
  ])('%s fires resource health: %#', (_what, changed, expected) => {
    expect(fires('resourceHealth', eventOf(RESOURCES, changed).event)).toBe(expected);
  });

  test.each<[string, Fields, boolean]>([
    ['a vault that was deleted', { operationName: 'Microsoft.KeyVault/vaults/delete' }, true],
    ['a deletion that was refused', { operationName: 'Microsoft.KeyVault/vaults/delete', status: 'Failed' }, false],
    ['a vault that was changed', {}, false],
    ['a deletion by policy', { operationName: 'Microsoft.KeyVault/vaults/delete', category: 'Policy' }, false],
  ])('%s fires the rule on deletions: %#', (_what, changed, expected) => {
    expect(fires('deleted', eventOf(DEEDS, changed).event)).toBe(expected);
  });

  test('one event is told by one rule, and in a payload that the source reads', () => {
    const cases = [
      ['serviceHealth', eventOf(SERVICES)],
      ['resourceHealth', eventOf(RESOURCES, { resourceType: VAULTS })],
      ['deleted', eventOf(DEEDS, { operationName: 'Microsoft.KeyVault/vaults/delete' })],
    ] as const;
    const symbols = cases.map(([symbol]) => symbol);
    for (const [symbol, { event, payload }] of cases) {
      expect(symbols.filter((one) => fires(one, event))).toEqual([symbol]);
      expect(azure.parse(payload, '2026-01-05T10:10:00.000Z')).toMatchObject({ ok: true });
    }
  });
});
