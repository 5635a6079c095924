import { describe, expect, test } from 'vitest';
import { HeadroomError } from '../../../../shared/errors.ts';
import { checkSlackPayload } from '../../chat/check-slack.ts';
import { callerRow, fakeLogs } from '../../commands/logs.ts';
import { moveOn } from '../../pipeline/kit.ts';
import { jsonOf } from '../requests.ts';
import { ALEX, auditOf, slackWorld } from '../slack-kit.ts';

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
