import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { escalationWebhook } from '../../../shared/adapters/escalation-webhook.ts';
import { escalationOf } from '../../../shared/adapters/escalations.ts';
import { pagerDuty } from '../../../shared/adapters/pagerduty/events.ts';
import type { EscalationStep, Severity } from '../../../shared/model.ts';
import type { Escalation, EscalationEvent } from '../../../shared/ports.ts';
import { type FaultyServer, startFaultyServer } from '../../../simulation/servers/faulty-server.ts';
import { type SimulatedPagerDuty, startPagerDuty } from '../../../simulation/servers/pagerduty.ts';

const ROUTING_KEY = 'r0utingkeyr0utingkeyr0utingkey00';
const SECRET = 'a-third-random-word';
const NOW_MS = Date.parse('2026-11-20T14:15:00Z');

function event(step: EscalationStep, given: Partial<EscalationEvent> = {}): EscalationEvent {
  return {
    step,
    incidentId: 'k3f7q2ab',
    id: 'k3f7q2ab-1',
    at: '2026-11-20T14:15:00.000Z',
    severity: 1,
    summary: 'kv-contoso is throttled: retry storm',
    resource: { id: '/subscriptions/0/vaults/kv-contoso', name: 'kv-contoso', type: 'microsoft.keyvault/vaults' },
    details: { Status: 'Severity 1' },
    links: [{ label: 'Alert', url: 'https://portal.example/alert' }],
    possibleRepeat: false,
    ...given,
  };
}

let events: SimulatedPagerDuty;
let hook: FaultyServer;
let services: Record<string, { service: Escalation; server: FaultyServer }>;

beforeAll(async () => {
  events = await startPagerDuty({ routingKey: ROUTING_KEY });
  hook = await startFaultyServer(() => ({ status: 204, body: '' }));
  const called = { url: `${hook.origin}/calls?key=s3cret`, secret: SECRET, now: () => NOW_MS, timeoutMs: 300 };
  services = {
    pagerduty: {
      service: pagerDuty({ routingKey: ROUTING_KEY, endpoint: events.origin, timeoutMs: 300 }),
      server: events,
    },
    webhook: { service: escalationWebhook(called), server: hook },
  };
});

beforeEach(() => {
  for (const { server } of Object.values(services)) server.received.length = 0;
});

afterAll(() => Promise.all([events.close(), hook.close()]));

function pick(name: string): { service: Escalation; server: FaultyServer } {
  const found = services[name];
  if (!found) throw new Error(`there is no ${name}`);
  return found;
}

test('a webhook is asked whether anybody is there by HEAD, unsigned and without a body', async () => {
  const { service, server } = pick('webhook');
  expect(await service.probe()).toContain('its host answers (204 to HEAD)');
  expect(server.received).toMatchObject([{ method: 'HEAD', path: '/calls?key=s3cret', body: '' }]);
  server.faults.push({ status: 502 });
  await expect(service.probe()).rejects.toMatchObject({
    kind: 'unavailable',
    message: 'the escalation webhook answers 502',
    nextStep: expect.stringContaining('escalation.webhook'),
  });
});

