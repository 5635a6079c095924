import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { familyOf } from '../../../shared/incidents/family.ts';
import type { Alert, Signal, Source } from '../../../shared/model.ts';
import { alertmanager } from '../../../shared/sources/alertmanager.ts';
import { azure } from '../../../shared/sources/azure.ts';
import { cloudwatch } from '../../../shared/sources/cloudwatch.ts';
import { alertOf, HITS, REFUSALS } from './alerts.ts';

const FIXTURES = resolve(import.meta.dirname, '../../fixtures');

function signal(metric: string, namespace?: string, dimensions: Record<string, string> = {}): Signal {
  return { metric, dimensions, ...(namespace === undefined ? {} : { namespace }) };
}

function recorded(source: Source, file: string): Alert[] {
  const body: unknown = JSON.parse(readFileSync(resolve(FIXTURES, source.name, file), 'utf8'));
  const parsed = source.parse(body, '2026-11-20T14:00:00.000Z');
  if (!parsed.ok) throw new Error(`${file} is not understood: ${parsed.error}`);
  return parsed.alerts;
}

describe('the signal family of an alert', () => {
  test.each([
    ['refusals of a vault', [REFUSALS], 'throttle'],
    [
      'refusals among other codes',
      [signal('ServiceApiResult', 'Microsoft.KeyVault/vaults', { StatusCode: '429,503' })],
      'throttle',
    ],
    [
      'results of every code',
      [signal('ServiceApiResult', 'Microsoft.KeyVault/vaults', { StatusCode: '*' })],
      'throttle',
    ],
    ['results without a code', [signal('ServiceApiResult', 'Microsoft.KeyVault/vaults')], 'throttle'],
    [
      'denials of a vault, which are no throttling',
      [signal('ServiceApiResult', 'Microsoft.KeyVault/vaults', { StatusCode: '403' })],
      'other:r',
    ],
    ['hits of a vault', [HITS], 'throttle'],
    ['hits of something else', [signal('ServiceApiHit', 'Contoso/things')], 'other:r'],
    ['saturation of a vault', [signal('SaturationShoebox', 'microsoft.keyvault/vaults')], 'throttle'],
    [
      'quota of App Configuration',
      [signal('RequestQuotaUsage', 'Microsoft.AppConfiguration/configurationStores')],
      'throttle',
    ],
    [
      'throttled requests of App Configuration',
      [signal('ThrottledHttpRequestCount', 'Microsoft.AppConfiguration/configurationStores')],
      'throttle',
    ],
    ['throttles of a Lambda function', [signal('Throttles', 'AWS/Lambda')], 'throttle'],
    ['throttled reads of a table', [signal('ReadThrottleEvents', 'AWS/DynamoDB')], 'throttle'],
    ['availability of a vault', [signal('Availability', 'Microsoft.KeyVault/vaults')], 'availability'],
    ['latency of a vault', [signal('ServiceApiLatency', 'Microsoft.KeyVault/vaults')], 'availability'],
    ['a failed web test', [signal('Failed Location')], 'availability'],
    ['IMDS failures of a runner', [signal('no_ec2_imds_role_found')], 'identity'],
    ['throttled AssumeRole calls are the credential plane', [signal('AssumeRoleThrottled', 'Runner')], 'identity'],
    ['a query of sign-ins', [signal('SigninLogs | where ResultType != 0')], 'identity'],
    ['a query for 429', [signal('AppRequests | where ResultCode == 429')], 'throttle'],
    ['a number that only contains 429', [signal('AppRequests | where Id == 14290')], 'other:r'],
    ['no signal at all', [], 'other:r'],
  ])('%s', (_what, signals, family) => {
    expect(familyOf(alertOf({ signals, rule: 'R' }))).toBe(family);
  });

  test.each([
    ['service-health', 'platform'],
    ['resource-health', 'platform'],
    ['budget', 'cost'],
    ['activity', 'other:r'],
  ])('category %s without a telling signal is %s', (category, family) => {
    expect(familyOf(alertOf({ category, signals: [], rule: 'R' }))).toBe(family);
  });

  test('words in the rule’s name tell where the signal does not', () => {
    expect(familyOf(alertOf({ signals: [], rule: 'Vault throttled' }))).toBe('throttle');
    expect(familyOf(alertOf({ signals: [], rule: 'IMDS down' }))).toBe('identity');
  });

  test.each([
    [' Checkout ', 'checkout'],
    ['throttle', 'throttle'],
    ['', 'throttle'],
    ['9lives', 'throttle'],
    ['a/../b', 'throttle'],
    ['x'.repeat(33), 'throttle'],
  ])('the payload’s own family %j makes it %s', (own, family) => {
    expect(familyOf(alertOf({ custom: { headroom_family: own } }))).toBe(family);
  });

  test('every recorded payload has the family of what it tells of', () => {
    const families: Record<string, string[]> = {};
    for (const source of [azure, cloudwatch, alertmanager])
      for (const file of readdirSync(resolve(FIXTURES, source.name)))
        families[`${source.name}/${file.replace('.json', '')}`] = recorded(source, file).map(familyOf);
    const of = (family: string): string[] =>
      Object.keys(families).filter((file) => families[file]?.every((one) => one === family));
    expect(of('platform')).toEqual(Object.keys(families).filter((file) => /(service|resource)health/.test(file)));
    expect(of('cost')).toEqual(['azure/testaction-budget-nulls']);
    expect(of('availability')).toEqual(['azure/metric-webtest-fired', 'azure/testaction-availability']);
    expect(of('throttle')).toEqual(
      Object.keys(families).filter((file) =>
        /kv|log-v2|log-simple|two-targets|cloudwatch\/(?!.*composite)|alertmanager/.test(file),
      ),
    );
  });

  test('Fired and Resolved of one rule have one family', () => {
    const [fired] = recorded(azure, 'metric-static-kv429-fired.json');
    const [resolved] = recorded(azure, 'metric-static-kv429-resolved.json');
    expect(fired && resolved && familyOf(fired) === familyOf(resolved)).toBe(true);
  });
});
