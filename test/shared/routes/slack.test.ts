import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeadroomError } from '../../../shared/errors.ts';
import type { AuditEntry } from '../../../shared/pipeline/audit.ts';
import { checkSlackPayload } from '../chat/check-slack.ts';
import { callerRow, fakeLogs } from '../commands/logs.ts';
import { incidentsOf, moveOn, workOff } from '../pipeline/kit.ts';
import { jsonOf, requestOf } from './requests.ts';
import { commandBody, payloadBody, RESPONSE_URL, slackWorld } from './slack-kit.ts';

const ALEX = { approvers: [{ people: ['slack:T1/U1'], actions: ['*'] }] };

type Slack = ReturnType<typeof slackWorld>;

async function auditOf({ world }: Slack): Promise<AuditEntry[]> {
  const keys = [...world.keys.values()].filter(({ id }) => id.startsWith('audit~'));
  return (await Promise.all(keys.map((key) => world.records.get<AuditEntry>(key)))).flatMap(
    (entry) => entry?.value ?? [],
  );
}

describe('who is not Slack', () => {
  test('gets the same bytes whatever is wrong, and the log the reason', async () => {
    const slack = slackWorld();
    const path = '/api/slack/commands';
    const body = commandBody('status', { trigger_id: 't' });
    const answers = [
      await slack.send(path, body, { 'x-slack-signature': `v0=${'0'.repeat(64)}` }),
      await slack.send(path, body, { 'x-slack-signature': '' }),
      await slack.send(path, body, { 'x-slack-request-timestamp': '1' }),
      await slack.send(path, body, { 'x-slack-request-timestamp': 'soon' }),
      await slack.send(path, '', { 'x-slack-signature': 'v0=' }),
      await slack.route(requestOf({ method: 'POST', path, body })),
      await slackWorld({ access: { kind: 'closed' } }).send(path, body),
    ];
    const [first] = answers;
    expect(first?.status).toBe(401);
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(new Set([JSON.stringify(first)]));
    const reasons = slack.world.log.events.map(({ fields }) => fields['why']);
    expect(new Set(reasons)).toEqual(
      new Set(['the signature does not fit', 'not signed', 'the timestamp is no number']),
    );
  });

  test('who sends again what was sent before gets them too, at every instance', async () => {
    const slack = slackWorld();
    const body = commandBody('status', { trigger_id: 't' });
    expect((await slack.send('/api/slack/commands', body)).status).toBe(200);
    expect((await slack.send('/api/slack/commands', body)).status).toBe(401);
    expect(slack.world.log.events.at(-1)?.fields).toMatchObject({ why: 'sent before' });
  });

  test('who goes on and on fills no log: ten lines a minute, and how many more', async () => {
    const slack = slackWorld();
    const forged = { 'x-slack-signature': 'v0=' };
    for (let sent = 0; sent < 30; sent += 1) await slack.send('/api/slack/commands', `${sent}`, forged);
    expect(slack.world.log.events).toHaveLength(10);
    await moveOn(slack.world.clock, 60_000);
    await slack.send('/api/slack/commands', '', forged);
    expect(slack.world.log.events.slice(10).map(({ event, fields }) => [event, fields])).toEqual([
      ['callers-refused', { route: 'slack', unlogged: 20 }],
      ['caller-refused', { route: 'slack', why: 'the signature does not fit' }],
    ]);
  });

  test('a body over the bound is refused before anybody looks at its signature', async () => {
    const slack = slackWorld();
    const answer = await slack.send('/api/slack/commands', 'x'.repeat(65_537), { 'x-slack-signature': 'wrong' });
    expect(answer.status).toBe(413);
  });

  test.each([
    ['GET', '/api/slack/commands', 405],
    ['POST', '/api/slack/events', 404],
    ['POST', '/api/slack/__proto__', 404],
  ])('%s %s is answered %i', async (method, path, status) => {
    expect((await slackWorld().route(requestOf({ method, path }))).status).toBe(status);
  });

  test('what Slack never sends is answered 400', async () => {
    expect((await slackWorld().send('/api/slack/commands', 'a=b')).status).toBe(400);
    expect((await slackWorld().send('/api/slack/interactions', 'payload=1')).status).toBe(400);
  });

  test('an answer is sent to no host but those of Slack', async () => {
    const slack = slackWorld();
    const answer = await slack.type('doctor', { response_url: 'https://evil.example/commands' });
    expect(answer.status).toBe(400);
    expect(await slack.later()).toEqual([]);
  });
});

