import { describe, expect, test } from 'vitest';
import type { DiagnosisContext } from '../../../shared/diagnoses/diagnosis.ts';
import { platformEvent } from '../../../shared/diagnoses/platform-event.ts';
import type { OwnerRow } from '../../../shared/evidence/owners.ts';
import type { PlatformRow } from '../../../shared/evidence/platform.ts';
import type { Cause, Evidence, Reading, RelatedEvent, Resource, Row } from '../../../shared/model.ts';
import { FROM, published, TO, VAULT } from '../evidence/kit.ts';
import { expectFactsToHold } from './kit.ts';

const FROM_MS = Date.parse(FROM);
const TO_MS = Date.parse(TO);
const IN_AZURE: Resource = {
  ...VAULT,
  id: '/subscriptions/11111111-2222-3333-4444-555555555abc/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv',
};

const OPEN: PlatformRow = {
  trackingId: 'ABCD-123',
  eventType: 'ServiceIssue',
  status: 'Active',
  title: 'Key Vault: errors',
  service: 'Key Vault',
  region: 'West Europe',
  startedMs: FROM_MS - 3_600_000,
  mitigatedMs: null,
};

const SELF: OwnerRow = {
  ...{ asked: VAULT.id, how: 'self', resource: VAULT.id, name: 'kv', type: 'microsoft.keyvault/vaults' },
  ...{ location: 'westeurope', resourceGroup: 'rg', owner: '', team: '' },
};

function read(kind: string, rows: Row[]): Reading {
  const head = { kind, store: 'resource-graph', window: 'incident', readAt: TO } as const;
  return { ...head, state: 'read', rows, truncated: false, completeness: null };
}

function evidence(
  events: Partial<PlatformRow>[],
  owners: OwnerRow[] = [SELF],
  resource: Resource = IN_AZURE,
): Evidence {
  const rows = events.map((event) => ({ ...OPEN, ...event }));
  return { resource, from: FROM, to: TO, readings: [read('platform', rows), read('owners', owners)] };
}

function diagnose(given: Evidence, related: readonly RelatedEvent[] = []): Cause[] {
  const context: DiagnosisContext = { evidence: given, limits: published(), signals: [], related };
  return platformEvent.diagnose(context);
}

describe('an event that Resource Graph shows', () => {
  test('open on the service in the region of the resource is a likely trigger since it began, with where to follow it', () => {
    const [cause] = diagnose(evidence([{}]));
    expect(cause).toMatchObject({
      verdict: 'likely',
      role: 'trigger',
      explains: 0,
      onset: new Date(FROM_MS - 3_600_000).toISOString(),
      summary: 'the provider has an event open on Key Vault in West Europe',
    });
    expect(cause?.facts.map(({ label, value }) => [label, value])).toEqual([
      ['The provider says', 'Key Vault: errors'],
      ['Status', 'Active'],
      ['Tracking id', 'ABCD-123'],
      ['Since', new Date(FROM_MS - 3_600_000).toISOString()],
      ['Follow it at', 'https://app.azure.com/h/ABCD-123/111abc'],
    ]);
  });

  test('holds facts that name where they are from', () => {
    expectFactsToHold(platformEvent, evidence([{}]));
  });

  test.each<[string, Partial<PlatformRow>, string | undefined]>([
    ['in all regions', { region: 'Global' }, 'likely'],
    ['in a region that is written otherwise', { region: 'westeurope' }, 'likely'],
    ['in another region', { region: 'East US' }, undefined],
    ['of another service', { service: 'Storage' }, undefined],
    ['that begins as the window ends', { startedMs: TO_MS }, undefined],
    ['that begins just before the window ends', { startedMs: TO_MS - 1 }, 'likely'],
    ['without a beginning', { startedMs: null }, undefined],
    ['that was over as the window began', { status: 'Resolved', mitigatedMs: FROM_MS }, undefined],
    ['that was over just after', { status: 'Resolved', mitigatedMs: FROM_MS + 1 }, 'inconclusive'],
    ['that is over, nobody says since when', { status: 'Resolved' }, undefined],
    ['that names the resource', { named: true }, 'confirmed'],
    [
      'that names it, of another service and region',
      { named: true, service: 'Network', region: 'East US' },
      'confirmed',
    ],
    ['that named it and is over', { named: true, status: 'Resolved', mitigatedMs: FROM_MS + 1 }, 'likely'],
    ['that names others', { named: false, region: 'East US' }, undefined],
  ])('%s: %o is %s', (_what, event, verdict) => {
    expect(diagnose(evidence([event]))[0]?.verdict).toBe(verdict);
  });

  test('that names the resource says so', () => {
    expect(diagnose(evidence([{ named: true }]))[0]?.summary).toBe(
      'the provider has an event open on this very resource (Key Vault in West Europe)',
    );
  });

  test('where nobody knows the region of the resource settles nothing', () => {
    expect(diagnose(evidence([{}], []))[0]?.verdict).toBe('inconclusive');
    const known = { ...IN_AZURE, region: 'westeurope' };
    expect(diagnose(evidence([{}], [], known))[0]?.verdict).toBe('likely');
  });

  test('is how things are where it was planned, and comes after what was not', () => {
    const planned = { eventType: 'PlannedMaintenance', trackingId: 'PLAN-001' };
    expect(diagnose(evidence([planned]))).toMatchObject([
      { role: 'condition', summary: 'the provider has maintenance under way on Key Vault in West Europe' },
    ]);
    expect(diagnose(evidence([planned, {}]))[0]?.facts[2]?.value).toBe('ABCD-123');
  });

  test.each<[string, Partial<PlatformRow>, string]>([
    ['a tracking id of another form', { trackingId: 'x" onclick' }, 'westeurope'],
    ['a cloud with another portal', { region: 'US Gov Virginia' }, 'usgovvirginia'],
  ])('has no link for %s', (_what, event, location) => {
    const [cause] = diagnose(evidence([event], [{ ...SELF, location }]));
    expect(cause?.facts.length).toBeGreaterThan(3);
    expect(cause?.facts.map(({ label }) => label)).not.toContain('Follow it at');
  });
});

