import { describe, expect, test } from 'vitest';
import { type DeploymentPorts, examineDeployment } from '../../../shared/doctor/deployment.ts';
import { HeadroomError } from '../../../shared/errors.ts';
import type { AuditSetting, Estate, EstateResource, EstateRule, ReceiverGroup } from '../../../shared/model/estate.ts';
import { fakeClock } from '../../kit.ts';

const GROUP = '/subscriptions/s1/resourcegroups/rg/providers/microsoft.insights/actiongroups/ag-headroom';
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:headroom';
const LOGGED: AuditSetting = {
  ...{ name: 'a', categories: ['audit'], workspaceId: '/w', destination: 'Dedicated', table: 'AZKVAuditLogs' },
};
const VAULT: EstateResource = {
  id: '/subscriptions/s1/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv',
  ...{ name: 'kv', kind: 'vault', subscription: 's1', region: 'westeurope', optedOut: false },
  ...{ audit: [LOGGED], requestsPerMonth: 1 },
};
const STORE: EstateResource = {
  ...{ ...VAULT, name: 'appcs', kind: 'store' },
  id: '/subscriptions/s1/resourcegroups/rg/providers/microsoft.appconfiguration/configurationstores/appcs',
};
const WELL: Estate = {
  ...{ subscriptions: ['s1'], resources: [VAULT], tables: [], truncated: false, unread: [], reader: 'reader' },
  roles: [{ subscription: 's1', missing: [] }],
  rules: [
    {
      ...{
        name: 'headroom-kv-westeurope-full',
        subscription: 's1',
        enabled: true,
        kind: 'vault',
        region: 'westeurope',
      },
      ...{ scopes: ['/subscriptions/s1'], actionGroups: [GROUP] },
    },
  ],
};
const STORE_RULE: EstateRule = {
  ...{ name: 'headroom-appcs-appcs-throttled', subscription: 's1', enabled: true, kind: 'store', region: null },
  ...{ scopes: [STORE.id], actionGroups: [] },
};
const RECEIVER: ReceiverGroup = {
  ...{ id: GROUP, enabled: true },
  webhooks: [{ name: 'headroom', host: 'func.example.org', path: '/api/alerts/azure', commonSchema: true }],
};

type Given = {
  estate?: Partial<Estate>;
  receivers?: ReceiverGroup[];
  ahead?: Partial<Record<string, number>>;
  alarms?: { action: string; enabled: number; disabled: string[] }[];
  azure?: null;
  actionGroups?: string[];
};

async function examined(given: Given): Promise<Record<string, unknown>> {
  const clock = fakeClock();
  const ports: DeploymentPorts = {
    ours: { actionGroups: given.actionGroups ?? [GROUP], alarmActions: [] },
    clock,
    azure:
      given.azure === null
        ? null
        : {
            estate: async () => ({ ...WELL, ...given.estate }),
            receivers: async () => given.receivers ?? [RECEIVER],
          },
    alarms: given.alarms === undefined ? null : async () => given.alarms ?? [],
    clocks:
      given.azure === null
        ? []
        : (['Azure', 'AWS'] as const).map((of) => ({ of, time: async () => clock.now() - (given.ahead?.[of] ?? 0) })),
    host: 'func.example.org',
  };
  return Object.fromEntries((await examineDeployment(ports)).map(({ name, ...result }) => [name, result]));
}

test('a deployment where all is there is well, and so is what nobody watches', async () => {
  for (const given of [{}, { azure: null }] as const)
    expect(Object.values(await examined(given))).toEqual(
      Array.from({ length: 7 }, () => expect.objectContaining({ ok: true })),
    );
});

const WEBHOOK = { name: "ours'", host: 'func.example.org', path: '/api/alerts/azure', commonSchema: true };

