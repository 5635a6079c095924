import { describe, expect, test } from 'vitest';
import { ALL_NAMES, NAMES } from '../../shared/config/names.ts';
import { Secret } from '../../shared/config/secret.ts';
import { SERVICES } from '../../shared/config/services.ts';
import { appConfigurationKey, environmentName, fieldName } from '../../shared/config/setting.ts';
import type { Parsed } from '../../shared/config/values.ts';
import { appConfigurationEndpoints, type Config, describeProblems, settingsPath } from '../../shared/config.ts';
import { configOf, names, problemsOf, values } from './config/kit.ts';

const CLOUD_STORES = { HEADROOM_RECORDS: 'memory', HEADROOM_QUEUE: 'memory', HEADROOM_PAYLOADS: 'memory' };

describe('an empty environment', () => {
  test('gives every default on one machine', () => {
    expect(configOf()).toMatchObject({
      runtime: 'local',
      home: '.headroom',
      records: { kind: 'sqlite' },
      queue: { kind: 'sqlite' },
      payloads: { kind: 'file' },
      appConfigurationEndpoints: [],
      limits: { kind: 'profile', name: 'published' },
      logs: [],
      alertToken: undefined,
      actions: 'off',
      cloud: 'public',
      partition: 'aws',
      queriesPerIncident: 12,
      bodyBytes: 1_048_576,
      retentionDays: 30,
      endpoints: {},
    });
  });

  test.each(['azure', 'aws'] as const)('is refused on %s, where the local disk is lost with the process', (cloud) => {
    expect(names(problemsOf({}, { cloud }))).toEqual(['HEADROOM_RECORDS', 'HEADROOM_QUEUE', 'HEADROOM_PAYLOADS']);
    expect(configOf(CLOUD_STORES, { cloud }).records).toEqual({ kind: 'memory' });
  });
});

describe('precedence', () => {
  test('the environment wins over App Configuration, that over the default', () => {
    const appConfiguration = { 'headroom:config:bodyBytes': '2048', 'headroom:config:retentionDays': '7' };
    const config = configOf({ HEADROOM_BODY_BYTES: '4096' }, { appConfiguration });
    expect(config).toMatchObject({ bodyBytes: 4096, retentionDays: 7, queriesPerIncident: 12 });
  });

  test('a wrong value in the environment is an error even where App Configuration has a right one', () => {
    const appConfiguration = { 'headroom:config:bodyBytes': '2048' };
    expect(names(problemsOf({ HEADROOM_BODY_BYTES: 'much' }, { appConfiguration }))).toEqual(['HEADROOM_BODY_BYTES']);
  });

  test.each(['', '   ', undefined])('the empty value %j counts as not given', (empty) => {
    const appConfiguration = { 'headroom:config:bodyBytes': '2048' };
    expect(configOf({ HEADROOM_BODY_BYTES: empty, HEADROOM_BODY_BITES: empty }, { appConfiguration }).bodyBytes).toBe(
      2048,
    );
  });

  test('white space around a value, as a secret often ends in, is dropped', () => {
    expect(configOf({ HEADROOM_ALERT_TOKEN: ' abc\n' }).alertToken?.reveal()).toBe('abc');
  });
});

describe('every name of the table', () => {
  const readable = ALL_NAMES.filter((setting) => setting !== NAMES.settings);
  const all = Object.fromEntries(ALL_NAMES.map((setting) => [environmentName(setting.name), setting.example]));

  test.each(readable.map((setting) => [environmentName(setting.name), setting] as const))(
    '%s reaches the configuration from the environment',
    (_, setting) => {
      expect(fieldOf(configOf(all, { settings: {}, appConfiguration: {} }), setting.name)).toEqual(
        laidOpen(setting.parse(setting.example)),
      );
    },
  );

  test.each(readable.filter((setting) => !setting.environmentOnly).map((setting) => [setting.name, setting] as const))(
    '%s is read from App Configuration as well',
    (name, setting) => {
      const { [environmentName(name)]: value = '', ...environment } = all;
      const from = { [setting.secret ? 'keyVault' : 'appConfiguration']: { [appConfigurationKey(name)]: value } };
      const config = configOf(environment, { settings: {}, appConfiguration: {}, ...from });
      expect(fieldOf(config, name)).toEqual(laidOpen(setting.parse(value)));
    },
  );

  test('no fallback is wrong', () => {
    const fallbacks = Object.values(NAMES).filter((setting) => 'fallback' in setting);
    expect(fallbacks.filter((setting) => !setting.parse(setting.fallback).ok)).toEqual([]);
    expect(fallbacks).toHaveLength(12);
  });

  test('names are unique in all three spellings', () => {
    for (const spelling of [environmentName, fieldName, appConfigurationKey])
      expect(new Set(ALL_NAMES.map((setting) => spelling(setting.name))).size).toBe(ALL_NAMES.length);
  });
});

