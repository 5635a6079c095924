import { describe, expect, test } from 'vitest';
import type { CallerRow } from '../../../shared/evidence/callers.ts';
import type { ChangeRow } from '../../../shared/evidence/changes.ts';
import type { OwnerRow } from '../../../shared/evidence/owners.ts';
import type { Evidence, Fact, Finding, Reading, Row, Window } from '../../../shared/model.ts';
import { withChanges } from '../../../shared/pipeline/changes-before.ts';
import { FROM, TO, VAULT } from '../evidence/kit.ts';

const ONSET = '2026-01-05T10:10:00.000Z';
const ONSET_MS = Date.parse(ONSET);
const SITE = '/subscriptions/s/resourcegroups/rg/providers/microsoft.web/sites/shop-api';
const MINUTE = 60_000;

const OWNER: OwnerRow = {
  ...{ asked: 'app-a', how: 'system', resource: SITE, name: 'shop-api', type: 'microsoft.web/sites' },
  ...{ location: 'westeurope', resourceGroup: 'rg', owner: '', team: '' },
};

function change(given: Partial<ChangeRow> = {}): ChangeRow {
  return {
    ...{ resource: SITE, atMs: ONSET_MS - 7 * MINUTE, change: 'Update', actor: 'ana@contoso.com', actorType: 'User' },
    ...{ client: 'Azure Portal', operation: 'Microsoft.Web/sites/write', properties: 'properties.siteConfig.alwaysOn' },
    ...given,
  };
}

function caller(given: Partial<CallerRow> = {}): CallerRow {
  return {
    ...{ caller: 'app-a', kind: 'application', appId: 'app-a', objectId: null, name: null, client: 'sdk/2' },
    ...{ requests: 9, served: 9, forbidden: 0, notFound: 0, refused: 0, failed: 0, addresses: 1, targets: 1 },
    ...{ perTargetAndAddress: 1, peak10s: 1, firstMs: 0, lastMs: 0 },
    ...given,
  };
}

function read(kind: string, rows: Row[], window: Window = 'incident'): Reading {
  return { kind, store: 'a', window, readAt: TO, state: 'read', rows, truncated: false, completeness: null };
}

function evidence(...readings: Reading[]): Evidence {
  return { resource: VAULT, from: FROM, to: TO, readings: [read('owners', [OWNER]), ...readings] };
}

function finding(facts: Fact[] = [], given: Partial<Finding> = {}): Finding {
  return {
    ...{
      kind: 'missing-cache',
      verdict: 'likely',
      role: 'trigger',
      confidence: 1,
      explains: 1,
      victims: [],
      summary: '',
    },
    ...{
      caller: { id: 'app-a', appId: 'app-a', kind: 'application', addresses: 1, client: 'sdk/2' },
      onset: ONSET,
      fixes: [],
    },
    facts,
    ...given,
  };
}

function told(given: Evidence, of = finding()): string[] {
  return (withChanges([of], given)[0]?.facts ?? []).map(
    ({ label, value, from }) => `${label}: ${value} (${from.window})`,
  );
}

describe('what changed before a cause began', () => {
  test.each<[string, ChangeRow[], string[]]>([
    [
      "of the caller's resource, is told with who did it and what it was",
      [change()],
      ['Changed before: shop-api 7 min before by ana@contoso.com: siteConfig.alwaysOn (incident)'],
    ],
    [
      'is told latest first, two of many',
      [
        change({ atMs: ONSET_MS - 60 * MINUTE, change: 'Create', properties: '' }),
        change({ resource: VAULT.id, atMs: ONSET_MS, actor: '', client: 'ARM Template', properties: 'a, b, c' }),
        change({ atMs: ONSET_MS - 90 * MINUTE }),
      ],
      [
        'Changed before: kv-contoso as it began by ARM Template: a, b …; shop-api created 1 h before by ana@contoso.com; 1 more (incident)',
      ],
    ],
    [
      'by an id is told by its beginning',
      [change({ actor: '2f56dff0-1111-2222-3333-444444444444', actorType: 'Application', properties: '' })],
      ['Changed before: shop-api 7 min before by app 2f56dff0… (incident)'],
    ],
    [
      'just within a day',
      [change({ atMs: ONSET_MS - 1_440 * MINUTE, actor: '', client: '', properties: '' })],
      ['Changed before: shop-api 1 d before (incident)'],
    ],
    ['longer before is not why', [change({ atMs: ONSET_MS - 1_440 * MINUTE - 1 })], []],
    [
      'just after is',
      [change({ atMs: ONSET_MS + MINUTE, actor: '', client: '', properties: '' })],
      ['Changed before: shop-api as it began (incident)'],
    ],
    ['later after is not', [change({ atMs: ONSET_MS + MINUTE + 1 })], []],
    ['of another resource is not', [change({ resource: `${SITE}-2` })], []],
  ])('%s', (_what, rows, expected) => {
    expect(told(evidence(read('changes', rows)))).toEqual(expected);
  });

  test('is not told where nobody knows when the cause began, or what changed', () => {
    const { onset: _onset, ...timeless } = finding();
    expect(told(evidence(read('changes', [change()])), timeless)).toEqual([]);
    expect(told(evidence())).toEqual([]);
  });
});

describe('against the same time a day before', () => {
  test.each<[string, CallerRow[], string[]]>([
    ['a caller that is new is told to be', [], ['This caller: asked nothing (day-before)']],
    [
      'a client library that is new is told with what it was',
      [caller({ client: 'sdk/1' })],
      ['Its client library: sdk/1 (day-before)'],
    ],
    ['what is as it was is not told', [caller()], []],
    ['a client that was not known is not told', [caller({ client: null })], []],
  ])('%s', (_what, rows, expected) => {
    expect(told(evidence(read('callers', rows, 'day-before')))).toEqual(expected);
  });

  test('an hour before says nothing: it may only have been quiet', () => {
    expect(told(evidence(read('callers', [], 'hour-before')))).toEqual([]);
  });
});

test('what changed stands among the facts that a message shows', () => {
  const facts: Fact[] = Array.from({ length: 9 }, (_, n) => ({
    ...{ label: `fact ${n}`, value: n, from: { kind: 'callers', column: 'requests', window: 'incident' } },
  }));
  const labels = withChanges([finding(facts)], evidence(read('changes', [change()])))[0]?.facts.map(
    ({ label }) => label,
  );
  expect(labels?.indexOf('Changed before')).toBe(7);
  expect(labels).toHaveLength(10);
});
