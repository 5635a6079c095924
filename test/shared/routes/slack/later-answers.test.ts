import { describe, expect, test } from 'vitest';
import { HeadroomError } from '../../../../shared/errors.ts';
import { moveOn, workOff } from '../../pipeline/kit.ts';
import { RESPONSE_URL, type Slack, slackWorld } from '../slack-kit.ts';

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