describe('Slack itself', () => {
  test('is told that the certificate is good, and its own challenge', async () => {
    const slack = slackWorld();
    expect(await slack.send('/api/slack/commands', 'ssl_check=1&token=x')).toMatchObject({ status: 200, body: '' });
    const challenge = JSON.stringify({ type: 'url_verification', challenge: 'abc' });
    expect(jsonOf(await slack.send('/api/slack/interactions', challenge))).toEqual({ challenge: 'abc' });
  });

  test('which sends anew what it had no answer to is acknowledged, and nothing is done twice', async () => {
    const slack = slackWorld({}, ALEX);
    const id = await slack.alert();
    await slack.type(`ack ${id}`, { trigger_id: 'same' });
    await moveOn(slack.world.clock, 3_000);
    expect(await slack.type(`ack ${id}`, { trigger_id: 'same' })).toMatchObject({ status: 200, body: '' });
    expect(await auditOf(slack)).toHaveLength(1);
  });

  test('which does so beyond the turn of the hour as well', async () => {
    const slack = slackWorld();
    await moveOn(slack.world.clock, 59 * 60_000 + 59_000);
    await slack.type('status', { trigger_id: 'same' });
    await moveOn(slack.world.clock, 2_000);
    expect((await slack.type('status', { trigger_id: 'same' })).body).toBe('');
  });
});

describe('a slash command', () => {
  test('is answered at once, to the one who asks alone', async () => {
    const slack = slackWorld();
    await slack.alert();
    const answer = await slack.type('status');
    expect(answer.status).toBe(200);
    expect(jsonOf(answer)).toMatchObject({ response_type: 'ephemeral' });
    expect(answer.body).toContain('1 open incident');
    const { response_type: _type, replace_original: _replace, ...payload } = jsonOf(answer);
    expect(checkSlackPayload(payload)).toEqual([]);
  });

  test('that is misspelt is answered with the nearest', async () => {
    expect((await slackWorld().type('statsu')).body).toContain("Did you mean 'status'?");
  });

  test('that takes long is acknowledged, and answered by the queue', async () => {
    const slack = slackWorld();
    await slack.alert();
    slack.ports.readers = [fakeLogs({ callers: [callerRow('app-one')] })];
    const answer = await slack.type('top kv-contoso 10m');
    expect(answer.body).toContain('Looking into it');
    expect(await slack.world.queue.depth()).toMatchObject({ waiting: 1 });
    const [later, ...more] = await slack.later();
    expect(later).toContain('100 requests by 1 caller, 10 refused');
    expect(more).toEqual([]);
  });

  test('of whom the store keeps waiting is answered by the queue', async () => {
    const slack = slackWorld();
    await slack.alert();
    const { get } = slack.ports.records;
    let slow = true;
    slack.ports.records = {
      ...slack.ports.records,
      get: (key) => (slow && key.partition.startsWith('incident/') ? new Promise(() => undefined) : get(key)),
    };
    const asked = slack.type('status');
    await new Promise<void>((resolve) => setImmediate(resolve));
    await moveOn(slack.world.clock, 1_800);
    expect((await asked).body).toContain('This takes longer than usual');
    slow = false;
    expect((await slack.later())[0]).toContain('1 open incident');
  });

  test('of whom neither store nor queue answers says so', async () => {
    const slack = slackWorld();
    const { put } = slack.ports.records;
    const down = () => Promise.reject(new HeadroomError('unavailable', 'the store is down'));
    slack.ports.records = {
      ...slack.ports.records,
      put: (key, ...rest) => (key.id.startsWith('job~') ? down() : put(key, ...rest)),
    };
    expect((await slack.type('doctor')).body).toContain('The store does not answer');
    expect(slack.world.log.events.at(-1)).toMatchObject({ event: 'chat-not-queued' });
  });

  test('that changes something is done under the name of who typed it', async () => {
    const slack = slackWorld({}, ALEX);
    const id = await slack.alert();
    expect((await slack.type(`ack ${id}`)).body).toContain('is acknowledged by alex');
    expect(await auditOf(slack)).toMatchObject([{ by: 'slack:T1/U1', name: 'alex', action: 'ack', outcome: 'done' }]);
  });

  test('of who is not entitled is answered 200 with the reason, and audited', async () => {
    const slack = slackWorld();
    const id = await slack.alert();
    const answer = await slack.type(`ack ${id}`);
    expect(answer.status).toBe(200);
    expect(jsonOf(answer)).toMatchObject({ response_type: 'ephemeral' });
    expect(answer.body).toContain('You are not on the list of those who may ack');
    expect(answer.body).toContain('slack:T1/U1');
    expect(await auditOf(slack)).toMatchObject([{ by: 'slack:T1/U1', action: 'ack', outcome: 'refused' }]);
  });
});

