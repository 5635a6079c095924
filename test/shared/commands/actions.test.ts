import { describe, expect, test } from 'vitest';
import { runCommand } from '../../../shared/commands/dispatch.ts';
import { updateIncident } from '../../../shared/pipeline/incidents.ts';
import { slackRoute } from '../../../shared/routes/slack.ts';
import { type ActionWorld, ALEX, actionWorld, fakePlane, HOLD, KEEP, KIM, SETTINGS } from '../pipeline/action-kit.ts';
import { requestOf } from '../routes/requests.ts';
import { fakeDesk, payloadBody } from '../routes/slack-kit.ts';
import { settingsOf } from './kit.ts';

const ALARM = 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:sts throttled';
const EVERYBODY = settingsOf({
  ...JSON.parse(JSON.stringify(SETTINGS)),
  approvers: [{ people: [ALEX.id, KIM.id], actions: ['*'] }],
});

const MUTE = 'Silence kv-contoso in Azure Monitor too';

async function silenceable(): Promise<ActionWorld> {
  return actionWorld({ actions: [], planes: [fakePlane('processing-rule')], settings: EVERYBODY });
}

describe('actions', () => {
  test('shows each plan whole, as whoever approves by it has to see it', async () => {
    const w = await actionWorld({ actions: [KEEP, HOLD] });
    expect(await w.say(ALEX, `actions ${w.id}`)).toEqual([
      `What can be done about ${w.id} (kv-contoso)`,
      `${w.id}-1: Let shop keep its secrets for 1 h: waits for approval until 14:30 UTC`,
      `${w.id}-1: ttlSeconds: not set -> 3600, for 2 h (predicted: 1,000 → 30 refused, peak 160 → 40 % of the limit)`,
      `${w.id}-2: Hold shop to 20 reads a second in all: waits for approval by two people until 14:30 UTC`,
      expect.stringContaining(`${w.id}-2: maxRequestsPerSecond: not set -> 20 for 40 processes, for 2 h (predicted: `),
      "'approve <plan>' has it done, 'reject <plan>' ends the offer, 'undo <plan>' takes it back",
    ]);
  });

  test('shows what people have said of it that can be taken back', async () => {
    const w = await actionWorld({ actions: [], settings: EVERYBODY });
    await w.say(ALEX, `ack ${w.id}`);
    const taken = `It is acknowledged: 'undo ack ${w.id}' takes that back`;
    expect(await w.say(ALEX, `actions ${w.id}`)).toContain(taken);
    await w.say(ALEX, `undo ack ${w.id}`);
    expect(await w.say(ALEX, `actions ${w.id}`)).not.toContain(taken);
  });
});

describe('whoever silences an incident', () => {
  test('is told what else could be silenced, and its message offers that though it is quiet', async () => {
    const w = await silenceable();
    const reply = await runCommand(w.commandDeps(ALEX), `silence ${w.id} 1h`);
    expect(reply).toMatchObject({
      done: true,
      answer: {
        notes: [
          {
            text: 'Headroom alone is quiet so far; others may still be told',
            nextStep: `Its message offers it in a moment, and 'actions ${w.id}' does: ${MUTE}`,
          },
        ],
      },
    });
    await w.workOff();
    expect(await w.view()).toMatchObject({ action: 'processing-rule', state: 'planned' });
    expect(w.text()).toContain(MUTE);
    await w.say(ALEX, `approve ${w.id}-1`);
    await w.say(KIM, `approve ${w.id}-1`);
    await w.workOff();
    expect(w.text()).toMatch(/Done by alex and kim/i);
  });

  test('is offered it also where no cause was looked for yet', async () => {
    const w = await silenceable();
    await updateIncident(w.world.deps, w.id, (record) => {
      if (!record) return record;
      const { diagnosedAt: _at, ...rest } = record;
      return rest;
    });
    await w.say(ALEX, `silence ${w.id} 1h`);
    await w.workOff();
    expect(w.text()).toContain(MUTE);
  });

  test('of alarms is told of them', async () => {
    const w = await actionWorld({ actions: [], planes: [fakePlane('mute-rule')], settings: EVERYBODY });
    await updateIncident(w.world.deps, w.id, (record) => {
      if (!record) return record;
      const rules = Object.entries(record.rules).map(([key, rule]) => [key, { ...rule, reference: ALARM }] as const);
      return { ...record, rules: Object.fromEntries(rules) };
    });
    const reply = await runCommand(w.commandDeps(ALEX), `silence ${w.id} 1h`);
    expect(JSON.stringify(reply)).toContain('Mute the alarm sts throttled in CloudWatch too');
  });

  test.each([
    ['where nothing outside can be changed', () => actionWorld({ actions: [], settings: EVERYBODY }), '1h'],
    ['of what is quiet no longer', silenceable, 'off'],
  ])('is told nothing more %s', async (_where, open, typed) => {
    const w = await open();
    await w.say(ALEX, `silence ${w.id} 2h`);
    const reply = await runCommand(w.commandDeps(ALEX), `silence ${w.id} ${typed}`);
    expect(reply).toMatchObject({ done: true, answer: { notes: [] } });
  });

  test('by the form of Slack sees it in the form, which then has no more to fill in', async () => {
    const w = await silenceable();
    const { person: _person, privacy: _privacy, ...ports } = w.commandDeps(ALEX);
    const route = slackRoute({
      ports,
      desk: fakeDesk(),
      access: { kind: 'open' },
      bodyBytes: 65_536,
      privacyAt: () => 'full',
    });
    const body = payloadBody({
      type: 'view_submission',
      user: { id: 'U1', username: 'alex', team_id: 'T1' },
      team: { id: 'T1' },
      view: {
        id: 'V1',
        callback_id: 'headroom:silence',
        private_metadata: w.id,
        state: {
          values: { 'headroom:duration': { value: { type: 'static_select', selected_option: { value: '1h' } } } },
        },
      },
    });
    const answered = await route(requestOf({ method: 'POST', path: '/api/slack/interactions', body }));
    const { response_action, view } = JSON.parse(answered.body);
    expect([response_action, view.type, view.submit]).toEqual(['update', 'modal', undefined]);
    expect(JSON.stringify(view)).toContain(MUTE);
    expect(JSON.stringify(view)).toContain(`'actions ${w.id}' does`);
  });
});
