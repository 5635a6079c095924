import { describe, expect, test } from 'vitest';
import { exposure } from '../../../shared/config/exposure.ts';
import { isLoopback } from '../../../shared/config/loopback.ts';
import { configOf } from './kit.ts';

const TOKEN = { HEADROOM_ALERT_TOKEN: 'a' };
const TENANT = '72f988bf-86f1-41af-91ab-2d7cd011db47';
const AUDIENCE = { HEADROOM_ALERT_AUDIENCE: 'api://a', HEADROOM_TENANT_ID: TENANT };
const READ = { HEADROOM_READ_TOKEN: 'r' };
const STORES = { HEADROOM_RECORDS: 'memory', HEADROOM_QUEUE: 'memory', HEADROOM_PAYLOADS: 'memory' };

describe('loopback', () => {
  test.each([
    'localhost',
    'LOCALHOST',
    '127.0.0.1',
    '127.1.2.3',
    '::1',
    '[::1]',
    '::ffff:127.0.0.1',
    '[::ffff:127.0.0.1]',
  ])('%s is this machine alone', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  test.each([
    '',
    '0.0.0.0',
    '::',
    '[::]',
    '10.0.0.1',
    '128.0.0.1',
    '127.0.0.1.example',
    'localhost.example',
    '::2',
    '::ffff:10.0.0.1',
    '127.1',
    'host',
  ])('%j may be reached from elsewhere', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});

describe('on this machine alone', () => {
  test('all routes are open without credentials', () => {
    expect(exposure(configOf(), '127.0.0.1')).toEqual({
      alerts: 'open',
      reads: 'open',
      slack: 'open',
      teamsMessages: 'open',
      teamsWebhook: 'open',
      open: true,
    });
  });

  test('a route whose credential is set asks for it, the others stay open', () => {
    const access = exposure(configOf({ ...TOKEN, HEADROOM_SLACK_SIGNING_SECRET: 's' }), 'localhost');
    expect(access).toMatchObject({ alerts: 'credential', slack: 'credential', reads: 'open', open: false });
    expect(access.startRefused).toBeUndefined();
  });
});

describe('beyond this machine', () => {
  test.each([
    ['nothing', {}, { alerts: 'refused', reads: 'refused' }],
    ['a read token alone', READ, { alerts: 'refused', reads: 'credential' }],
    ['an alert token', TOKEN, { alerts: 'credential', reads: 'refused' }],
    ['an alert audience', AUDIENCE, { alerts: 'credential', reads: 'refused' }],
    ['both tokens', { ...TOKEN, ...READ }, { alerts: 'credential', reads: 'credential' }],
  ])('with %s, routes without credential refuse every call', (_, environment, expected) => {
    const access = exposure(configOf(environment), '0.0.0.0');
    expect(access).toMatchObject({ ...expected, slack: 'refused', teamsMessages: 'refused', teamsWebhook: 'refused' });
    expect(access.open).toBe(false);
    expect(access.startRefused !== undefined).toBe(expected.alerts === 'refused');
  });

  test('the refusal to start names what to set', () => {
    expect(exposure(configOf(), '0.0.0.0').startRefused).toContain('HEADROOM_ALERT_TOKEN');
  });
});

describe('in a cloud', () => {
  test.each(['azure', 'aws'] as const)('on %s nothing is open, on whatever address', (cloud) => {
    const access = exposure(configOf(STORES, { cloud }), '127.0.0.1');
    expect(Object.values(access)).not.toContain('open');
    expect(access.open).toBe(false);
  });

  test('a read token opens nothing, an audience does', () => {
    const environment = { ...STORES, ...TOKEN, ...READ };
    expect(exposure(configOf(environment, { cloud: 'azure' }), '').reads).toBe('refused');
    const withAudience = { ...environment, HEADROOM_READ_AUDIENCE: 'api://r', HEADROOM_TENANT_ID: TENANT };
    expect(exposure(configOf(withAudience, { cloud: 'azure' }), '').reads).toBe('credential');
  });
});
