import { describe, expect, test } from 'vitest';
import { HeadroomError } from '../../../../shared/errors.ts';
import { incidentsOf } from '../../pipeline/kit.ts';
import { ALEX, auditOf, fakeDesk, slackWorld } from '../slack-kit.ts';

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

  test('is told by the settings alone where there is no token to ask with', async () => {
    const desk = fakeDesk(null);
    const named = slackWorld({ desk }, ALEX);
    expect((await named.type('status', { team_id: 'T2' })).body).toContain('members of its own workspace');
    expect((await named.type('status')).body).toContain('No open incident');
    expect((await slackWorld({ desk }).type('status', { team_id: 'T2' })).body).toContain('No open incident');
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
