import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readSettings } from '../../../shared/config/settings.ts';
import type { Route } from '../../../shared/model.ts';

const SUB = '11111111-1111-1111-1111-111111111111';
const VAULT = `/subscriptions/${SUB}/resourcegroups/shop/providers/microsoft.keyvault/vaults/kv-shop`;
const GROUP = `/subscriptions/${SUB}/resourcegroups/ops/providers/microsoft.insights/actiongroups/headroom`;

function settingsOf(given: unknown) {
  const result = readSettings(given);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.settings;
}

function problemsOf(given: unknown): string[] {
  const result = readSettings(given);
  return result.ok ? [] : result.problems.map(({ problem, nextStep }) => `${problem}. ${nextStep}`);
}

describe('settings', () => {
  test('are empty, in UTC, without a file', () => {
    expect(settingsOf(undefined)).toEqual({
      timeZone: 'UTC',
      routes: [],
      maintenance: [],
      approvers: [],
      identities: [],
      scopes: [],
      snsTopics: [],
      aliases: {},
      slos: [],
      plannedEvents: [],
      severity: {},
      storm: { perMinute: 20 },
      resources: {},
    });
  });

  test('are taken whole, with ids, scopes, times and durations in one form', () => {
    const settings = settingsOf({
      $schema: './shared/settings.schema.json',
      timeZone: 'Europe/Paris',
      routes: [{ match: { family: 'throttle', severityAtMost: 2 }, to: ['slack-bot:C1'], privacy: 'minimal' }],
      quietHours: { from: '22:00', to: '07:00', days: ['sat', 'sun'] },
      maintenance: [{ from: '2026-01-31T22:00:00+01:00', to: '2026-01-31T23:30:00Z', scopes: [SUB], reason: 'move' }],
      approvers: [{ people: ['slack:T0123/U0456', `entra:${SUB}`], actions: ['*'], scopes: ['123456789012'] }],
      identities: [{ slack: 'T0123/U0456', entra: SUB, email: 'a@b.example' }],
      scopes: [SUB, `${VAULT.toUpperCase()}/`],
      snsTopics: ['arn:aws:sns:eu-west-1:123456789012:alarms'],
      aliases: { [SUB.toUpperCase()]: { displayName: 'checkout', owner: 'shop' } },
      slos: [{ resource: VAULT.toUpperCase(), target: 0.999 }],
      plannedEvents: [{ name: 'sale', from: '2026-11-27T00:00:00Z', to: '2026-11-28T00:00:00Z' }],
      severity: { share: 0.05 },
      storm: { perMinute: 20 },
      escalation: { after: '15m', webhook: 'https://call.example/hook?key=s3cret' },
      ours: {
        actionGroups: [`${GROUP.toUpperCase()}/`],
        alarmActions: ['arn:aws:sns:eu-west-1:123456789012:headroom'],
      },
      canary: { alarm: 'headroom-canary', lateAfter: '2h' },
      peer: { url: 'https://first.example/' },
      resources: {
        [VAULT.toUpperCase()]: { displayName: 'shop vault', owner: 'shop', workspaceId: SUB, project: 'shop/app' },
      },
    });
    const routes: Route[] = settings.routes;
    expect(routes).toEqual([
      { match: { family: 'throttle', severityAtMost: 2 }, to: ['slack-bot:C1'], privacy: 'minimal' },
    ]);
    expect(settings.maintenance[0]).toMatchObject({ from: '2026-01-31T21:00:00.000Z', to: '2026-01-31T23:30:00.000Z' });
    expect(settings.scopes).toEqual([`/subscriptions/${SUB}`, VAULT]);
    expect(Object.keys(settings.aliases)).toEqual([SUB]);
    expect(Object.keys(settings.resources)).toEqual([VAULT]);
    expect(settings.slos).toEqual([{ resource: VAULT, target: 0.999, windowDays: 30 }]);
    expect(settings.escalation?.afterMs).toBe(900_000);
    expect(settings.ours).toEqual({
      actionGroups: [GROUP],
      alarmActions: ['arn:aws:sns:eu-west-1:123456789012:headroom'],
    });
    expect(settings.canary).toEqual({ alarm: 'headroom-canary', lateAfterMs: 7_200_000 });
    expect(settings.escalation?.webhook?.reveal()).toBe('https://call.example/hook?key=s3cret');
    expect(inspect(settings, { depth: null }) + JSON.stringify(settings)).not.toContain('s3cret');
    expect(settings.peer).toEqual({ url: 'https://first.example' });
  });

  test('are read from text, with or without byte order mark', () => {
    expect(settingsOf('{"timeZone":"Asia/Tokyo"}').timeZone).toBe('Asia/Tokyo');
    expect(settingsOf('\uFEFF{}').timeZone).toBe('UTC');
  });
});