describe('a person of another workspace', () => {
  test.each([
    ['by the settings', ALEX, { team_id: 'T2' }],
    ['by what Slack says of the app', {}, { team_id: 'T2' }],
  ])('is refused in words, and audited: told %s', async (_how, settings, fields) => {
    const slack = slackWorld({}, settings);
    await slack.alert();
    const answer = await slack.type('status', fields);
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('Headroom answers members of its own workspace');
    expect(answer.body).not.toContain('kv-contoso');
    expect(await auditOf(slack)).toMatchObject([
      { by: 'slack:T2/U1', outcome: 'refused', reason: 'of another workspace' },
    ]);
  });

  test('who presses in a shared channel is told so alone', async () => {
    const slack = slackWorld({}, ALEX);
    const id = await slack.alert();
    const answer = await slack.press('ack', id, { user: { id: 'U9', username: 'eve', team_id: 'T9' } });
    expect(answer).toMatchObject({ status: 200, body: '' });
    expect((await slack.later())[0]).toContain('members of its own workspace');
    expect((await incidentsOf(slack.world))[0]?.acknowledged).toBeUndefined();
  });

  test('is refused for now where Slack does not say', async () => {
    const slack = slackWorld();
    slack.desk.failures.push(new HeadroomError('unavailable', 'Slack is down'));
    expect((await slack.type('status')).body).toContain('It cannot be told now');
    expect((await slack.type('status')).body).toContain('No open incident');
  });
});

