import { describe, expect, test } from 'vitest';
import type { OwnerRow } from '../../../shared/evidence/owners.ts';
import type { Caller, Evidence } from '../../../shared/model.ts';
import { namingFrom, resourcesOf } from '../../../shared/pipeline/naming.ts';
import { FROM, TO, VAULT } from '../evidence/kit.ts';

const APP = '2f56dff0-1111-2222-3333-444444444444';
const OBJECT = '9a1b77aa-1111-2222-3333-444444444444';
const SITE = '/subscriptions/s/resourcegroups/rg-shop/providers/microsoft.web/sites/shop-api';
const IDENTITY =
  '/subscriptions/s/resourcegroups/rg-shop/providers/microsoft.managedidentity/userassignedidentities/id-shop';

function row(given: Partial<OwnerRow> & Pick<OwnerRow, 'asked' | 'how'>): OwnerRow {
  return {
    ...{
      resource: SITE,
      name: 'shop-api',
      type: 'microsoft.web/sites',
      location: 'westeurope',
      resourceGroup: 'rg-shop',
    },
    ...{ owner: '', team: '' },
    ...given,
  };
}

function evidence(...rows: OwnerRow[]): Evidence {
  const head = { kind: 'owners', store: 'resource-graph', window: 'incident', readAt: TO } as const;
  return {
    ...{ resource: VAULT, from: FROM, to: TO },
    readings: [{ ...head, state: 'read', rows, truncated: false, completeness: null }],
  };
}

function caller(given: Partial<Caller> = {}): Caller {
  return {
    id: APP,
    appId: APP,
    objectId: OBJECT,
    kind: 'application',
    displayName: 'app 2f56dff0',
    addresses: 1,
    ...given,
  };
}

const assigned = row({
  asked: APP,
  how: 'assigned',
  resource: IDENTITY,
  name: 'id-shop',
  owner: 'ana',
  team: 'payments',
});

describe('a caller goes by', () => {
  test.each<[string, OwnerRow[], Partial<Caller>]>([
    [
      'the resource that has its identity, with owner and team',
      [row({ asked: OBJECT, how: 'system', owner: 'ana', team: 'payments' })],
      { displayName: 'shop-api', owner: 'ana', team: 'payments' },
    ],
    [
      'the one resource that was given it, with what its own tags leave open',
      [row({ asked: APP, how: 'uses', team: 'shop' }), row({ asked: OBJECT, how: 'uses', team: 'shop' }), assigned],
      { displayName: 'shop-api', owner: 'ana', team: 'shop' },
    ],
    [
      'the identity itself where several were given it',
      [
        row({ asked: APP, how: 'uses' }),
        row({ asked: APP, how: 'uses', resource: `${SITE}-2`, name: 'shop-web' }),
        assigned,
      ],
      { displayName: 'id-shop (2 resources)', owner: 'ana', team: 'payments' },
    ],
    ['an identity that nobody was given', [assigned], { displayName: 'id-shop', owner: 'ana', team: 'payments' }],
    [
      'a name without control characters',
      [row({ asked: APP, how: 'system', name: 'a\u0007b\nc' })],
      { displayName: 'ab c' },
    ],
  ])('%s', (_what, rows, expected) => {
    expect(namingFrom(evidence(...rows))(caller())).toEqual(caller(expected));
  });

  test.each<[string, Evidence, Caller]>([
    ['nothing that was read', evidence(), caller()],
    ['rows about another', evidence(row({ asked: 'someone-else', how: 'system' })), caller()],
    ['what the watched resource is', evidence(row({ asked: APP, how: 'self' })), caller()],
    ['an identity, though it is a person', evidence(row({ asked: OBJECT, how: 'system' })), caller({ kind: 'user' })],
  ])('what its log shows, not %s', (_what, read, who) => {
    expect(namingFrom(read)(who)).toEqual(who);
  });

  test('what the settings call it, before all', () => {
    const named = namingFrom(evidence(row({ asked: APP, how: 'system', team: 'shop' })), (who) => ({
      ...who,
      displayName: 'checkout',
    }));
    expect(named(caller())).toMatchObject({ displayName: 'checkout', team: 'shop' });
  });
});

test('ids are compared without regard to case, and each resource is told once', () => {
  const read = evidence(row({ asked: APP, how: 'uses' }), row({ asked: OBJECT, how: 'uses' }), assigned);
  expect(resourcesOf(caller({ id: 'x', appId: APP.toUpperCase(), objectId: OBJECT }), read)).toEqual([SITE]);
  expect(resourcesOf(caller({ id: 'x', appId: 'y', objectId: 'z' }), read)).toEqual([]);
});
