import { expect, test } from 'vitest';
import { openIncident } from '../../../shared/incidents/accept.ts';
import type { IncidentRecord } from '../../../shared/incidents/record.ts';
import { isInScope, relate } from '../../../shared/incidents/related.ts';
import type { Alert, Resource } from '../../../shared/model.ts';
import { alertOf } from './alerts.ts';

const ACCOUNT = '123456789012';

function aws(service: string, given: Partial<Resource> = {}): Resource {
  const id = `arn:aws:${service}:eu-west-1:${ACCOUNT}:function:checkout`;
  return { cloud: 'aws', id, name: 'checkout', type: service, scope: ACCOUNT, region: 'eu-west-1', ...given };
}

function event(given: Partial<Resource> = {}): Alert {
  const rule = 'aws-health-LAMBDA-AWS_LAMBDA_OPERATIONAL_ISSUE';
  return { ...alertOf(), category: 'alarm', rule, resource: aws('cloudwatch', given), signals: [], custom: {} };
}

function incident(resource: Resource): IncidentRecord {
  const record = openIncident('abcdefgh', { ...alertOf(), resource }, { verified: true });
  return { ...record, family: 'throttle', toldSince: '2026-01-01T00:00:00.000Z' };
}

test.each<[string, Partial<Resource>, boolean]>([
  ['its account and region', {}, true],
  ['a region that is not known', { region: '' }, false],
  ['another account', { scope: '210987654321' }, false],
  ['another region', { region: 'us-east-1' }, false],
])('what AWS tells belongs to an incident in %s', (_what, given, belongs) => {
  expect(isInScope(event(given), incident(aws('lambda')))).toBe(belongs);
});

test('an incident without a region is in every one of its account, and none of another cloud', () => {
  const { region: _region, ...anywhere } = aws('lambda');
  expect(isInScope(event(), incident(anywhere))).toBe(true);
  expect(isInScope(event(), incident({ ...aws('lambda'), cloud: 'azure' }))).toBe(false);
});

test('a cause can be told from what it names: service, region and code', () => {
  const { related } = relate(incident(aws('lambda')), event());
  expect(related?.[0]?.facts).toEqual({
    ...{ service: 'LAMBDA', region: 'eu-west-1', stage: 'open', trackingId: 'AWS_LAMBDA_OPERATIONAL_ISSUE' },
  });
});

test('what Azure tells is kept with the facts that it has, cut to 200 characters', () => {
  const given = { ...alertOf(), custom: { impactStartTime: '2026-01-05T09:30:00Z', other: 'x' } };
  const signals = [{ metric: 'Incident', dimensions: { service: 'Key Vault', region: 'r'.repeat(300) } }];
  const { related } = relate(incident(alertOf().resource), { ...given, signals });
  expect(related?.[0]?.facts).toEqual({
    ...{ service: 'Key Vault', region: 'r'.repeat(200), impactStartTime: '2026-01-05T09:30:00Z' },
  });
});