describe('a wrong setting is named by its path', () => {
  test.each([
    [
      'an action group that is none',
      { ours: { actionGroups: [VAULT] } },
      'ours.actionGroups[0] must be the ARM id of an action group',
    ],
    [
      'an alarm action that is no ARN',
      { ours: { alarmActions: ['headroom'] } },
      'ours.alarmActions[0] must be the ARN of an alarm action',
    ],
    ['a canary in words', { canary: { lateAfter: 'soon' } }, 'canary.lateAfter must be a duration, as 90m or 2h'],
    ['an unknown key', { storms: {} }, 'storms is not a known key. The nearest one is storm.'],
    [
      'deep inside',
      { routes: [{ to: [], match: { famly: 'x' } }] },
      'routes[0].match.famly is not a known key. The nearest one is family.',
    ],
    [
      'inside a record',
      { resources: { [VAULT]: { onwer: 'x' } } },
      `resources["${VAULT}"].onwer is not a known key. The nearest one is owner.`,
    ],
    [
      'inside a changed value',
      { escalation: { after: '5m', aftr: '5m' } },
      'escalation.aftr is not a known key. The nearest one is after.',
    ],
    ['__proto__', JSON.parse('{"__proto__":{"routes":[]}}'), '__proto__ is not a known key.'],
    ['what is missing', { routes: [{}] }, 'routes[0].to is missing.'],
    [
      'a wrong word in a destination with its own',
      { routes: [{ to: ['*', { destination: 'slack-bot', privacy: 'maskd' }] }] },
      'routes[0].to[1].privacy must be one of full, masked, minimal. Did you mean masked?',
    ],
    [
      'an unknown key in one',
      { routes: [{ to: [{ destination: 'slack-bot', mentions: 'here' }] }] },
      'routes[0].to[0].mentions is not a known key. The nearest one is mention.',
    ],
    [
      'whom nobody can mention',
      { routes: [{ to: [{ destination: 'slack-bot', mention: 'hear' }] }] },
      'routes[0].to[0].mention must be one of here, channel, none. Did you mean here?',
    ],
    [
      'no id of Slack',
      { routes: [{ to: [{ destination: 'slack-bot', mention: { user: '@dana' } }] }] },
      "routes[0].to[0].mention.user must be a person's id on Slack, as U0123ABCD.",
    ],
    [
      'a name that a card would read as markup',
      { routes: [{ to: [{ destination: 'teams-bot', mention: { id: 'dana@contoso.com', name: '**Dana**</at>' } }] }] },
      'routes[0].to[0].mention.name must be a name of letters',
    ],
    [
      'a mention of several kinds',
      { routes: [{ to: [{ destination: 'slack-bot', mention: { user: 'U1', name: 'Dana' } }] }] },
      'routes[0].to[0].mention.name does not go with what stands beside it.',
    ],
    ['a wrong type', { routes: {} }, 'routes must be an array.'],
    [
      'a wrong word',
      { routes: [{ to: [], privacy: 'mask' }] },
      'routes[0].privacy must be one of full, masked, minimal. Did you mean masked?',
    ],
    ['a number too big', { severity: { share: 1.1 } }, 'severity.share must be at most 1.'],
    ['a number too small', { slos: [{ resource: 'r', target: 0 }] }, 'slos[0].target must be above 0.'],
    [
      'an empty list',
      { approvers: [{ people: [], actions: ['*'] }] },
      'approvers[0].people must have at least 1 entry.',
    ],
    [
      'a severity that is none',
      { routes: [{ to: [], match: { severityAtMost: 5 } }] },
      'routes[0].match.severityAtMost must be one of 0, 1, 2, 3, 4.',
    ],
    ['a zone that is none', { timeZone: 'Mars/Base' }, 'timeZone must be an IANA time zone, as Europe/Paris.'],
    ['an offset for a zone', { timeZone: '+01:00' }, 'timeZone must be an IANA time zone, as Europe/Paris.'],
    [
      'a time of day',
      { quietHours: { from: '24:00', to: '07:00' } },
      'quietHours.from must be a time of day, as 22:00.',
    ],
    ['hours that never begin', { quietHours: { from: '07:00', to: '07:00' } }, 'quietHours.to must differ from from.'],
    [
      'a time without offset',
      { maintenance: [{ from: '2026-01-01T00:00:00', to: '2026-01-02T00:00:00Z' }] },
      'maintenance[0].from must be an RFC 3339 time with offset',
    ],
    [
      'a window that ends before it begins',
      { maintenance: [{ from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' }] },
      'maintenance[0].to must be later than from.',
    ],
    ['a duration', { escalation: { after: '15 minutes' } }, 'escalation.after must be a duration, as 15m or 2h.'],
    [
      'a webhook without https',
      { escalation: { after: '15m', webhook: 'http://call.example' } },
      'escalation.webhook must be a URL with https.',
    ],
    ['a scope that is none', { scopes: ['everything'] }, 'scopes[0] must be a subscription'],
    [
      'an approver without platform',
      { approvers: [{ people: ['ada'], actions: ['*'] }] },
      'approvers[0].people[0] must be slack:<team>/<user> or entra:<object id>.',
    ],
    [
      'an identity that links nothing',
      { identities: [{ slack: 'T1/U1' }] },
      'identities[0] must link two of slack, entra and email',
    ],
    ['a topic that is none', { snsTopics: ['alarms'] }, 'snsTopics[0] must be the ARN of a topic.'],
    ['a list for the whole', [], 'the file must be an object.'],
    ['null for the whole', 'null', 'the file must be an object.'],
  ])('%s', (_, given, problem) => {
    expect(problemsOf(given)).toEqual([expect.stringContaining(problem)]);
  });

  test('all at once', () => {
    expect(problemsOf({ storms: 1, peers: 2, routes: [{ too: [] }] })).toHaveLength(4);
  });

  test.each([
    ['{"a":1,\n "webhook" "hunter2"}', '(line 2 column 12)'],
    ['', ''],
    ['{"webhook":"hunter2"', ''],
  ])('text that is not JSON is named by place alone: %j', (text, place) => {
    const [problem, ...more] = problemsOf(text);
    expect(more).toEqual([]);
    expect(problem).toContain(`the settings file is not JSON${place === '' ? '' : ` ${place}`}`);
    expect(problem).not.toContain('hunter2');
  });

  test('a key from outside is cut and cleaned', () => {
    const [problem = ''] = problemsOf({ [`x\u001b[31m${'y'.repeat(1000)}`]: 1 });
    expect(problem).not.toContain('\u001b');
    expect(problem.length).toBeLessThan(400);
  });
});
