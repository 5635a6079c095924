import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { asFields } from './evaluate.ts';

const FOLDER = resolve(import.meta.dirname, '../../../infra/azure');

function policy(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(resolve(FOLDER, 'policies', name), 'utf8'));
}

type Resource = { type: string; tags?: Record<string, string> };
type Log = { category?: string; categoryGroup?: string; enabled: boolean };
type Setting = { workspaceId?: string; logs?: Log[] };

const PREFIX = 'Microsoft.Insights/diagnosticSettings/';

/** As Azure Policy evaluates the part of its language that these policies use. */
function holds(condition: unknown, fieldOf: (name: string) => unknown): boolean {
  const rule = asFields(condition);
  if (Array.isArray(rule['allOf'])) return rule['allOf'].every((one) => holds(one, fieldOf));
  if (Array.isArray(rule['anyOf'])) return rule['anyOf'].some((one) => holds(one, fieldOf));
  if ('count' in rule) {
    const { field, where } = asFields(rule['count']);
    const members = fieldOf(String(field));
    const inside = (member: unknown) => (name: string) => asFields(member)[name.slice(`${String(field)}.`.length)];
    const counted = (Array.isArray(members) ? members : []).filter((member) => holds(where, inside(member)));
    return counted.length >= Number(rule['greaterOrEquals']);
  }
  const value = fieldOf(String(rule['field']));
  if ('exists' in rule) return (value !== undefined) === rule['exists'];
  if ('in' in rule) return Array.isArray(rule['in']) && rule['in'].includes(value);
  if ('notEquals' in rule) return value !== rule['notEquals'];
  return value === rule['equals'];
}

function ofResource({ type, tags = {} }: Resource): (name: string) => unknown {
  return (name) => (name === 'type' ? type : tags[/^tags\['(.+)'\]$/.exec(name)?.[1] ?? '']);
}

function ofSetting({ workspaceId, logs = [] }: Setting): (name: string) => unknown {
  return (name) => ({ workspaceId, 'logs[*]': logs })[name.slice(PREFIX.length)];
}

const VAULT: Resource = { type: 'Microsoft.KeyVault/vaults' };
const OFF: Resource = { ...VAULT, tags: { headroom: 'off' } };

describe('the policy for audit logs', () => {
  const { if: applies, then } = policy('vault-audit-logs.json');
  const { existenceCondition, roleDefinitionIds, deployment } = asFields(asFields(then)['details']);

  /** Whether a vault with these settings would be given another one. */
  const mends = (settings: readonly Setting[]) => !settings.some((one) => holds(existenceCondition, ofSetting(one)));

  test('is about vaults that did not ask to be left alone', () => {
    expect(holds(applies, ofResource(VAULT))).toBe(true);
    expect(holds(applies, ofResource(OFF))).toBe(false);
    expect(holds(applies, ofResource({ type: 'Microsoft.Storage/storageAccounts' }))).toBe(false);
  });

  const audit = { category: 'AuditEvent', enabled: true };
  const cases: [string, Setting[], boolean][] = [
    ['no setting at all', [], true],
    ['metrics alone', [{ workspaceId: 'w' }], true],
    ['audit events into a storage account alone', [{ logs: [audit] }], true],
    ['audit events switched off', [{ workspaceId: 'w', logs: [{ ...audit, enabled: false }] }], true],
    [
      'another category',
      [{ workspaceId: 'w', logs: [{ category: 'AzurePolicyEvaluationDetails', enabled: true }] }],
      true,
    ],
    ['audit events into some workspace', [{ workspaceId: 'of another team', logs: [audit] }], false],
    ['the audit group', [{ workspaceId: 'w', logs: [{ categoryGroup: 'audit', enabled: true }] }], false],
    ['all logs', [{ workspaceId: 'w', logs: [{ categoryGroup: 'allLogs', enabled: true }] }], false],
    ['one of several', [{ logs: [audit] }, { workspaceId: 'w', logs: [audit] }], false],
  ];
  test.each(cases)('a vault with %s is given one: %j %s', (_name, settings, expected) => {
    expect(mends(settings)).toBe(expected);
  });

  test('leaves a vault alone that has what it would deploy, so that nothing is deployed twice', () => {
    const { properties } = asFields(deployment);
    const resources = asFields(asFields(properties)['template'])['resources'];
    const [made] = Array.isArray(resources) ? resources : [];
    const { logs } = asFields(asFields(made)['properties']);
    expect(logs).toEqual([audit]);
    expect(mends([{ workspaceId: 'w', logs: [audit] }])).toBe(false);
  });

  test('works with the roles that its identity is given', () => {
    const bicep = readFileSync(resolve(FOLDER, 'modules/watched-policies.bicep'), 'utf8');
    const given = [...bicep.matchAll(/^var \w+Contributor = '([0-9a-f-]{36})'$/gm)].map(([, id]) => id);
    const needed = (ids: unknown) => (Array.isArray(ids) ? ids.map((id) => String(id).split('/').at(-1)) : []);
    expect(needed(roleDefinitionIds)).toEqual(given);
    const off = asFields(asFields(policy('vault-off.json')['then'])['details']);
    expect(needed(off['roleDefinitionIds'])).toEqual(given.slice(0, 1));
  });
});

describe('the policy for vaults that opt out by tag', () => {
  const { if: applies, then } = policy('vault-off.json');

  test('is about vaults with the tag alone', () => {
    expect([VAULT, OFF, { ...VAULT, tags: { headroom: 'on' } }].map((one) => holds(applies, ofResource(one)))).toEqual([
      false,
      true,
      false,
    ]);
  });

  test('keeps the general rules quiet about that one vault, and nothing else', () => {
    const { deployment, name } = asFields(asFields(then)['details']);
    const resources = asFields(asFields(asFields(deployment)['properties'])['template'])['resources'];
    const [made] = Array.isArray(resources) ? resources : [];
    expect(name).toBe("[concat('headroom-off-', field('name'))]");
    expect(asFields(made)).toMatchObject({
      name: "[concat('headroom-off-', parameters('vaultName'))]",
      properties: {
        scopes: ["[parameters('vaultId')]"],
        conditions: [{ field: 'AlertRuleName', operator: 'Contains', values: ['headroom-kv-'] }],
        actions: [{ actionType: 'RemoveAllActionGroups' }],
      },
    });
  });
});
