import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GROUP, keptAlert, MARK, metricRule, ruleId, type Setting, SINCE, startSetting } from './alerts-kit.ts';

let setting: Setting;

beforeEach(async () => {
  setting = await startSetting();
  setting.server.rules.set(ruleId('kv-throttled').toLowerCase(), metricRule('KV-throttled', GROUP));
  setting.server.alerts.push(keptAlert());
});
afterEach(() => setting.server.close());

function list(signal?: AbortSignal) {
  return setting.clouds[0]?.list({ since: SINCE, limit: 10, mark: MARK }, signal);
}

const THROTTLED = { status: 429, headers: { 'retry-after': '7' }, body: '{"error":{"code":"TooManyRequests"}}' };

describe('Resource Manager', () => {
  test('is waited for as long as it asks', async () => {
    setting.server.faults.push(THROTTLED);
    expect((await list())?.alerts).toHaveLength(1);
    expect(setting.clock.slept).toEqual([7_000]);
  });

  test('that asks for more than there is time is left alone for that long', async () => {
    setting.server.faults.push({ ...THROTTLED, headers: { 'retry-after': '90' } });
    await expect(list()).rejects.toMatchObject({ kind: 'throttled', retryAfterMs: 90_000 });
    expect(setting.server.received).toHaveLength(1);
  });

  test('is not asked again where a role is missing, which is named', async () => {
    setting.server.faults.push({ status: 403, body: '{"error":{"code":"AuthorizationFailed"}}' });
    await expect(list()).rejects.toMatchObject({
      kind: 'denied',
      message: expect.stringMatching(/^listing what fires in \/subscriptions\/.* failed: 403 AuthorizationFailed$/),
      nextStep: expect.stringContaining('Monitoring Reader'),
    });
    expect(setting.server.received).toHaveLength(1);
  });

  test.each([
    ['500', { status: 500, body: 'oops' }],
    ['a cut connection', { cut: 'before' } as const],
  ])('is tried again after %s', async (_what, fault) => {
    setting.server.faults.push(fault);
    expect((await list())?.alerts).toHaveLength(1);
  });

  test('is given up after three tries', async () => {
    setting.server.faults.push(...Array.from({ length: 3 }, () => ({ status: 503, body: '' })));
    await expect(list()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(setting.server.received).toHaveLength(3);
  });

  test.each([
    ['is no JSON', '<html>'],
    ['is no list', '{"id":1}'],
    ['links to another host', '{"value":[],"nextLink":"https://elsewhere.example/next"}'],
  ])('is not believed when its answer %s', async (_what, body) => {
    setting.server.faults.push({ status: 200, headers: { 'content-type': 'application/json' }, body });
    await expect(list()).rejects.toMatchObject({ kind: 'invalid' });
    expect(setting.server.received).toHaveLength(1);
  });

  test('is asked nothing more once the time of the run is over', async () => {
    await expect(list(AbortSignal.abort())).rejects.toThrow();
    expect(setting.server.received).toEqual([]);
  });
});
