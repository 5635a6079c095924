import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { moveOn } from '../pipeline/kit.ts';
import { jsonOf, requestOf } from './requests.ts';
import { ALEX, auditOf, commandBody, payloadBody, slackWorld } from './slack-kit.ts';

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
