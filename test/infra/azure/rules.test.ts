import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { familyOf } from '../../../shared/incidents/family.ts';
import { isWeakSignal } from '../../../shared/incidents/noise.ts';
import type { Alert } from '../../../shared/model.ts';
import { azure } from '../../../shared/sources/azure.ts';
import { deployMain, mainParameters, metricRules, OWN, ruleNamed, WATCHED } from './deployed.ts';
import { asFields, type Deployed } from './evaluate.ts';
import { type Minute, type Notification, type Series, watch } from './monitor.ts';

const VAULT = `/subscriptions/${WATCHED}/resourceGroups/shop/providers/Microsoft.KeyVault/vaults/kv-shop`;
const START = Date.parse('2026-01-05T10:00:00Z');
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let deployed: Deployed[];
beforeAll(async () => {
  deployed = await deployMain();
});

/** A metric of the vault, a value for each minute; null: nothing was measured. */
function series(metric: string, values: readonly (number | null)[], more: Partial<Series> = {}): Series {
  const minutes = values.flatMap((sum, i): Minute[] =>
    sum === null ? [] : [{ at: START + i * MINUTE_MS, sum, count: 1 }],
  );
  return {
    resourceId: VAULT,
    region: 'westeurope',
    namespace: 'Microsoft.KeyVault/vaults',
    metric,
    dimensions: {},
    minutes,
    ...more,
  };
}

const refused = (values: readonly (number | null)[], more: Partial<Series> = {}) =>
  series('ServiceApiResult', values, { dimensions: { StatusCode: '429' }, ...more });

/** An hour in which a metric has one value but for some minutes. */
function hour(usual: number | null, unusual: Record<number, number> = {}): (number | null)[] {
  return Array.from({ length: 60 }, (_, minute) => unusual[minute] ?? usual);
}

function play(name: string, ...given: Series[]): Notification[] {
  return watch(ruleNamed(`headroom-kv-westeurope-${name}`, deployed), given, START + MINUTE_MS, START + HOUR_MS);
}

/** When and what, in minutes since the start. */
function told(notifications: readonly Notification[]): string[] {
  return notifications.map(({ condition, at }) => `${condition} ${(at - START) / MINUTE_MS}`);
}

function parsed({ payload, at }: Notification): Alert {
  const result = azure.parse(payload, new Date(at + 20_000).toISOString());
  if (!result.ok) throw new Error(`${result.path}: ${result.error}`);
  expect(result.alerts).toHaveLength(1);
  const [alert] = result.alerts;
  if (!alert) throw new Error('no alert');
  return alert;
}

describe('the rule "throttled"', () => {
  test('fires at one refusal, and resolves three checks after the last one has left its window', () => {
    expect(told(play('throttled', refused(hour(0, { 20: 1 }))))).toEqual(['Fired 21', 'Resolved 28']);
  });

  test('looks at 429 alone: served requests and other failures do not move it', () => {
    const served = series('ServiceApiResult', hour(5_000), { dimensions: { StatusCode: '200' } });
    const forbidden = series('ServiceApiResult', hour(50), { dimensions: { StatusCode: '403' } });
    expect(play('throttled', served, forbidden, refused(hour(0)))).toEqual([]);
  });

  test('does not resolve while nothing is measured, which Headroom then reads again itself', () => {
    const alone = hour(null, { 20: 7 });
    expect(told(play('throttled', refused(alone)))).toEqual(['Fired 21']);
  });

  test('covers every vault of its subscription and region, and no other', () => {
    const other = (resourceId: string, region: string) => refused(hour(0, { 5: 9 }), { resourceId, region });
    const sibling = VAULT.replace('kv-shop', 'kv-new');
    const notifications = play(
      'throttled',
      other(VAULT, 'westeurope'),
      other(sibling, 'westeurope'),
      other(VAULT.replace('kv-shop', 'kv-far'), 'northeurope'),
      other(VAULT.replace(WATCHED, OWN), 'westeurope'),
    ).filter(({ condition }) => condition === 'Fired');
    expect(notifications.map((one) => parsed(one).resource.name).sort()).toEqual(['kv-new', 'kv-shop']);
  });

  test('makes a payload that the source reads: vault, signal, family, custom properties, one instance from Fired to Resolved', () => {
    const [fired, resolved] = play('throttled', refused(hour(0, { 20: 40, 21: 2 })));
    if (!fired || !resolved) throw new Error('told nothing');
    const alert = parsed(fired);
    expect(alert).toMatchObject({
      rule: 'headroom-kv-westeurope-throttled',
      severity: 3,
      state: 'fired',
      firedAt: '2026-01-05T10:21:00.000Z',
      resource: { cloud: 'azure', id: VAULT.toLowerCase(), scope: WATCHED },
      signals: [
        {
          metric: 'ServiceApiResult',
          operator: 'GreaterThan',
          threshold: 0,
          value: 40,
          windowSeconds: 300,
          dimensions: { StatusCode: '429' },
        },
      ],
      custom: { team: 'platform', severity: 'notice', runbook: 'https://runbooks.example/key-vault/throttled' },
    });
    expect(alert.links.map(({ url }) => url)).toContain('https://runbooks.example/key-vault/throttled');
    expect(familyOf(alert)).toBe('throttle');
    expect(parsed(resolved)).toMatchObject({ state: 'resolved', instance: alert.instance });
    expect(parsed(resolved).id).not.toBe(alert.id);
  });
});

