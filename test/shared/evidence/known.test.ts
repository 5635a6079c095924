import { expect, test } from 'vitest';
import type { CallerRow } from '../../../shared/evidence/callers.ts';
import { knownFrom } from '../../../shared/evidence/known.ts';
import type { OwnerRow } from '../../../shared/evidence/owners.ts';
import type { Reading, Row, Window } from '../../../shared/model.ts';
import { TO } from './kit.ts';

const id = (n: number) => `00000000-0000-0000-0000-${String(n).padStart(12, '0')}`;

function caller(n: number, given: Partial<CallerRow> = {}): CallerRow {
  return {
    ...{
      caller: id(n),
      kind: 'application',
      appId: id(n),
      objectId: null,
      name: null,
      client: null,
      requests: 1_000 - n,
    },
    ...{ served: 0, forbidden: 0, notFound: 0, refused: 0, failed: 0, addresses: 1, targets: 1 },
    ...{ perTargetAndAddress: 1, peak10s: 1, firstMs: 0, lastMs: 0 },
    ...given,
  };
}

function owner(resource: string): OwnerRow {
  return {
    ...{
      asked: 'x',
      how: 'system',
      resource,
      name: 'x',
      type: 'x',
      location: 'x',
      resourceGroup: 'x',
      owner: '',
      team: '',
    },
  };
}

function read(kind: string, rows: Row[], window: Window = 'incident'): Reading {
  return { kind, store: 'a', window, readAt: TO, state: 'read', rows, truncated: false, completeness: null };
}

test('who asked most and who was refused most are known by both ids, lower-cased, each once', () => {
  const rows = [
    caller(1, { appId: 'ABCDEF00-0000-0000-0000-000000000001', objectId: id(101) }),
    ...Array.from({ length: 20 }, (_, n) => caller(n + 2)),
    caller(50, { refused: 9 }),
  ];
  const { identities } = knownFrom([read('callers', rows)]);
  expect(identities).toContain('abcdef00-0000-0000-0000-000000000001');
  expect(identities).toContain(id(101));
  expect(identities).toContain(id(50));
  expect(identities).not.toContain(id(21));
  expect(new Set(identities).size).toBe(identities.length);
  expect(identities.length).toBeLessThanOrEqual(40);
});

test.each<[string, CallerRow]>([
  ['a person', caller(1, { kind: 'user' })],
  ['what is no id', caller(1, { appId: "'; drop" })],
  ['a caller without ids', caller(1, { appId: null })],
])('%s is not asked for', (_what, row) => {
  expect(knownFrom([read('callers', [row])]).identities).toEqual([]);
});

test('resources are those of the owners, at most thirty', () => {
  const rows = Array.from({ length: 40 }, (_, n) => owner(`/subscriptions/S/${n}`));
  const { resources } = knownFrom([read('owners', [...rows, ...rows])]);
  expect(resources).toHaveLength(30);
  expect(resources[0]).toBe('/subscriptions/s/0');
});

test('baselines, readings of another shape and stores that could not be read name nobody', () => {
  const unread: Reading = {
    ...{
      kind: 'callers',
      store: 'a',
      window: 'incident',
      readAt: TO,
      state: 'unavailable',
      why: 'denied',
      nextStep: '',
    },
  };
  const readings = [unread, read('callers', [caller(1)], 'day-before'), read('callers', [{ caller: id(2) }])];
  expect(knownFrom(readings)).toEqual({ identities: [], resources: [] });
});