describe('an event that an alert told of', () => {
  const related = (facts: Record<string, string>): RelatedEvent => ({
    alertId: 'a1',
    at: FROM,
    text: 'Example',
    facts,
  });

  test.each<[string, Record<string, string>, string | undefined]>([
    [
      'the resource itself is not available, by the provider',
      { currentHealthStatus: 'Unavailable', cause: 'PlatformInitiated' },
      'confirmed',
    ],
    ['the resource itself is not available', { currentHealthStatus: 'Unavailable' }, 'likely'],
    ['it asks too much of itself', { currentHealthStatus: 'Degraded', cause: 'UserInitiated' }, undefined],
    ['the resource itself is well', { currentHealthStatus: 'Available' }, undefined],
    ['its service in its region', { service: 'Key Vault', region: 'East US, West Europe' }, 'likely'],
    ['its service in another region', { service: 'Key Vault', region: 'East US' }, undefined],
    ['another service', { service: 'Virtual Machines', region: 'West Europe' }, undefined],
    ['nothing that is known', {}, undefined],
  ])('%s: %o is %s', (_what, facts, verdict) => {
    expect(diagnose(evidence([]), [related(facts)])[0]?.verdict).toBe(verdict);
  });

  test.each([
    ['LAMBDA', 'eu-west-1', 'likely'],
    ['LAMBDA', 'us-east-1', undefined],
    ['SQS', 'eu-west-1', undefined],
  ])('by AWS, of %s in %s, is %s for a function in eu-west-1', (service, region, verdict) => {
    const arn = 'arn:aws:lambda:eu-west-1:123456789012:function:checkout';
    const resource: Resource = {
      ...IN_AZURE,
      cloud: 'aws',
      id: arn,
      type: 'AWS::Lambda::Function',
      region: 'eu-west-1',
    };
    const unread = { ...evidence([], [], resource), readings: [] };
    expect(diagnose(unread, [related({ service, region })])[0]?.verdict).toBe(verdict);
  });

  test('needs nothing that was read, and comes before what is less sure', () => {
    const unread = { ...evidence([]), readings: [] };
    const facts = {
      service: 'Key Vault',
      region: 'Global',
      trackingId: 'ABCD-123',
      impactStartTime: '2026-01-05T09:30:00Z',
    };
    expect(diagnose(unread, [related(facts)])).toMatchObject([
      { verdict: 'likely', onset: '2026-01-05T09:30:00.000Z' },
    ]);
    const [first] = diagnose(evidence([{}]), [
      related({ currentHealthStatus: 'Degraded', cause: 'PlatformInitiated' }),
    ]);
    expect(first).toMatchObject({
      verdict: 'confirmed',
      summary: 'the provider has an event open on this very resource',
    });
  });
});

test('nothing is said where nothing is open, or nothing could be read', () => {
  expect(diagnose(evidence([]))).toEqual([]);
  expect(diagnose({ ...evidence([]), readings: [] })).toEqual([]);
});