describe('the other rules about Key Vault', () => {
  test.each([
    ['hits', 'ServiceApiHit', hour(1_500), hour(1_500, { 10: 1_501 }), ['Fired 11', 'Resolved 14'], 4],
    [
      'filling',
      'SaturationShoebox',
      hour(70),
      hour(40, { 10: 100, 11: 100, 12: 100, 13: 100 }),
      ['Fired 13', 'Resolved 19'],
      3,
    ],
    [
      'full',
      'SaturationShoebox',
      hour(90),
      hour(85, { 10: 100, 11: 100, 12: 100, 13: 100 }),
      ['Fired 12', 'Resolved 20'],
      2,
    ],
    ['availability', 'Availability', hour(90), hour(100, { 10: 0 }), ['Fired 11', 'Resolved 18'], 1],
    ['latency', 'ServiceApiLatency', hour(1_000), hour(20, { 10: 6_000 }), ['Fired 11', 'Resolved 26'], 3],
  ])('%s is quiet at its threshold and fires beyond it', (name, metric, quiet, beyond, expected, severity) => {
    expect(play(name, series(metric, quiet))).toEqual([]);
    const notifications = play(name, series(metric, beyond));
    expect(told(notifications)).toEqual(expected);
    const [fired] = notifications;
    if (!fired) throw new Error('told nothing');
    expect(parsed(fired)).toMatchObject({ severity, resource: { name: 'kv-shop' }, signals: [{ metric }] });
    expect(familyOf(parsed(fired))).toBe(['availability', 'latency'].includes(name) ? 'availability' : 'throttle');
  });

  test('a busy vault keeps "hits" on for the whole hour: by itself it is no more than that, and opens nothing', () => {
    const notifications = play('hits', series('ServiceApiHit', hour(60 * 25 + 1)));
    expect(told(notifications)).toEqual(['Fired 1']);
    expect(notifications.flatMap((one) => parsed(one).signals).every(isWeakSignal)).toBe(true);
  });

  test('a burst of ten seconds that is refused leaves saturation quiet, and "throttled" tells of it', () => {
    const saturation = series('SaturationShoebox', hour(20, { 30: 100 }));
    const burst = refused(hour(0, { 30: 900 }));
    expect([play('filling', saturation, burst), play('full', saturation, burst)].flat()).toEqual([]);
    expect(told(play('throttled', saturation, burst))[0]).toBe('Fired 31');
  });

  test('each says what it means, in words that a message can show, and no two alike', () => {
    const rules = metricRules(deployed).filter(({ name }) => name.startsWith('headroom-kv-westeurope-'));
    expect(rules.map(({ name }) => name.split('-').at(-1))).toEqual([
      'throttled',
      'hits',
      'filling',
      'full',
      'availability',
      'latency',
    ]);
    expect(new Set(rules.map(({ description }) => description)).size).toBe(rules.length);
    for (const { description, custom } of rules) {
      expect(description.length).toBeGreaterThan(60);
      expect(description.length).toBeLessThan(300);
      expect(Object.keys(custom).sort()).toEqual(['runbook', 'severity', 'team']);
    }
  });
});

