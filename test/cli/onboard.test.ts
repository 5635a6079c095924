import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { AzureEstateServer } from '../../simulation/servers/azure-estate.ts';
import { type IdentityEndpoint, startIdentityEndpoint } from '../../simulation/servers/identity-endpoint.ts';
import { startSmallEstate } from '../shared/adapters/azure/estate-kit.ts';
import { OTHER_SUBSCRIPTION, SUBSCRIPTION } from '../shared/adapters/azure/graph-kit.ts';
import { run } from './kit.ts';

let identity: IdentityEndpoint;
let server: AzureEstateServer;
let environment: Record<string, string>;

beforeAll(async () => {
  identity = await startIdentityEndpoint();
  server = await startSmallEstate();
  environment = { ...identity.environment, HEADROOM_ARM_ENDPOINT: server.origin };
});
afterEach(() => {
  server.quota.remaining = 1_000;
});
afterAll(() => Promise.all([identity.close(), server.close()]));

const WHOLE = ['--subscription', SUBSCRIPTION, '--subscription', OTHER_SUBSCRIPTION];

describe('onboard --dry-run', () => {
  test.each([
    ['text', []],
    ['markdown', ['--format', 'markdown', '--private']],
    ['json', ['--json']],
  ])('shows a small estate as %s', async (format, options) => {
    const { code, out } = await run(['onboard', '--dry-run', ...WHOLE, ...options], environment);
    expect(code).toBe(0);
    const name = { text: 'onboard.txt', markdown: 'onboard.md', json: 'onboard.json' }[format];
    await expect(out).toMatchFileSnapshot(`../golden/${name}`);
  });

  test('finds the same below a management group', async () => {
    const named = await run(['onboard', '--dry-run', '--json', ...WHOLE], environment);
    const below = await run(['onboard', '--dry-run', '--json', '--management-group', 'mg-contoso'], environment);
    expect(JSON.parse(below.out)).toEqual(JSON.parse(named.out));
  });

  test('says how to sign in where nobody is', async () => {
    const nobody = {
      ...identity.environment,
      IDENTITY_ENDPOINT: 'http://127.0.0.1:1/',
      HEADROOM_ARM_ENDPOINT: server.origin,
    };
    const { code, err } = await run(['onboard', '--dry-run', ...WHOLE], nobody);
    expect(code).toBe(2);
    expect(err).toContain('nobody is signed in to Azure here');
    expect(err).toContain('az login');
  });

  test('changes nothing: it sends questions alone', async () => {
    const from = server.received.length;
    await run(['onboard', '--dry-run', ...WHOLE], environment);
    const sent = server.received.slice(from).map(({ method, path }) => `${method} ${path.split('?')[0]}`);
    expect(sent.filter((one) => !one.startsWith('GET '))).toEqual(
      Array.from({ length: 2 }, () => 'POST /providers/Microsoft.ResourceGraph/resources'),
    );
  });

  test('names what it may not read, and shows the rest', async () => {
    const denied = { status: 403, body: JSON.stringify({ error: { code: 'AuthorizationFailed' } }) };
    server.weather.next = ({ path }) => (path.includes('metricAlerts') ? denied : undefined);
    const { code, out } = await run(['onboard', '--dry-run', '--json', ...WHOLE], environment);
    server.weather.next = () => undefined;
    expect(code).toBe(0);
    expect(JSON.parse(out).unread).toEqual([
      {
        what: 'listing alert rules failed: 403 AuthorizationFailed (2 times)',
        nextStep: expect.stringContaining('Monitoring Reader'),
      },
    ]);
  });

  test.each([
    [['onboard', ...WHOLE], 'say --dry-run'],
    [['onboard', '--dry-run'], 'name subscriptions'],
    [['onboard', '--dry-run', '--subscription', 'prod'], 'a GUID or an ARM id'],
    [['onboard', '--dry-run', '--reader', 'me', ...WHOLE], 'object id'],
    [['onboard', '--dry-run', '--management-group', 'a/b'], 'management group'],
    [['onboard', '--dry-run', '--format', 'slack', ...WHOLE], 'text, json, markdown'],
    [['onboard', '--dry-run', 'all', ...WHOLE], 'no words'],
  ])('refuses %j', async (args, said) => {
    const { code, err } = await run(args, environment);
    expect([code, err]).toEqual([2, expect.stringContaining(said)]);
  });
});

test('onboard in a sovereign cloud names its hosts', async () => {
  const options = ['--dry-run', '--private', '--subscription', SUBSCRIPTION];
  const { out } = await run(['onboard', ...options], { ...environment, HEADROOM_CLOUD: 'usgov' });
  expect(out).toContain('outbound 443 to management.usgovcloudapi.net,');
});
