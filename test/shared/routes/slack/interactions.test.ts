import { describe, expect, test } from 'vitest';
import { HeadroomError } from '../../../../shared/errors.ts';
import { incidentsOf } from '../../pipeline/kit.ts';
import { jsonOf } from '../requests.ts';
import { ALEX, auditOf, payloadBody, slackWorld } from '../slack-kit.ts';

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