describe('docs/alert-rules.md', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../../docs/alert-rules.md'), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));

  test('has a row for each rule about Key Vault, with its metric, threshold and severity', () => {
    for (const rule of metricRules(deployed).filter(({ name }) => name.startsWith('headroom-kv-westeurope-'))) {
      const [criterion] = rule.criteria;
      const row = rows.find((line) => line.startsWith(`| \`${rule.name.split('-').at(-1)}\` |`)) ?? '';
      expect(row, rule.name).toContain(`\`${criterion?.metricName}\``);
      expect(row).toMatch(new RegExp(`[<>] ${criterion?.threshold.toLocaleString('en')} `));
      expect(row.split('|')[3]?.trim()).toBe(String(rule.severity));
    }
  });

  test('has a row for every other rule, and for none that is not there', () => {
    const others = deployed.filter(({ type }) =>
      /\/(?:metricAlerts|activityLogAlerts|scheduledQueryRules)@/.test(type),
    );
    const names = others.map(({ body }) => String(body['name'])).filter((name) => !name.startsWith('headroom-kv-'));
    const documented = rows.map((row) => row.split('`')[1] ?? '').filter((name) => name.startsWith('headroom-'));
    const optional = ['headroom-appcs-…-throttled', 'headroom-sign-in-failures'];
    expect(documented.sort()).toEqual([...names, ...optional].sort());
  });
});

describe('thresholds', () => {
  test.each([
    ['throttled', 'throttledRequests', 0],
    ['hits', 'hitsPerMinute', 1_500],
    ['filling', 'saturationPercent', 70],
    ['full', 'saturationUrgentPercent', 90],
    ['availability', 'availabilityPercent', 90],
    ['latency', 'latencyMs', 1_000],
  ])('of "%s" is the parameter %s', async (name, parameter, usual) => {
    expect(ruleNamed(`headroom-kv-westeurope-${name}`, deployed).criteria[0]?.threshold).toBe(usual);
    const thresholds = { ...asFields((await mainParameters())['thresholds']), [parameter]: 12_345 };
    const changed = await deployMain({ thresholds });
    expect(ruleNamed(`headroom-kv-northeurope-${name}`, changed).criteria[0]?.threshold).toBe(12_345);
  });

  test('a vault with its own has rules of its own, and the general ones are kept quiet about it, and about who opted out', async () => {
    const changed = await deployMain({
      overrides: [{ vaultId: VAULT, region: 'westeurope', thresholds: { hitsPerMinute: 60_000 } }],
      optedOutVaultIds: [VAULT.replace('kv-shop', 'kv-lab')],
    });
    const own = ruleNamed('headroom-own-kv-shop-hits', changed);
    expect(own).toMatchObject({ scopes: [VAULT], criteria: [{ threshold: 60_000 }] });
    expect(ruleNamed('headroom-own-kv-shop-full', changed).criteria[0]?.threshold).toBe(90);
    const quieting = changed.filter(({ type }) => type.startsWith('Microsoft.AlertsManagement/actionRules@'));
    expect(quieting.map(({ body }) => [body['name'], asFields(body['properties'])['scopes']])).toEqual([
      ['headroom-opted-out', [VAULT.replace('kv-shop', 'kv-lab')]],
      ['headroom-overridden', [VAULT]],
    ]);
    for (const { body } of quieting) {
      const [
        {
          values: [begins],
        },
      ] = conditionsOf(body);
      expect(ruleNamed('headroom-kv-westeurope-hits', changed).name).toContain(begins);
      expect(own.name).not.toContain(begins);
    }
    expect(deployed.some(({ type }) => type.startsWith('Microsoft.AlertsManagement/'))).toBe(false);
  });

  test('an estate that can do without a rule leaves it out', async () => {
    const fewer = metricRules(await deployMain({ rules: ['throttled', 'full'] })).map(({ name }) => name);
    expect(fewer.filter((name) => name.startsWith('headroom-kv-westeurope-'))).toEqual([
      'headroom-kv-westeurope-throttled',
      'headroom-kv-westeurope-full',
    ]);
  });

  test('App Configuration has a rule for each store, which the sources know for throttling', async () => {
    const store = `/subscriptions/${WATCHED}/resourceGroups/shop/providers/Microsoft.AppConfiguration/configurationStores/appcs-shop`;
    const rule = ruleNamed(
      'headroom-appcs-appcs-shop-throttled',
      await deployMain({ appConfigurationStoreIds: [store] }),
    );
    const throttled = series('ThrottledHttpRequestCount', hour(0, { 3: 2 }), {
      resourceId: store,
      namespace: 'Microsoft.AppConfiguration/configurationStores',
    });
    const [fired] = watch(rule, [throttled], START + MINUTE_MS, START + HOUR_MS);
    if (!fired) throw new Error('told nothing');
    expect(familyOf(parsed(fired))).toBe('throttle');
    expect(parsed(fired).resource.id).toBe(store.toLowerCase());
  });
});

function conditionsOf(body: Record<string, unknown>): [{ values: [string] }] {
  const conditions = asFields(body['properties'])['conditions'];
  const first = asFields(Array.isArray(conditions) ? conditions[0] : undefined);
  const values = first['values'];
  return [{ values: [String(Array.isArray(values) ? values[0] : '')] }];
}