describe('what is missing is found, with the command that mends it', () => {
  test.each<[string, string, Given, RegExp, RegExp]>([
    [
      'a role',
      'roles',
      { estate: { roles: [{ subscription: 's1', missing: ['Microsoft.Insights/metrics/read'] }] } },
      /lacks Microsoft.Insights\/metrics\/read on s1$/,
      /^az role assignment create --assignee-object-id reader .*--role Reader --scope \/subscriptions\/s1$/,
    ],
    ['the reader', 'roles', { estate: { reader: null, roles: [] } }, /no identity/, /^az identity show /],
    [
      'the right to look at roles',
      'roles',
      { estate: { roles: [{ subscription: 's1', missing: null }] } },
      /cannot be read/,
      /^az login$/,
    ],
    [
      'the log of a vault',
      'audit logs',
      { estate: { resources: [{ ...VAULT, audit: [{ ...LOGGED, workspaceId: null }] }] } },
      /gets the log of kv:/,
      /^az policy remediation create .*--policy-assignment headroom-vault-audit --subscription s1$/,
    ],
    [
      'the log of a store',
      'audit logs',
      { estate: { resources: [{ ...STORE, audit: [] }], rules: [STORE_RULE] } },
      /gets the log of appcs:/,
      /^az monitor diagnostic-settings create .*configurationstores\/appcs /,
    ],
    [
      'the right to look at settings',
      'audit logs',
      { estate: { resources: [{ ...VAULT, audit: null }] } },
      /of kv cannot be read/,
      /^az login$/,
    ],
    [
      'rules for a region',
      'alert rules',
      { estate: { resources: [VAULT, { ...VAULT, name: 'kv-north', region: 'northeurope' }] } },
      /none watches kv-north in northeurope of s1$/,
      /^az monitor metrics alert create --subscription s1 .*--region northeurope .*StatusCode includes 429.*\/ag-headroom$/,
    ],
    [
      'a rule for a store',
      'alert rules',
      { estate: { resources: [STORE] } },
      /none watches appcs/,
      /--name headroom-appcs-appcs-throttled --condition "total ThrottledHttpRequestCount > 0"/,
    ],
    ['a named action group', 'action groups', { receivers: [] }, /none is named/, /^az monitor action-group list /],
    [
      'the action group',
      'action groups',
      { receivers: [{ ...RECEIVER, webhooks: null }] },
      /ag-headroom is not there/,
      /^az monitor action-group list /,
    ],
    [
      'an action group that is on',
      'action groups',
      { receivers: [{ ...RECEIVER, enabled: false }] },
      /ag-headroom is off/,
      /^az monitor action-group update --ids \S+ --set enabled=true$/,
    ],
    [
      'a receiver',
      'action groups',
      { receivers: [{ ...RECEIVER, webhooks: [] }] },
      /calls no webhook/,
      /--add-action webhook headroom "https:\/\/func.example.org\/api\/alerts\/azure\?token=\$HEADROOM_ALERT_TOKEN" usecommonalertschema$/,
    ],
    [
      'a receiver that points here',
      'action groups',
      { receivers: [{ ...RECEIVER, webhooks: [{ ...WEBHOOK, host: 'old.example.org' }] }] },
      /calls old.example.org\/api\/alerts\/azure, not func.example.org$/,
      /"https:\/\/func.example.org\//,
    ],
    [
      'the common schema',
      'common schema',
      { receivers: [{ ...RECEIVER, webhooks: [{ ...WEBHOOK, commonSchema: false }] }] },
      /it is off in the receiver ours' of ag-headroom$/,
      /--remove-action 'ours'\\''s?' && az .* usecommonalertschema$/,
    ],
    [
      'an alarm that calls',
      'alarm actions',
      { alarms: [{ action: TOPIC, enabled: 0, disabled: [] }] },
      /no alarm calls arn:/,
      /^aws cloudwatch describe-alarms /,
    ],
    [
      'alarms whose actions are on',
      'alarm actions',
      { alarms: [{ action: TOPIC, enabled: 3, disabled: ['kv $(id)'] }] },
      /switched off$/,
      /^aws cloudwatch enable-alarm-actions --alarm-names 'kv \$\(id\)'$/,
    ],
    ['the right time', 'clock', { ahead: { Azure: 61_000 } }, /61 s ahead of Azure/, /^sudo chronyc makestep$/],
    ['the right time of AWS', 'clock', { ahead: { AWS: -90_000 } }, /90 s behind AWS/, /^sudo chronyc makestep$/],
  ])('%s', async (_what, name, given, problem, command) => {
    const found = await examined(given);
    expect(found[name]).toEqual({
      ok: false,
      problem: expect.stringMatching(problem),
      nextStep: expect.any(String),
      command: expect.stringMatching(command),
    });
    expect(
      Object.values(found).filter((one) => typeof one === 'object' && one !== null && !Reflect.get(one, 'ok')),
    ).toHaveLength(1);
  });

  test.each([
    [60_000, true],
    [-60_000, true],
    [-60_001, false],
  ])('a clock that is %i ms ahead is well: %s', async (aheadMs, ok) => {
    for (const cloud of ['Azure', 'AWS'])
      expect((await examined({ ahead: { [cloud]: aheadMs } }))['clock']).toMatchObject({ ok });
  });

  test('a vault that opted out misses nothing', async () => {
    const resources = [{ ...VAULT, optedOut: true, audit: [], region: 'northeurope' }];
    expect(Object.values(await examined({ estate: { resources } }))).not.toContainEqual(
      expect.objectContaining({ ok: false }),
    );
  });
});

test('what Azure refuses is found by the checks that needed it, with the next step', async () => {
  const denied = new HeadroomError('denied', 'listing vaults failed: 403', {
    nextStep: 'give this identity the role Reader',
  });
  const azure = { estate: () => Promise.reject(denied), receivers: async () => [RECEIVER] };
  const clock = { ...fakeClock('1970-01-01T00:00:00.000Z') };
  const results = await examineDeployment({
    ...{ ours: { actionGroups: [GROUP], alarmActions: [] }, clock, azure, alarms: null, clocks: [], host: undefined },
  });
  expect(results.filter(({ ok }) => !ok)).toEqual(
    ['roles', 'audit logs', 'alert rules'].map((name) => ({
      ...{ name, ok: false, problem: denied.message, nextStep: denied.nextStep },
    })),
  );
});