describe('a button', () => {
  test('acknowledges at once; the message shows it, and nobody is told anything else', async () => {
    const slack = slackWorld({}, ALEX);
    const id = await slack.alert();
    expect(await slack.press('ack', id)).toMatchObject({ status: 200, body: '' });
    expect(await slack.later()).toEqual([]);
    expect(slack.posted.standing[0]?.body.replaceAll(/\s+/g, ' ')).toContain('acknowledged by alex');
  });

  test.each([
    ['of another channel', { channel: { id: 'C2' } }, 'This button belongs to no message'],
    ['on another message', { container: { message_ts: '7' } }, 'This button belongs to no message'],
    [
      'with the id of no incident',
      { actions: [{ action_id: 'headroom:ack', value: '../x', action_ts: '1' }] },
      'This button belongs to no message',
    ],
    [
      'of an action that is gone',
      { actions: [{ action_id: 'headroom:dance', value: 'ID', action_ts: '1' }] },
      'This button does nothing any more',
    ],
  ])('%s does nothing, and says so to who pressed it', async (_what, fields, said) => {
    const slack = slackWorld({}, ALEX);
    const id = await slack.alert();
    const before = await incidentsOf(slack.world);
    const given = JSON.parse(JSON.stringify(fields).replace('"ID"', JSON.stringify(id)));
    expect(await slack.press('ack', id, given)).toMatchObject({ status: 200, body: '' });
    expect((await slack.later())[0]).toContain(said);
    expect(await incidentsOf(slack.world)).toEqual(before);
  });

  test.each(['ack', 'silence', 'assign'])('of an action that one is not entitled to says so: %s', async (action) => {
    const slack = slackWorld();
    const id = await slack.alert();
    expect(await slack.press(action, id)).toMatchObject({ status: 200, body: '' });
    expect((await slack.later())[0]).toContain(`You are not on the list of those who may ${action}`);
    expect(slack.desk.views).toEqual([]);
    expect(await auditOf(slack)).toMatchObject([{ action, outcome: 'refused' }]);
  });

  test('that asks for more opens a form on the way, which is then filled in', async () => {
    const slack = slackWorld({}, ALEX);
    const id = await slack.alert();
    await slack.press('silence', id, { trigger_id: 'T.R' });
    expect(slack.desk.views).toMatchObject([
      { triggerId: 'T.R', view: { type: 'modal', callback_id: 'headroom:silence', private_metadata: id } },
    ]);
    expect(await slack.submit('silence', id, { 'headroom:duration': '2h' })).toMatchObject({ status: 200, body: '' });
    expect((await incidentsOf(slack.world))[0]?.silencedUntil).toBe('2026-11-20T16:00:00.000Z');
    await slack.press('assign', id);
    await slack.submit('assign', id, { 'headroom:person': '@dana' });
    expect((await incidentsOf(slack.world))[0]?.assigned).toMatchObject({ to: 'dana', by: 'alex' });
  });

  test('whose form Slack does not open tells what to type', async () => {
    const slack = slackWorld({}, ALEX);
    const id = await slack.alert();
    slack.desk.failures.push(new HeadroomError('timed-out', 'no answer'));
    await slack.press('silence', id);
    expect((await slack.later())[0]).toContain(`/headroom silence ${id} 1h`);
  });

  test('on what is over says so', async () => {
    const slack = slackWorld({}, ALEX);
    const id = await slack.alert();
    await slack.type(`resolve ${id}`);
    for (const action of ['ack', 'silence']) {
      await slack.press(action, id);
      expect((await slack.later()).join()).toContain('is over already');
    }
  });

  test('of something else than ours is acknowledged', async () => {
    const slack = slackWorld();
    const body = payloadBody({ type: 'block_actions', actions: [{ action_id: 'link', action_ts: '1' }] });
    expect(await slack.send('/api/slack/interactions', body)).toMatchObject({ status: 200, body: '' });
  });
});

test('a form with what cannot be is shown again with the reason', async () => {
  const slack = slackWorld({}, ALEX);
  const id = await slack.alert();
  const answer = await slack.submit('silence', id, { 'headroom:duration': 'forever' });
  expect(jsonOf(answer)).toEqual({
    response_action: 'errors',
    errors: { 'headroom:duration': expect.stringContaining("'forever' is no time to be silent") },
  });
});

