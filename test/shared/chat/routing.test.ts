import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchesGlob, privacyAt, routeIncident, unknownDestinations } from '../../../shared/chat/routing.ts';
import type { Route } from '../../../shared/model.ts';
import { incident } from './incidents.ts';

const KEYS = ['slack-bot:C1', 'slack-webhook', 'teams-workflow', 'terminal'];

describe('an incident', () => {
  test('goes everywhere without routes, masked', () => {
    expect(routeIncident(incident(), [], KEYS)).toEqual({ to: KEYS, privacy: 'masked' });
  });

  test('goes where the first matching route says, in configured order', () => {
    const routes: Route[] = [
      { match: { family: 'cost' }, to: ['terminal'] },
      { match: { family: 'throttle' }, to: ['teams-workflow', 'slack-bot:C1'], privacy: 'full' },
      { to: ['terminal'] },
    ];
    expect(routeIncident(incident(), routes, KEYS)).toEqual({
      to: ['slack-bot:C1', 'teams-workflow'],
      privacy: 'full',
    });
  });

  test('goes nowhere by a route without destinations', () => {
    expect(routeIncident(incident(), [{ match: {}, to: [] }], KEYS).to).toEqual([]);
  });

  test('goes everywhere when no route matches: only an empty route keeps it back', () => {
    expect(routeIncident(incident(), [{ match: { family: 'cost' }, to: ['terminal'] }], KEYS).to).toEqual(KEYS);
  });

  test.each<[string[], string[]]>([
    [['*'], KEYS],
    [['slack-bot'], ['slack-bot:C1']],
    [['slack'], []],
    [['C1'], []],
  ])('reaches by %j: %j', (to, expected) => {
    expect(routeIncident(incident(), [{ to }], KEYS).to).toEqual(expected);
  });

  test.each<[string, NonNullable<Route['match']>, boolean]>([
    ['its family', { family: 'throttle' }, true],
    ['another family', { family: 'identity' }, false],
    [
      'a glob on its resource, letter case aside',
      { resource: '*/providers/Microsoft.KeyVault/vaults/kv-orders-*' },
      true,
    ],
    ['a glob on another', { resource: '*/vaults/kv-payments-*' }, false],
    ['its subscription', { scope: '0F5D8A1C-2b3e-4c5d-8e9f-a0b1c2d3e4f5' }, true],
    ['another subscription', { scope: 'other' }, false],
    ['its severity', { severityAtMost: 3 }, true],
    ['a more severe bound', { severityAtMost: 2 }, false],
    ['its team', { team: 'Orders' }, true],
    ['another team', { team: 'payments' }, false],
    ['all of several', { family: 'throttle', team: 'orders' }, true],
    ['not all of several', { family: 'throttle', team: 'payments' }, false],
  ])('matches by %s: %s', (_what, match, matches) => {
    const to = routeIncident(incident(), [{ match, to: [] }], KEYS).to;
    expect(to).toEqual(matches ? [] : KEYS);
  });
});

test('misspelt destinations are found', () => {
  const routes: Route[] = [{ to: ['slack-bot:C1', 'slack-bott'] }, { to: ['teams', 'slack-bott', '*'] }];
  expect(unknownDestinations(routes, KEYS)).toEqual(['slack-bott', 'teams']);
});

describe('a glob', () => {
  test.each([
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['a*c', 'abc', true],
    ['a*c', 'ac', true],
    ['a*c', 'abd', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['*a*a*', 'bab', false],
    ['a.c', 'abc', false],
    ['[a]', 'a', false],
    ['**b', 'aab', true],
  ])('%s against %s: %s', (pattern, text, expected) => {
    expect(matchesGlob(pattern, text)).toBe(expected);
  });

  test('matches every text that it was made from', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 5 }), { maxLength: 6 }), (parts) => {
        const plain = parts.map((part) => part.replace(/[*?]/g, ''));
        expect(matchesGlob(plain.join('*'), plain.join('anything/at all'))).toBe(true);
      }),
    );
  });

  test('ends soon on a pattern made to stall', () => {
    expect(matchesGlob('*a'.repeat(200), `${'a'.repeat(2000)}b`)).toBe(false);
  });
});

describe('what may be shown at a destination to who asks there', () => {
  const routes: Route[] = [
    { match: { family: 'throttle' }, to: ['slack-bot:C1', 'teams-workflow'], privacy: 'full' },
    { match: { family: 'identity' }, to: ['slack-bot'], privacy: 'minimal' },
    { to: ['slack-bot:C3'], privacy: 'full' },
    { to: ['slack-bot:C3'] },
  ];

  test.each([
    ['slack-bot:C1', 'minimal'],
    ['slack-bot:C2', 'minimal'],
    ['teams-workflow', 'full'],
    ['terminal', 'masked'],
  ])('at %s is the strictest of its routes: %s', (key, privacy) => {
    expect(privacyAt(routes, key)).toBe(privacy);
  });

  test('is masked where a route says nothing', () => {
    expect(privacyAt(routes.slice(2), 'slack-bot:C3')).toBe('masked');
    expect(privacyAt([], 'slack-bot:C1')).toBe('masked');
  });
});