describe('unknown names', () => {
  test.each([
    ['HEADROOM_SLAK_CHANNEL', 'HEADROOM_SLACK_CHANNEL'],
    ['HEADROOM_BODYBYTES', 'HEADROOM_BODY_BYTES'],
    ['HEADROOM_IMSD_ENDPOINT', 'HEADROOM_IMDS_ENDPOINT'],
    ['HEADROOM_alert_token', 'HEADROOM_ALERT_TOKEN'],
  ])('%s is an error that names %s', (wrong, right) => {
    const [problem] = problemsOf({ [wrong]: 'x' });
    expect(problem?.name).toBe(wrong);
    expect(problem?.nextStep).toContain(` ${right};`);
  });

  test('an unknown key of App Configuration is an error too, a lever is passed over', () => {
    const appConfiguration = { 'headroom:config:slackChanel': 'C1', 'headroom:shop:secrets:ttlSeconds': '60' };
    const [problem, ...more] = problemsOf({}, { appConfiguration });
    expect(more).toEqual([]);
    expect(problem?.name).toBe('headroom:config:slackChanel');
    expect(problem?.nextStep).toContain('headroom:config:slackChannel');
  });

  test("names of others' are passed over", () => {
    expect(problemsOf({ AZURE_CLIENT_ID: 'x', HEADROOMS: 'y', PATH: '/bin' })).toEqual([]);
  });
});

describe('problems', () => {
  test('are listed all at once', () => {
    const problems = problemsOf(
      { HEADROOM_X: '1', HEADROOM_BODY_BYTES: '0', HEADROOM_CLOUD: 'mars', HEADROOM_SLACK_BOT_TOKEN: 'xoxb-1' },
      { settings: { routes: 3, storms: {} } },
    );
    expect(names(problems)).toEqual([
      'HEADROOM_X',
      'HEADROOM_SETTINGS',
      'HEADROOM_SETTINGS',
      'HEADROOM_CLOUD',
      'HEADROOM_BODY_BYTES',
      'HEADROOM_SLACK_BOT_TOKEN',
    ]);
    expect(describeProblems(problems).split('\n')).toHaveLength(6);
  });

  test.each([
    '@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/token)',
    '@Microsoft.AppConfiguration(Endpoint=https://a.azconfig.io; Key=token)',
  ])('a reference that the platform left unresolved is named, with the next step: %s', (reference) => {
    const [problem] = problemsOf({ HEADROOM_ALERT_TOKEN: reference });
    expect(problem?.name).toBe('HEADROOM_ALERT_TOKEN');
    expect(problem?.problem).toContain('could not resolve');
    expect(problem?.nextStep).toContain('Key Vault Secrets User');
  });

  test('a secret as a plain value of App Configuration is refused', () => {
    const appConfiguration = { 'headroom:config:alertToken': 'plain' };
    const [problem] = problemsOf({}, { appConfiguration });
    expect(problem?.name).toBe('HEADROOM_ALERT_TOKEN');
    expect(problem?.nextStep).toContain('Key Vault reference');
  });

  test('App Configuration cannot say where App Configuration is', () => {
    const appConfiguration = { 'headroom:config:appConfigurationEndpoints': 'https://a.azconfig.example' };
    expect(names(problemsOf({}, { appConfiguration }))).toEqual(['HEADROOM_APP_CONFIGURATION_ENDPOINTS']);
  });
});

