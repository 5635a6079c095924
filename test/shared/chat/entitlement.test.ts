import { expect, test } from 'vitest';
import { mayAct } from '../../../shared/chat/entitlement.ts';
import { settingsOf } from '../commands/kit.ts';

const SUBSCRIPTION = '00000000-0000-0000-0000-000000000000';
const ENTRA = '6f1b3c6e-0d3c-4d0e-9a53-2f1f5f0e8a11';
const VAULT = { id: `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv` };
const FUNCTION = { id: 'arn:aws:lambda:us-east-1:123456789012:function:f' };

const SETTINGS = settingsOf({
  approvers: [
    { people: ['slack:T1/UACK'], actions: ['ack'] },
    { people: ['slack:T1/UALL'], actions: ['*'] },
    { people: ['slack:T1/UAZURE', 'slack:T1/UBOTH'], actions: ['ack'], scopes: [SUBSCRIPTION] },
    { people: ['slack:T1/UBOTH'], actions: ['silence'], scopes: ['123456789012'] },
    { people: [`entra:${ENTRA}`], actions: ['ack'] },
  ],
  identities: [{ slack: 'T1/ULINKED', entra: ENTRA.toUpperCase() }],
});

test.each([
  ['slack:T1/UACK', 'ack', VAULT, true],
  ['slack:T1/UACK', 'silence', VAULT, false],
  ['slack:T2/UACK', 'ack', VAULT, false],
  ['slack:T1/UALL', 'resolve', FUNCTION, true],
  ['slack:T1/UAZURE', 'ack', VAULT, true],
  ['slack:T1/UAZURE', 'ack', FUNCTION, false],
  // The action of one entry and the scope of another make no right.
  ['slack:T1/UBOTH', 'ack', FUNCTION, false],
  ['slack:T1/UBOTH', 'silence', VAULT, false],
  ['slack:T1/UBOTH', 'silence', FUNCTION, true],
  [`entra:${ENTRA.toUpperCase()}`, 'ack', VAULT, true],
  ['slack:T1/ULINKED', 'ack', VAULT, true],
  ['slack:T1/ULINKED', 'silence', VAULT, false],
  ['slack:T1/UNOBODY', 'ack', VAULT, false],
  ['', 'ack', VAULT, false],
  ['local', 'resolve', VAULT, true],
])('%s may %s what lies there: %#', (person, action, resource, ok) => {
  expect(mayAct(SETTINGS, person, action, resource).ok).toBe(ok);
});

test('nobody is entitled by default', () => {
  expect(mayAct(settingsOf({}), 'slack:T1/UALL', 'ack', VAULT)).toEqual({
    ok: false,
    reason: 'You are not on the list of those who may ack',
    nextStep: 'Have "slack:T1/UALL" added to the people of an entry of approvers in headroom.json',
  });
});
