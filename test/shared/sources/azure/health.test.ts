import { describe, expect, test } from 'vitest';
import { azure } from '../../../../shared/sources/azure.ts';
import { at, fixture, onlyAlert, RECEIVED_AT } from '../fixtures.ts';

const DAYS_LATER = '2026-01-09T00:00:00.000Z';

function read(name: string, change: (body: Record<string, unknown>) => void = () => undefined) {
  const body = fixture(`azure/${name}`);
  change(body);
  return onlyAlert(azure.parse(body, DAYS_LATER));
}

describe('the alerts about one Service Health event', () => {
  const [active, resolved, rca] = ['fired', 'resolved', 'rca'].map((name) => read(`activity-servicehealth-${name}`));

  test('are one episode, each with an id of its own', () => {
    expect(new Set([active, resolved, rca].map((alert) => alert?.instance)).size).toBe(1);
    expect(new Set([active, resolved, rca].map((alert) => alert?.id)).size).toBe(3);
  });

  test('end when the stage says so, though every alert says Fired', () => {
    expect([active, resolved, rca].map((alert) => alert?.state)).toEqual(['fired', 'resolved', 'resolved']);
  });

  test('end after they began, though the event was mitigated before its first alert came', () => {
    expect(resolved).toMatchObject({ firedAt: '2026-01-05T09:30:00.000Z', resolvedAt: '2026-01-05T10:35:24.371Z' });
    expect(active?.firedAt).toBe('2026-01-05T10:07:24.371Z');
  });

  test('have ids of their own even where only the stage differs', () => {
    const active = read('activity-servicehealth-resolved', (body) => {
      at(body, 'data', 'alertContext', 'properties')['stage'] = 'Active';
    });
    expect([active.instance === resolved?.instance, active.id === resolved?.id]).toEqual([true, false]);
  });

  test('are another episode for another tracking id', () => {
    const other = read('activity-servicehealth-resolved', (body) => {
      at(body, 'data', 'alertContext', 'properties')['trackingId'] = 'OTHER-1';
    });
    expect(other.instance).not.toBe(resolved?.instance);
  });

  test('tell services and regions, written as text or as a list', () => {
    expect(resolved?.custom).toMatchObject({ impactedServices: 'Key Vault', impactedRegions: 'East US, West US' });
    expect(read('activity-servicehealth-numeric-test').custom).toMatchObject({
      impactedServices: 'Key Vault',
      impactedRegions: 'Global',
    });
  });

  test.each([
    ['Active', 'fired'],
    ['Planned', 'fired'],
    ['InProgress', 'fired'],
    ['Rescheduled', 'fired'],
    ['Resolved', 'resolved'],
    ['RCA', 'resolved'],
    ['Complete', 'resolved'],
    ['Completed', 'resolved'],
    ['Canceled', 'resolved'],
    [7, 'fired'],
  ])('at stage %s are %s', (stage, state) => {
    const alert = read('activity-servicehealth-maintenance-planned', (body) => {
      at(body, 'data', 'alertContext', 'properties')['stage'] = stage;
    });
    expect(alert.state).toBe(state);
  });

  test.each([['not JSON'], ['[{"ServiceName":'], [7], [null]])('are read when impactedServices is %s', (services) => {
    const alert = read('activity-servicehealth-fired', (body) => {
      at(body, 'data', 'alertContext', 'properties')['impactedServices'] = services;
    });
    expect(alert.signals[0]?.dimensions).toMatchObject({ service: 'Key Vault', region: 'East US' });
  });

  test('are about the subscription', () => {
    expect(active?.resource).toMatchObject({
      type: 'microsoft.resources/subscriptions',
      scope: '00000000-0000-0000-0000-000000000000',
    });
  });
});

describe('the alerts about the health of one resource', () => {
  test('are one episode that ends when the resource is available', () => {
    const [fired, resolved] = ['fired', 'resolved'].map((name) => read(`activity-resourcehealth-${name}`));
    expect([fired?.state, resolved?.state]).toEqual(['fired', 'resolved']);
    expect(resolved?.instance).toBe(fired?.instance);
    expect(resolved?.id).not.toBe(fired?.id);
  });

  test('of two resources are two episodes', () => {
    const other = read('activity-resourcehealth-fired', (body) => {
      const essentials = at(body, 'data', 'essentials');
      essentials['alertTargetIDs'] = ['/subscriptions/s/resourcegroups/g/providers/microsoft.keyvault/vaults/other'];
    });
    expect(other.instance).not.toBe(read('activity-resourcehealth-fired').instance);
  });
});

describe('activity log alerts', () => {
  test('stay two for the start and the end of one operation', () => {
    const start = read('activity-administrative-fired', (body) => {
      const context = at(body, 'data', 'alertContext');
      context['status'] = 'Started';
      context['eventDataId'] = '66666666-6666-6666-6666-666666666660';
    });
    const end = read('activity-administrative-fired');
    expect([start.state, end.state]).toEqual(['fired', 'fired']);
    expect(start.instance).not.toBe(end.instance);
  });

  test('read at another moment keep their times', () => {
    expect(read('activity-policy-fired').firedAt).toBe(
      onlyAlert(azure.parse(fixture('azure/activity-policy-fired'), RECEIVED_AT)).firedAt,
    );
  });
});
