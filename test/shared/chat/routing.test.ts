import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explainRouting } from '../../../shared/chat/route-words.ts';
import {
  matchesGlob,
  privacyAt,
  type RoutingRules,
  routeIncident,
  unknownDestinations,
} from '../../../shared/chat/routing.ts';
import type { Route } from '../../../shared/model.ts';
import { incident } from './incidents.ts';

const KEYS = ['slack-bot:C1', 'slack-webhook', 'teams-workflow', 'terminal'];

function rulesOf(routes: Route[]): RoutingRules {
  return {
    routes,
    timeZone: 'Europe/Paris',
    ownerOf: (id) => (id.includes('kv-orders') ? 'Shop Platform' : undefined),
  };
}

/** Keys that the incident goes to. */
function keysBy(routes: Route[], given = incident()): string[] {
  return routeIncident(given, rulesOf(routes), KEYS).to.map(({ key }) => key);
}

describe('an incident', () => {
  test('goes everywhere without routes, masked', () => {
    expect(routeIncident(incident(), rulesOf([]), KEYS)).toEqual({
      route: null,
      to: KEYS.map((key) => ({ key, privacy: 'masked' })),
      held: false,
    });
  });

  test('goes where the first matching route says, in configured order', () => {
    const routes: Route[] = [
      { match: { family: 'cost' }, to: ['terminal'] },
      { match: { family: 'throttle' }, to: ['teams-workflow', 'slack-bot:C1'], privacy: 'full' },
      { to: ['terminal'] },
    ];
    expect(routeIncident(incident(), rulesOf(routes), KEYS)).toEqual({
      route: 1,
      to: [
        { key: 'slack-bot:C1', privacy: 'full' },
        { key: 'teams-workflow', privacy: 'full' },
      ],
      held: false,
    });
  });

  test('mentions at each whom the most exact word on it names', () => {
    const routes: Route[] = [
      {
        to: [
          { destination: 'slack-bot', mention: 'channel' },
          { destination: 'slack-bot:C1', mention: { userGroup: 'S0ONCALL' } },
          { destination: 'teams-workflow', privacy: 'full', mention: { id: 'dana@contoso.com', name: 'Dana' } },
          'terminal',
        ],
        privacy: 'minimal',
      },
    ];
    expect(routeIncident(incident(), rulesOf(routes), KEYS).to).toEqual([
      { key: 'slack-bot:C1', privacy: 'minimal', mention: { userGroup: 'S0ONCALL' } },
      { key: 'teams-workflow', privacy: 'full', mention: { id: 'dana@contoso.com', name: 'Dana' } },
      { key: 'terminal', privacy: 'minimal' },
    ]);
    const [note] = explainRouting(incident(), rulesOf(routes), KEYS, { until: null, maintenance: false });
    expect(note?.text).toContain('slack-bot:C1 (minimal, mentions the group S0ONCALL)');
    expect(note?.text).toContain('teams-workflow (full, mentions Dana)');
  });

  test('shows at each of several destinations what the most exact word on it allows', () => {
    const routes: Route[] = [
      {
        to: [
          { destination: '*', privacy: 'minimal' },
          { destination: 'slack-bot', privacy: 'masked' },
          { destination: 'slack-bot:C1', privacy: 'full' },
          'terminal',
        ],
        privacy: 'masked',
      },
    ];
    expect(routeIncident(incident(), rulesOf(routes), [...KEYS, 'slack-bot:C2']).to).toEqual([
      { key: 'slack-bot:C1', privacy: 'full' },
      { key: 'slack-webhook', privacy: 'minimal' },
      { key: 'teams-workflow', privacy: 'minimal' },
      { key: 'terminal', privacy: 'masked' },
      { key: 'slack-bot:C2', privacy: 'masked' },
    ]);
  });

  test('is told why it goes where it goes', () => {
    const routes: Route[] = [
      { match: { family: 'cost' }, to: [] },
      { match: { team: 'payments' }, to: ['terminal'] },
      { match: { custom: { Team: 'ord*' } }, to: ['slack-bot:C1'], privacy: 'full', quiet: 'held' },
      { to: ['*'] },
    ];
    const quiet = { until: '2026-01-06T06:00:00.000Z', maintenance: false };
    expect(explainRouting(incident(), rulesOf(routes), KEYS, quiet).map(({ text }) => text)).toEqual([
      'It goes to slack-bot:C1 (full) by routes[2]. Not by routes[0]: its family is throttle; routes[1]: its team is not payments.',
      'Quiet hours: it is held back until 2026-01-06 06:00 UTC, as its route says.',
    ]);
    expect(explainRouting(incident(), rulesOf([]), KEYS, { until: null, maintenance: false })).toEqual([]);
    expect(explainRouting(incident(), rulesOf(routes), KEYS, { until: null, maintenance: true })[0]?.text).toMatch(
      /maintenance window/,
    );
  });

  test('goes nowhere by a route without destinations', () => {
    expect(keysBy([{ match: {}, to: [] }])).toEqual([]);
  });

  test('goes everywhere when no route matches: only an empty route keeps it back', () => {
    expect(keysBy([{ match: { family: 'cost' }, to: ['terminal'] }])).toEqual(KEYS);
  });

  test.each<[string[], string[]]>([
    [['*'], KEYS],
    [['slack-bot'], ['slack-bot:C1']],
    [['slack'], []],
    [['C1'], []],
  ])('reaches by %j: %j', (to, expected) => {
    expect(keysBy([{ to }])).toEqual(expected);
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
    ['its owner by the settings', { owner: 'shop platform' }, true],
    ['another owner', { owner: 'shop' }, false],
    ['a glob on a custom property', { custom: { TEAM: 'o?d*' } }, true],
    ['a custom property that no alert has', { custom: { cell: '*' } }, false],
    ['hours that it opened in', { hours: { from: '00:00', to: '23:59' } }, true],
    ['hours of another time', { hours: { from: '03:00', to: '03:01' } }, false],
    ['all of several', { family: 'throttle', team: 'orders' }, true],
    ['not all of several', { family: 'throttle', team: 'payments' }, false],
  ])('matches by %s: %s', (_what, match, matches) => {
    const to = keysBy([{ match, to: [] }]);
    expect(to).toEqual(matches ? [] : KEYS);
  });
});

test('misspelt destinations are found', () => {
  const routes: Route[] = [
    { to: ['slack-bot:C1', 'slack-bott'] },
    { to: ['teams', { destination: 'slack-bott', privacy: 'full' }, '*'] },
  ];
  expect(unknownDestinations(routes, KEYS)).toEqual([
    { path: 'routes[0].to[1]', name: 'slack-bott' },
    { path: 'routes[1].to[0]', name: 'teams' },
    { path: 'routes[1].to[1].destination', name: 'slack-bott' },
  ]);
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