describe('an answer that comes later', () => {
  async function waiting(): Promise<Slack> {
    const slack = slackWorld();
    await slack.type('doctor');
    return slack;
  }

  test('is tried again when Slack fails, and marked as what may be a repeat', async () => {
    const slack = await waiting();
    slack.desk.failures.push(new HeadroomError('unavailable', 'Slack answered 500'));
    expect(await slack.later()).toEqual([]);
    await moveOn(slack.world.clock, 2_000);
    const [said, ...more] = await slack.later();
    expect(said).toContain('This may be a repeat');
    expect(more).toEqual([]);
    expect(slack.world.log.events.map(({ event }) => event)).toContain('chat-possible-repeat');
  });

  test('waits as long as Slack asks for, and is then no repeat', async () => {
    const slack = await waiting();
    slack.desk.failures.push(new HeadroomError('throttled', '429', { retryAfterMs: 30_000 }));
    await slack.later();
    await moveOn(slack.world.clock, 29_000);
    expect(await slack.later()).toEqual([]);
    await moveOn(slack.world.clock, 1_000);
    const [said] = await slack.later();
    expect(said).not.toContain('repeat');
  });

  test('is given up after five uses of its address', async () => {
    const slack = await waiting();
    for (let use = 0; use < 6; use += 1) {
      slack.desk.failures.push(new HeadroomError('unavailable', 'down'));
      await slack.later();
      await moveOn(slack.world.clock, 300_000);
    }
    expect(slack.desk.failures).toHaveLength(1);
    expect(slack.world.log.events.at(-1)).toMatchObject({ event: 'chat-unanswered' });
    expect(await slack.world.queue.depth()).toEqual({ waiting: 0, dead: 0 });
  });

  test('is given up after half an hour, and its address forgotten', async () => {
    const slack = await waiting();
    await moveOn(slack.world.clock, 31 * 60_000);
    expect(await slack.later()).toEqual([]);
    const keys = [...slack.world.keys.values()].filter(({ id }) => id.startsWith('job~'));
    const [job] = await Promise.all(keys.map((key) => slack.world.records.get(key)));
    expect(job?.value).toMatchObject({ state: 'given-up', reason: 'the address for answers has expired' });
    expect(JSON.stringify(job?.value)).not.toContain(RESPONSE_URL);
  });

  test('is given once, however often its message is delivered', async () => {
    const slack = await waiting();
    const [delivery] = await slack.world.queue.receive({ max: 1, visibilityMs: 1 });
    if (delivery) await slack.world.queue.send(delivery.message);
    await moveOn(slack.world.clock, 10);
    expect(await slack.later()).toHaveLength(1);
    await workOff(slack.world);
    expect(slack.desk.answers).toEqual([]);
  });

  test('that a process died over is taken up by another when its time is over', async () => {
    const slack = await waiting();
    const { respond } = slack.desk;
    slack.desk.respond = () => new Promise(() => undefined);
    void workOff(slack.world);
    for (let turn = 0; turn < 20; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
    slack.desk.respond = respond;
    await moveOn(slack.world.clock, 120_001);
    const [said] = await slack.later();
    expect(said).toContain('This may be a repeat');
  });
});

test('whatever is sent: unsigned it is refused alike, signed it is answered and never fails', async () => {
  const slack = slackWorld({}, ALEX);
  const id = await slack.alert();
  const path = fc.constantFrom('/api/slack/commands', '/api/slack/interactions');
  const text = fc.oneof(fc.constantFrom('ack', 'silence', 'assign', 'why', 'top'), fc.string({ unit: 'binary' }));
  const body = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .tuple(text, fc.constantFrom(id, ''), fc.string())
      .map(([a, b, c]) => commandBody(`${a} ${b} ${c}`, { trigger_id: c })),
    fc
      .record({
        type: fc.constantFrom('block_actions', 'view_submission'),
        user: fc.anything(),
        actions: fc.anything(),
      })
      .map(payloadBody),
  );
  let refused: string | undefined;
  await fc.assert(
    fc.asyncProperty(path, body, async (to, sent) => {
      const unsigned = JSON.stringify(await slack.route(requestOf({ method: 'POST', path: to, body: sent })));
      refused ??= unsigned;
      expect(unsigned).toBe(refused);
      expect((await slack.send(to, sent)).status).toBeLessThan(500);
    }),
    { numRuns: 150 },
  );
});

test('on this machine without a secret everything is believed, and nothing is a replay', async () => {
  const slack = slackWorld({ access: { kind: 'open' } });
  const path = '/api/slack/commands';
  const request = () => requestOf({ method: 'POST', path, body: commandBody('status', { trigger_id: 't' }) });
  expect((await slack.route(request())).status).toBe(200);
  expect((await slack.route(request())).status).toBe(200);
});
