import { expect, test } from 'vitest';
import type { Caller } from '../../../shared/model.ts';
import { nameCallerBy, nameInFinding, nameInImpact } from '../../../shared/pipeline/aliases.ts';

const APP = '2f56dff0-1111-2222-3333-444444444444';
const OBJECT = '9a1b77aa-1111-2222-3333-444444444444';
const ROLE = 'arn:aws:iam::123456789012:role/Checkout';
const ALIASES = {
  [APP]: { displayName: 'checkout', owner: 'payments' },
  [OBJECT]: { displayName: 'checkout on the second cluster' },
  [ROLE]: { displayName: 'checkout on AWS' },
};
const nameCaller = nameCallerBy(ALIASES);

function caller(more: Partial<Caller>): Caller {
  return { id: 'x', kind: 'application', displayName: 'JavaScript app 2f56dff0', addresses: 3, ...more };
}

test.each<[string, Partial<Caller>, string]>([
  ['its app id', { appId: APP }, 'checkout'],
  ['its app id in upper case', { appId: APP.toUpperCase() }, 'checkout'],
  ['its object id before its app id', { appId: APP, objectId: OBJECT }, 'checkout on the second cluster'],
  ['its ARN, as it is written', { arn: ROLE }, 'checkout on AWS'],
  ['its id alone', { id: APP }, 'checkout'],
  ['nothing that the settings name', { id: 'constructor', appId: 'other' }, 'JavaScript app 2f56dff0'],
])('a caller is named by %s', (_what, ids, name) => {
  expect(nameCaller(caller(ids)).displayName).toBe(name);
});

test('its owner is told where the settings know one', () => {
  expect(nameCaller(caller({ appId: APP })).owner).toBe('payments');
  expect(nameCaller(caller({ objectId: OBJECT }))).not.toHaveProperty('owner');
});

test('whoever a finding or an impact speaks of is named', () => {
  const named = caller({ appId: APP });
  const finding = nameInFinding(
    {
      ...{ kind: 'missing-cache', verdict: 'likely', role: 'trigger', confidence: 1, explains: 1, facts: [] },
      ...{ summary: '', fixes: [], caller: named, victims: [named] },
    },
    nameCaller,
  );
  expect([finding.caller, ...finding.victims].map((who) => who?.displayName)).toEqual(['checkout', 'checkout']);
  const impact = nameInImpact(
    {
      ...{ callersRefused: 1, requestsFailed: 1, minutesOver: 1, pattern: 'persistent', errorBudgetBurn: null },
      dependents: [named],
    },
    nameCaller,
  );
  expect(impact.dependents[0]?.displayName).toBe('checkout');
});