describe('names that belong together', () => {
  const guid = '6f1b3c6e-0d3c-4d0e-9a53-2f1f5f0e8a11';
  const role = 'arn:aws:iam::123456789012:role/headroom-actor';
  const store = 'https://a.azconfig.example';
  test.each([
    ['a bot token without channel', { HEADROOM_SLACK_BOT_TOKEN: 'xoxb-1' }, 'HEADROOM_SLACK_BOT_TOKEN'],
    ['a channel without bot token', { HEADROOM_SLACK_CHANNEL: 'C1' }, 'HEADROOM_SLACK_CHANNEL'],
    ['a Teams bot without tenant', { HEADROOM_TEAMS_APP_ID: guid }, 'HEADROOM_TEAMS_APP_ID'],
    ['a Teams password without bot', { HEADROOM_TEAMS_APP_PASSWORD: 'p' }, 'HEADROOM_TEAMS_APP_PASSWORD'],
    ['a GitLab token without host', { HEADROOM_GITLAB_TOKEN: 't' }, 'HEADROOM_GITLAB_TOKEN'],
    [
      'levers in a store that is read from',
      { HEADROOM_APP_CONFIGURATION_ENDPOINTS: store, HEADROOM_LEVERS_ENDPOINT: `${store}/` },
      'HEADROOM_LEVERS_ENDPOINT',
    ],
  ])('%s is a problem', (_, environment, name) => {
    expect(names(problemsOf(environment, { appConfiguration: {} }))).toEqual([name]);
  });

  test.each([
    { HEADROOM_SLACK_BOT_TOKEN: 'xoxb-1', HEADROOM_SLACK_CHANNEL: 'C1' },
    { HEADROOM_TEAMS_APP_ID: guid, HEADROOM_TEAMS_TENANT_ID: guid },
    { HEADROOM_GITLAB_TOKEN: 't', HEADROOM_GITLAB_URL: 'https://gitlab.example' },
    { HEADROOM_ACTIONS: 'on' },
    { HEADROOM_LEVERS_ENDPOINT: store },
  ])('%j is none', (environment) => {
    expect(problemsOf(environment)).toEqual([]);
  });

  test('a companion that is given but wrong is reported once, as itself', () => {
    const environment = { HEADROOM_SLACK_BOT_TOKEN: 'xoxb-1', HEADROOM_SLACK_CHANNEL: 'two words' };
    expect(names(problemsOf(environment))).toEqual(['HEADROOM_SLACK_CHANNEL']);
  });

  test('in a cloud, actions need an identity of their own', () => {
    const on = { ...CLOUD_STORES, HEADROOM_ACTIONS: 'on' };
    expect(names(problemsOf(on, { cloud: 'azure' }))).toEqual(['HEADROOM_ACTIONS']);
    expect(names(problemsOf({ ...on, HEADROOM_ACTOR_ROLE: role }, { cloud: 'azure' }))).toEqual(['HEADROOM_ACTIONS']);
    expect(problemsOf({ ...on, HEADROOM_ACTOR_CLIENT_ID: guid }, { cloud: 'azure' })).toEqual([]);
  });

  test('on AWS, actions need a role there or an identity in Azure', () => {
    const on = { ...CLOUD_STORES, HEADROOM_ACTIONS: 'on' };
    expect(problemsOf(on, { cloud: 'aws' })).toEqual([
      {
        name: 'HEADROOM_ACTIONS',
        problem: 'is on, but neither HEADROOM_ACTOR_ROLE nor HEADROOM_ACTOR_CLIENT_ID is set',
        nextStep:
          'Name who performs actions: a role for AWS, an identity for Azure, or both; never the one that reads.',
      },
    ]);
    expect(problemsOf({ ...on, HEADROOM_ACTOR_ROLE: role }, { cloud: 'aws' })).toEqual([]);
    expect(problemsOf({ ...on, HEADROOM_ACTOR_CLIENT_ID: guid }, { cloud: 'aws' })).toEqual([]);
  });

  test('the identity that acts is never the one that reads', () => {
    const both = { HEADROOM_ACTOR_CLIENT_ID: guid, AZURE_CLIENT_ID: guid.toUpperCase() };
    expect(problemsOf({ ...both, HEADROOM_ACTIONS: 'on' })).toEqual([
      {
        name: 'HEADROOM_ACTOR_CLIENT_ID',
        problem: 'is AZURE_CLIENT_ID as well, the identity that reads',
        nextStep: 'Give actions an identity of their own, so that nothing that only reads can change anything.',
      },
    ]);
    expect(problemsOf(both)).toEqual([]);
    const another = guid.replace('6f1b', '7f1b');
    expect(problemsOf({ ...both, HEADROOM_ACTIONS: 'on', AZURE_CLIENT_ID: another })).toEqual([]);
  });

  test('escalation needs someone to call', () => {
    const settings = { escalation: { after: '15m' } };
    expect(names(problemsOf({}, { settings }))).toEqual(['HEADROOM_SETTINGS']);
    expect(problemsOf({ HEADROOM_PAGERDUTY_ROUTING_KEY: 'k' }, { settings })).toEqual([]);
  });

  test('action groups of ours need a scope in Azure to list alerts in, save in AWS', () => {
    const group = `/subscriptions/${guid}/resourceGroups/ops/providers/microsoft.insights/actionGroups/headroom`;
    const settings = { ours: { actionGroups: [group] }, scopes: ['123456789012'] };
    expect(names(problemsOf({}, { settings }))).toEqual(['HEADROOM_SETTINGS']);
    expect(problemsOf({}, { settings: { ...settings, scopes: [guid] } })).toEqual([]);
    expect(problemsOf(CLOUD_STORES, { settings, cloud: 'aws' })).toEqual([]);
  });
});

