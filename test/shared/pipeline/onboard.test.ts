import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PRICES, USE } from '../../../infra/prices.ts';
import type { Estate, EstateResource, EstateRule } from '../../../shared/model/estate.ts';
import { planOnboarding } from '../../../shared/pipeline/onboard.ts';
import { ONBOARD_PRICES, RULES } from '../../../shared/pipeline/onboard-cost.ts';
import { coveredBy } from '../../../shared/pipeline/onboard-coverage.ts';
import { ENDPOINTS_USD_A_MONTH } from '../../../shared/pipeline/onboard-private.ts';
import { quoted } from '../../../shared/pipeline/onboard-quote.ts';
import { renderOnboardingText } from '../../../shared/pipeline/onboard-text.ts';

const GROUP = '/subscriptions/s1/resourcegroups/rg/providers/microsoft.insights/actiongroups/ag';
const RESOURCE: EstateResource = {
  id: '/subscriptions/s1/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv',
  name: 'kv',
  kind: 'vault',
  subscription: 's1',
  region: 'westeurope',
  optedOut: false,
  audit: [],
  requestsPerMonth: 1_000_000,
};
const RULE: EstateRule = {
  name: 'headroom-kv-westeurope-throttled',
  subscription: 's1',
  enabled: true,
  kind: 'vault',
  region: 'westeurope',
  scopes: ['/subscriptions/s1'],
  actionGroups: [],
};
const ESTATE: Estate = {
  subscriptions: ['s1'],
  resources: [RESOURCE],
  tables: [],
  rules: [],
  reader: 'reader',
  roles: [{ subscription: 's1', missing: [] }],
  truncated: false,
  unread: [],
};

describe('a rule covers a vault', () => {
  test.each<[string, Partial<EstateRule>, boolean]>([
    ['by its region and subscription', {}, true],
    ['by the vault alone', { region: null, scopes: [RESOURCE.id] }, true],
    ['of another name that calls Headroom', { name: 'ours', actionGroups: [GROUP] }, true],
    ['of another name that calls others', { name: 'ours', actionGroups: ['/other'] }, false],
    ['of another region', { region: 'northeurope' }, false],
    ['of another subscription whose id begins alike', { scopes: ['/subscriptions/s'] }, false],
    ['of another kind', { kind: 'store' }, false],
    ['that is off', { enabled: false }, false],
  ])('%s: %j', (_what, given, expected) => {
    expect(coveredBy({ ...RULE, ...given }, RESOURCE, [GROUP])).toBe(expected);
  });
});

describe('the plan', () => {
  const planOf = (given: Partial<EstateResource>, estate: Partial<Estate> = {}) =>
    planOnboarding({ ...ESTATE, resources: [{ ...RESOURCE, ...given }], ...estate }, { actionGroups: [] });

  test.each<[string, Partial<EstateResource>, string, string]>([
    ['adds a log where there is none', {}, 'added', 'added'],
    ['leaves a vault that opted out without one', { optedOut: true }, 'left', 'opted-out'],
    ['says that a log is unread, not that it is missing', { audit: null }, 'unread', 'added'],
    ['leaves a store to people: no policy is about it', { kind: 'store' }, 'missing', 'added'],
  ])('%s', (_what, given, audit, rules) => {
    expect(planOf(given).rows[0]).toMatchObject({ audit: { state: audit }, rules });
  });

  test('adds no second setting where one goes to a workspace, and does where it goes to storage alone', () => {
    const setting = {
      name: 'a',
      categories: ['AuditEvent'],
      destination: 'Dedicated',
      table: 'AZKVAuditLogs',
    } as const;
    expect(planOf({ audit: [{ ...setting, workspaceId: '/w' }] }).rows[0]?.audit.state).toBe('kept');
    expect(planOf({ audit: [{ ...setting, workspaceId: null }] }).rows[0]?.audit.state).toBe('added');
  });

  test('of an estate where all is there adds nothing', () => {
    const setting = { name: 'a', categories: ['audit'], destination: 'Dedicated', table: 'AZKVAuditLogs' } as const;
    const { adds, yours, cost } = planOf({ audit: [{ ...setting, workspaceId: '/w' }] }, { rules: [RULE] });
    expect([adds, yours, cost.addedLogUsd + cost.addedRulesUsd]).toEqual([[], [], 0]);
    expect(cost.nowLogUsd).toBeCloseTo(1.5 * ONBOARD_PRICES.logAnalyticsGb);
  });

  test('names the reader and its roles where no identity reads yet', () => {
    expect(planOf({}, { reader: null, roles: [] }).adds).toContain('the reader, and its roles on s1');
  });

  test('costs what the guides of deployment say', () => {
    const { logAnalyticsGb, logAnalyticsBasicGb, metricRuleSeries } = PRICES;
    expect(ONBOARD_PRICES).toEqual({ logAnalyticsGb, logAnalyticsBasicGb, metricRuleSeries });
    expect(ENDPOINTS_USD_A_MONTH).toBeCloseTo(USE.privateEndpoints * PRICES.privateEndpointHour * 730, 9);
    expect(RULES.vault).toBe(USE.rulesPerVault);
  });
});

test('names from outside end in no command and no line of their own', () => {
  const shown = (name: string, setting: string): string => {
    const audit = ['/w', '/v'].map((workspaceId) => ({
      ...{
        name: setting,
        categories: ['audit'],
        workspaceId,
        table: 'AZKVAuditLogs',
        destination: 'Dedicated' as const,
      },
    }));
    const estate = { ...ESTATE, resources: [{ ...RESOURCE, name, audit }], rules: [RULE] };
    return renderOnboardingText({ ...planOnboarding(estate, { actionGroups: [] }), private: [] }, 120);
  };
  const lines = shown('kv', 'a').split('\n').length;
  const said = fc.string({ unit: 'binary', maxLength: 40 });
  fc.assert(
    fc.property(said, said, (name, setting) => {
      const text = shown(name, setting);
      expect(text.split('\n')).toHaveLength(lines);
      expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    }),
    { numRuns: 50 },
  );
});

test.each([
  ['kv-shop', 'kv-shop'],
  ['', "''"],
  ['$(id)', "'$(id)'"],
  ["ann's; id", `'ann'\\''s; id'`],
])('%j is quoted for a shell as %s', (word, shown) => {
  expect(quoted(word)).toBe(shown);
});