describe('PagerDuty', () => {
  test('is asked whether it takes the key without calling anybody', async () => {
    const { service } = pick('pagerduty');
    const before = structuredClone(events.incidents);
    expect(await service.probe()).toContain('does not refuse the key');
    expect(events.incidents).toEqual(before);
    const other = pagerDuty({ routingKey: `x${ROUTING_KEY.slice(1)}`, endpoint: events.origin });
    await expect(other.probe()).rejects.toMatchObject({ kind: 'invalid', message: 'PagerDuty answered 400' });
    const sent = events.received.length;
    const short = pagerDuty({ routingKey: 'no-key', endpoint: events.origin });
    await expect(short.probe()).rejects.toMatchObject({
      kind: 'configuration',
      nextStep: expect.stringContaining('Events API v2'),
    });
    expect(events.received).toHaveLength(sent);
  });

  test('is called once however often it is told, and follows to acknowledged and resolved', async () => {
    const { service } = pick('pagerduty');
    for (const step of ['trigger', 'trigger', 'acknowledge', 'resolve', 'resolve'] as const)
      await service.send(event(step));
    expect(events.incidents).toEqual([
      {
        dedupKey: 'k3f7q2ab',
        status: 'resolved',
        summary: 'kv-contoso is throttled: retry storm',
        severity: 'critical',
        calls: 1,
      },
    ]);
  });

  test('is told what it needs, and of what is over only that', async () => {
    const { service, server } = pick('pagerduty');
    await service.send(event('trigger'));
    await service.send(event('resolve'));
    expect(server.received.map(({ body }) => JSON.parse(body))).toEqual([
      {
        routing_key: ROUTING_KEY,
        event_action: 'trigger',
        dedup_key: 'k3f7q2ab',
        client: 'Headroom',
        payload: {
          summary: 'kv-contoso is throttled: retry storm',
          source: '/subscriptions/0/vaults/kv-contoso',
          severity: 'critical',
          timestamp: '2026-11-20T14:15:00.000Z',
          component: 'kv-contoso',
          class: 'microsoft.keyvault/vaults',
          custom_details: { Status: 'Severity 1' },
        },
        links: [{ href: 'https://portal.example/alert', text: 'Alert' }],
      },
      { routing_key: ROUTING_KEY, event_action: 'resolve', dedup_key: 'k3f7q2ab' },
    ]);
  });

  test.each<[Severity, string]>([
    [0, 'critical'],
    [1, 'critical'],
    [2, 'error'],
    [3, 'warning'],
    [4, 'info'],
  ])('hears of severity %i as %s', async (severity, expected) => {
    const { service, server } = pick('pagerduty');
    await service.send(event('trigger', { severity }));
    expect(JSON.parse(server.received[0]?.body ?? '')).toMatchObject({ payload: { severity: expected } });
  });

  test('is refused with a wrong key, which the error does not show', async () => {
    const wrong = pagerDuty({ routingKey: 'wr0ngkey', endpoint: events.origin });
    const error = await wrong.send(event('trigger')).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      kind: 'invalid',
      nextStep: expect.stringContaining('HEADROOM_PAGERDUTY_ROUTING_KEY'),
    });
    expect(String(error)).not.toContain('wr0ngkey');
  });
});

describe('the webhook', () => {
  test('is signed over its time and body, and says which call it is', async () => {
    const { service, server } = pick('webhook');
    await service.send(event('trigger', { possibleRepeat: true }));
    const [call] = server.received;
    const { action, incident, id, v, possibleRepeat } = JSON.parse(call?.body ?? '');
    expect({ action, incident, id, v, possibleRepeat }).toEqual({
      action: 'trigger',
      incident: 'k3f7q2ab',
      id: 'k3f7q2ab-1',
      v: 1,
      possibleRepeat: true,
    });
    const signature = createHmac('sha256', SECRET)
      .update(`v1:${NOW_MS / 1_000}:${call?.body}`)
      .digest('hex');
    expect(call?.headers).toMatchObject({
      'idempotency-key': 'k3f7q2ab-1',
      'x-headroom-timestamp': String(NOW_MS / 1_000),
      'x-headroom-signature': `v1=${signature}`,
    });
  });

  test('is not signed without a secret', async () => {
    const { server } = pick('webhook');
    await escalationWebhook({ url: `${hook.origin}/calls`, now: () => NOW_MS }).send(event('trigger'));
    expect(server.received[0]?.headers).not.toHaveProperty('x-headroom-signature');
  });
});

describe.each(['pagerduty', 'webhook'])('%s', (name) => {
  test.each([
    ['asks for time', { status: 429, headers: { 'retry-after': '7' } }, 'throttled', 7_000],
    ['is down', { status: 503 }, 'unavailable', undefined],
    ['is behind a gateway that heard nothing', { status: 504 }, 'timed-out', undefined],
    ['denies', { status: 403 }, 'denied', undefined],
    ['finds it wrong', { status: 400 }, 'invalid', undefined],
    ['cuts the connection', { cut: 'after' }, 'timed-out', undefined],
    ['never answers', { hang: 'after' }, 'timed-out', undefined],
  ] as const)('fails by kind when it %s', async (_how, fault, kind, retryAfterMs) => {
    const { service, server } = pick(name);
    server.faults.push(fault);
    const error = await service.send(event('trigger')).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind, retryAfterMs });
    expect(String(error)).not.toMatch(/s3cret|r0uting/);
  });
});

describe('by the configuration', () => {
  const hidden = (text: string) => ({ reveal: () => text });
  const none = { pagerdutyRoutingKey: undefined, escalationSecret: undefined, endpoints: {} };

  test('nobody is called without escalation in the settings', () => {
    expect(escalationOf({ ...none, settings: {}, pagerdutyRoutingKey: hidden('k') }, () => 0)).toEqual({});
  });

  test('both services are, where both are given', () => {
    const settings = { escalation: { afterMs: 900_000, webhook: hidden('https://oncall.example/hook') } };
    const { escalation } = escalationOf({ ...none, settings, pagerdutyRoutingKey: hidden('k') }, () => 0);
    expect([escalation?.afterMs, escalation?.targets.map(({ key }) => key)]).toEqual([
      900_000,
      ['pagerduty', 'webhook'],
    ]);
  });
});