describe('what is read before the configuration', () => {
  test('the settings file is named by the environment or App Configuration', () => {
    expect(settingsPath(values({ HEADROOM_SETTINGS: ' ./a.json ' }))).toBe('./a.json');
    expect(settingsPath({ environment: {}, appConfiguration: { 'headroom:config:settings': 'b.json' } })).toBe(
      'b.json',
    );
    expect(settingsPath(values())).toBeUndefined();
  });

  test('a settings file that is named but was not given is a problem, its content counts when it was', () => {
    expect(names(problemsOf({ HEADROOM_SETTINGS: 'gone.json' }))).toEqual(['HEADROOM_SETTINGS']);
    const config = configOf({ HEADROOM_SETTINGS: 'here.json' }, { settings: '{"timeZone":"Europe/Paris"}' });
    expect(config.settings.timeZone).toBe('Europe/Paris');
  });

  test('stores that are named but were not read are a problem', () => {
    const environment = { HEADROOM_APP_CONFIGURATION_ENDPOINTS: 'https://a.azconfig.example' };
    expect(names(problemsOf(environment))).toEqual(['HEADROOM_APP_CONFIGURATION_ENDPOINTS']);
    expect(problemsOf(environment, { appConfiguration: {} })).toEqual([]);
  });

  test('stores are named in order of preference', () => {
    const HEADROOM_APP_CONFIGURATION_ENDPOINTS = 'https://b.azconfig.example/, https://a.azconfig.example';
    expect(appConfigurationEndpoints({ HEADROOM_APP_CONFIGURATION_ENDPOINTS })).toEqual([
      'https://b.azconfig.example',
      'https://a.azconfig.example',
    ]);
    expect(appConfigurationEndpoints({ HEADROOM_APP_CONFIGURATION_ENDPOINTS: 'nonsense' })).toEqual([]);
  });
});

/** The field of a name, with secrets laid open, to compare. */
function fieldOf(config: Config, name: string): unknown {
  const service = SERVICES.find((candidate) => `${candidate.name}_ENDPOINT` === name);
  return laidOpen({ ok: true, value: service ? config.endpoints[service.name] : Reflect.get(config, fieldName(name)) });
}

function laidOpen(parsed: Parsed<unknown>): unknown {
  if (!parsed.ok) return parsed;
  return parsed.value instanceof Secret ? { secret: parsed.value.reveal() } : parsed.value;
}
