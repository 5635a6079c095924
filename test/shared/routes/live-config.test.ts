import { describe, expect, test } from 'vitest';
import { HeadroomError } from '../../../shared/errors.ts';
import { keptWhile, liveConfig, type Remote } from '../../../shared/routes/live-config.ts';
import { collectingLog } from '../../kit.ts';

const STORES = { HEADROOM_RECORDS: 'memory', HEADROOM_QUEUE: 'memory', HEADROOM_PAYLOADS: 'memory' };

function world(environment: Record<string, string> = {}) {
  const log = collectingLog();
  let found: Remote | Error = { problems: [] };
  const config = liveConfig({
    cloud: 'aws',
    environment: { ...STORES, ...environment },
    remotes: [
      async () => {
        if (found instanceof Error) throw found;
        return found;
      },
    ],
    settingsText: async (path) => (path === 'there.json' ? '{"severity":{"share":0.5}}' : undefined),
    check: async () => [],
    log,
  });
  return {
    config,
    lines: log.events,
    now: (next: Remote | Error) => {
      found = next;
    },
  };
}

const away = new HeadroomError('unavailable', 'App Configuration cannot be reached');
const ENDPOINT = { HEADROOM_APP_CONFIGURATION_ENDPOINTS: 'https://store.azconfig.example' };

function remote(bodyBytes: string, more: Partial<Remote> = {}): Remote {
  return { appConfiguration: { 'headroom:config:bodyBytes': bodyBytes }, keyVault: {}, problems: [], ...more };
}

describe('the configuration of a running process', () => {
  test('is the same object as long as nothing changed, and another one afterwards', async () => {
    const { config, now, lines } = world(ENDPOINT);
    now(remote('2048'));
    const first = await config();
    expect(first.bodyBytes).toBe(2_048);
    expect(await config()).toBe(first);
    now(remote('4096'));
    expect((await config()).bodyBytes).toBe(4_096);
    expect(lines.map(({ event }) => event)).toEqual(['configuration-changed']);
  });

  test('takes the environment before App Configuration, and a resolved secret in place of its reference', async () => {
    const { config, now } = world({
      ...ENDPOINT,
      HEADROOM_BODY_BYTES: '1024',
      HEADROOM_ALERT_TOKEN: 'secretsmanager:a',
    });
    now(remote('2048', { environment: { HEADROOM_ALERT_TOKEN: 'resolved' } }));
    const { bodyBytes, alertToken } = await config();
    expect([bodyBytes, alertToken?.reveal()]).toEqual([1_024, 'resolved']);
  });

  test('lists all that is wrong in one line of the log, once, and rejects each call', async () => {
    const { config, now, lines } = world({
      ...ENDPOINT,
      HEADROOM_SLACK_CHANEL: 'C1',
      HEADROOM_ALERT_TOKEN: 'secretsmanager:a',
    });
    const gone = { name: 'HEADROOM_ALERT_TOKEN', problem: 'names a secret that is not there', nextStep: 'Create it.' };
    now(remote('many', { problems: [gone] }));
    await expect(config()).rejects.toMatchObject({ kind: 'configuration' });
    await expect(config()).rejects.toMatchObject({ kind: 'configuration' });
    expect(lines).toHaveLength(1);
    const told = Object.values(lines[0]?.fields ?? {}).join('\n');
    for (const name of [
      'HEADROOM_SLACK_CHANEL',
      'HEADROOM_BODY_BYTES',
      'HEADROOM_ALERT_TOKEN names a secret that is not there',
    ])
      expect(told).toContain(name);
    expect(told).not.toContain('secretsmanager:a');
  });

  test('mends itself when what was wrong is corrected', async () => {
    const { config, now } = world(ENDPOINT);
    now(remote('many'));
    await expect(config()).rejects.toMatchObject({ kind: 'configuration' });
    now(remote('2048'));
    expect((await config()).bodyBytes).toBe(2_048);
  });

  test.each([
    ['where it comes from is away', away],
    ['somebody writes nonsense there', remote('many')],
  ])('stays the last good one while %s', async (_what, next) => {
    const { config, now, lines } = world(ENDPOINT);
    now(remote('2048'));
    const good = await config();
    now(next);
    for (let call = 0; call < 3; call += 1) expect(await config()).toBe(good);
    expect(lines).toHaveLength(1);
  });

  test('is tried anew at each call while it was never to be had, told once', async () => {
    const { config, now, lines } = world(ENDPOINT);
    now(away);
    await expect(config()).rejects.toBe(away);
    await expect(config()).rejects.toBe(away);
    expect(lines.map(({ event }) => event)).toEqual(['configuration-unavailable']);
    now(remote('2048'));
    expect((await config()).bodyBytes).toBe(2_048);
  });

  test('reads the settings file that App Configuration names', async () => {
    const { config, now } = world(ENDPOINT);
    now({ appConfiguration: { 'headroom:config:settings': 'there.json' }, problems: [] });
    expect((await config()).settings.severity.share).toBe(0.5);
  });

  test('calls at once are one reading', async () => {
    let readings = 0;
    const config = liveConfig({
      cloud: 'aws',
      environment: STORES,
      remotes: [
        async () => {
          readings += 1;
          return { problems: [] };
        },
      ],
      settingsText: async () => undefined,
      check: async () => [],
      log: collectingLog(),
    });
    await Promise.all([config(), config(), config()]);
    expect(readings).toBe(1);
  });
});

describe('what is made of a configuration', () => {
  test('is made once for each', async () => {
    const { config, now } = world(ENDPOINT);
    const made = keptWhile(config, async ({ bodyBytes }) => ({ bodyBytes }));
    now(remote('2048'));
    const first = await made();
    expect(await made()).toBe(first);
    now(remote('4096'));
    expect(await made()).toEqual({ bodyBytes: 4_096 });
  });

  test('is made a single time for callers at the same moment', async () => {
    const { config } = world();
    let tries = 0;
    const made = keptWhile(config, async () => ++tries);
    expect(await Promise.all([made(), made()])).toEqual([1, 1]);
  });

  test('is made anew after a failure', async () => {
    const { config } = world();
    let tries = 0;
    const made = keptWhile(config, async () => {
      tries += 1;
      if (tries === 1) throw away;
      return tries;
    });
    await expect(made()).rejects.toBe(away);
    expect(await made()).toBe(2);
  });
});
