import { describe, expect, test } from 'vitest';
import { azure } from '../../../../shared/sources/azure.ts';
import { at, fixture, onlyAlert, RECEIVED_AT } from '../fixtures.ts';

const SUBSCRIPTION = '00000000-0000-0000-0000-000000000000';
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg-contoso/providers`;
const VAULT = `${GROUP}/microsoft.keyvault/vaults/kv-contoso`;

/** The static metric alert with its essentials changed. */
function withEssentials(changes: Record<string, unknown>) {
  const body = fixture('azure/metric-static-kv429-fired');
  Object.assign(at(body, 'data', 'essentials'), changes);
  return body;
}

describe('the id of an Azure alert', () => {
  const original = onlyAlert(azure.parse(withEssentials({}), RECEIVED_AT));

  test.each([
    ['alertId', '/subscriptions/x/providers/Microsoft.AlertsManagement/alerts/other'],
    ['alertRule', 'another rule'],
    ['alertTargetIDs', [VAULT.replace('kv-contoso', 'kv-fabrikam')]],
    ['originAlertId', 'another origin'],
    ['firedDateTime', '2026-01-05T10:08:24.3713213Z'],
  ])('changes, as the instance does, with %s', (field, value) => {
    const changed = onlyAlert(azure.parse(withEssentials({ [field]: value }), RECEIVED_AT));
    expect(changed.id).not.toBe(original.id);
    expect(changed.instance).not.toBe(original.instance);
  });

  test.each([
    ['description or severity', { description: 'another text', severity: 'Sev1' }],
    ['the spelling of the moment', { firedDateTime: '2026-01-05T12:07:24.371+02:00' }],
    ['the case of the target', { alertTargetIDs: [VAULT.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions')] }],
  ])('does not change with %s', (_what, changes) => {
    const changed = onlyAlert(azure.parse(withEssentials(changes), RECEIVED_AT));
    expect([changed.id, changed.instance]).toEqual([original.id, original.instance]);
  });
});

describe('the resource of an Azure alert that names no target', () => {
  const lonely = { alertTargetIDs: [], alertRuleId: null };
  const other = VAULT.replace('kv-contoso', 'kv-fabrikam');

  test.each([
    ['an ARM id', other, other],
    ['an ARN', 'arn:aws:sqs:us-east-1:111122223333:jobs', 'arn:aws:sqs:us-east-1:111122223333:jobs'],
    ['no id', 'kv-fabrikam', `azure:${SUBSCRIPTION}:kv-throttled`],
  ])('is that of the custom property when it is %s', (_what, resource, expected) => {
    const body = withEssentials(lonely);
    at(body, 'data')['customProperties'] = { resource };
    expect(onlyAlert(azure.parse(body, RECEIVED_AT)).resource.id).toBe(expected);
  });

  test('is the target again when a dimension holds only a GUID', () => {
    const body = withEssentials({});
    at(body, 'data', 'alertContext', 'condition', 'allOf', 0)['dimensions'] = [
      { name: 'ResourceId', value: 'b1b1b1b1-cccc-dddd-eeee-f2f2f2f2f2f2' },
    ];
    expect(onlyAlert(azure.parse(body, RECEIVED_AT)).resource.id).toBe(VAULT);
  });
});

describe('severity', () => {
  test.each([
    ['Sev0', 0],
    ['sev4', 4],
    [null, 3],
    ['Sev9', 3],
  ])('%s is %i', (severity, expected) => {
    expect(onlyAlert(azure.parse(withEssentials({ severity }), RECEIVED_AT)).severity).toBe(expected);
  });

  test('is overridden by the custom property headroom_severity', () => {
    const body = fixture('azure/metric-static-kv429-fired');
    at(body, 'data')['customProperties'] = { headroom_severity: '1' };
    expect(onlyAlert(azure.parse(body, RECEIVED_AT)).severity).toBe(1);
  });
});

describe('a time that cannot be', () => {
  test.each([
    [undefined, 'no firedDateTime'],
    [null, 'no firedDateTime'],
    ['0001-01-01T00:00:00Z', "implausible firedDateTime '0001-01-01T00:00:00Z'"],
    ['2026-01-06T10:30:00.001Z', "implausible firedDateTime '2026-01-06T10:30:00.001Z'"],
    ['yesterday', "implausible firedDateTime 'yesterday'"],
  ])('%s gives way to the time of receipt, and the alert says so', (firedDateTime, note) => {
    const alert = onlyAlert(azure.parse(withEssentials({ firedDateTime }), RECEIVED_AT));
    expect(alert.firedAt).toBe(RECEIVED_AT);
    expect(alert.custom['headroom_time']).toBe(`${note}: the time of receipt stands in`);
  });

  test('of an end without a time is the time of receipt', () => {
    const alert = onlyAlert(azure.parse(withEssentials({ monitorCondition: 'Resolved' }), RECEIVED_AT));
    expect(alert).toMatchObject({ state: 'resolved', resolvedAt: RECEIVED_AT });
  });

  test('of an end before its beginning is that beginning', () => {
    const changes = { monitorCondition: 'Resolved', resolvedDateTime: '2026-01-05T10:00:00Z' };
    const alert = onlyAlert(azure.parse(withEssentials(changes), RECEIVED_AT));
    expect(alert).toMatchObject({ state: 'resolved', resolvedAt: '2026-01-05T10:07:24.371Z' });
  });
});
