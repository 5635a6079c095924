import { createHmac } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { IncidentRecord } from '../../../shared/incidents/record.ts';
import { updateIncident } from '../../../shared/pipeline/incidents.ts';
import { fromWebRequest } from '../../../shared/routes/http.ts';
import { pagerDutyRoute } from '../../../shared/routes/pagerduty.ts';
import { pagerDutyWebhook } from '../../../simulation/servers/pagerduty.ts';
import { fakeChat } from '../pipeline/chat.ts';
import { azureAlert, createWorld, receive, theIncident, type World, workOff } from '../pipeline/kit.ts';

const SECRET = 'a-fourth-random-word';

let world: World;

beforeEach(async () => {
  world = createWorld([fakeChat()]);
  await receive(world, azureAlert({ firedAt: '2026-11-20T13:59:30Z' }));
  await workOff(world);
  const { id } = await theIncident(world);
  const calledAt = '2026-11-20T14:00:00.000Z';
  const called = {
    key: 'pagerduty',
    step: 'trigger',
    count: 1,
    attempts: 0,
    calledAt,
    state: 'sent',
    at: calledAt,
  } as const;
  await updateIncident(world.deps, id, (record) => record && { ...record, escalated: [called] });
});

type Sent = { body: string; headers?: Record<string, string>; method?: string };

async function send({ body, headers = {}, method = 'POST' }: Sent, secrets = [SECRET]) {
  const ports = { ...world.deps, destinations: world.deps.senders };
  const route = pagerDutyRoute({ ports, secrets, bodyBytes: 10_000 });
  const url = 'https://headroom.example/api/pagerduty/webhook';
  const request = new Request(url, { method, headers, ...(method === 'POST' ? { body } : {}) });
  return route(fromWebRequest(request));
}

async function acknowledged(): Promise<IncidentRecord['acknowledged']> {
  return (await theIncident(world)).acknowledged;
}

async function dedupKey(): Promise<string> {
  return (await theIncident(world)).id;
}

describe('what PagerDuty says', () => {
  test.each(['incident.acknowledged', 'incident.resolved'])(
    'as %s by a person acknowledges here, audited',
    async (type) => {
      const answer = await send(pagerDutyWebhook(SECRET, { dedupKey: await dedupKey(), type }));
      expect([answer.status, await acknowledged()]).toMatchObject([200, { by: 'Tenex Engineer (PagerDuty)' }]);
      const audits = [...world.keys.values()].filter(({ id }) => id.startsWith('audit~'));
      expect(await world.records.get(audits[0] ?? { partition: '', id: '' })).toMatchObject({
        value: { by: 'pagerduty:PLH1HKV', action: 'ack', outcome: 'done' },
      });
    },
  );

  test('a second time changes nothing', async () => {
    const sent = pagerDutyWebhook(SECRET, { dedupKey: await dedupKey() });
    await send(sent);
    const before = await theIncident(world);
    expect((await send(sent)).status).toBe(200);
    expect(await theIncident(world)).toEqual(before);
  });

  test.each<[string, Parameters<typeof pagerDutyWebhook>[1]]>([
    ['of another event', { dedupKey: '', type: 'incident.annotated' }],
    ['of what its own service did', { dedupKey: '', agent: { id: 'P1', summary: 'API', type: 'service_reference' } }],
    ['of what nobody did', { dedupKey: '', agent: null }],
    ['of an incident that is none of ours', { dedupKey: 'another-key' }],
  ])('%s changes nothing', async (_what, given) => {
    const key = given.dedupKey || (await dedupKey());
    expect([(await send(pagerDutyWebhook(SECRET, { ...given, dedupKey: key }))).status, await acknowledged()]).toEqual([
      200,
      undefined,
    ]);
  });

  test('of an incident that nobody was called about changes nothing', async () => {
    const id = await dedupKey();
    await updateIncident(world.deps, id, (record) => {
      if (!record) return record;
      const { escalated: _escalated, ...rest } = record;
      return rest;
    });
    await send(pagerDutyWebhook(SECRET, { dedupKey: id }));
    expect(await acknowledged()).toBeUndefined();
  });
});

describe('a caller', () => {
  test.each<[string, (sent: Required<Pick<Sent, 'body' | 'headers'>>) => Sent, string[]]>([
    ['without a signature', ({ body }) => ({ body }), [SECRET]],
    ['with an altered body', ({ body, headers }) => ({ body: `${body} `, headers }), [SECRET]],
    ['with another secret', (sent) => sent, ['another']],
    ['where no secret is set', (sent) => sent, []],
  ])('%s gets the same 401', async (_who, alter, secrets) => {
    const answer = await send(alter(pagerDutyWebhook(SECRET, { dedupKey: await dedupKey() })), secrets);
    const plain = await send({ body: '' }, []);
    expect([answer, await acknowledged()]).toEqual([plain, undefined]);
    expect(answer.status).toBe(401);
  });

  test('is believed by either of two secrets, and by either of two signatures', async () => {
    const { body, headers } = pagerDutyWebhook(SECRET, { dedupKey: await dedupKey() });
    const signatures = `v1=${'0'.repeat(64)},${headers['x-pagerduty-signature']}`;
    expect((await send({ body, headers: { 'x-pagerduty-signature': signatures } }, ['another', SECRET])).status).toBe(
      200,
    );
    expect(await acknowledged()).toBeDefined();
  });

  test.each<[string, Sent, number]>([
    ['by GET', { body: '', method: 'GET' }, 405],
    ['with more than the bound', { body: 'x'.repeat(10_001) }, 413],
  ])('%s is refused', async (_how, sent, status) => {
    expect((await send(sent)).status).toBe(status);
  });

  test('with a signature over something else gets 400', async () => {
    const signature = `v1=${createHmac('sha256', SECRET).update('[1]').digest('hex')}`;
    expect((await send({ body: '[1]', headers: { 'x-pagerduty-signature': signature } })).status).toBe(400);
  });
});
