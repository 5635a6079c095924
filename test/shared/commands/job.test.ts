import { describe, expect, test } from 'vitest';
import { answerJob } from '../../../shared/commands/job.ts';
import { chatKey } from '../../../shared/pipeline/keys.ts';
import { sightRequest } from '../../../shared/pipeline/once.ts';
import job from '../../fixtures/records/v1-chat-job.json' with { type: 'json' };
import seen from '../../fixtures/records/v1-chat-seen.json' with { type: 'json' };
import { slackWorld } from '../routes/slack-kit.ts';

const KEY = chatKey('2026-11-20T14:00:00.000Z', 'job~recorded');

describe('a question that version 1 left in the store', () => {
  test('is answered once, and its address forgotten', async () => {
    const slack = slackWorld();
    await slack.world.records.put(KEY, job, 'absent');
    expect(await answerJob(slack.ports, slack.desk, KEY)).toEqual({ done: true });
    expect(await answerJob(slack.ports, slack.desk, KEY)).toEqual({ done: true });
    expect(slack.desk.answers.map(({ url }) => url)).toEqual([job.responseUrl]);
    const { responseUrl: _address, ...rest } = job;
    expect((await slack.world.records.get(KEY))?.value).toEqual({ ...rest, sends: 1, state: 'done' });
  });

  test('is waited with where a newer version wrote it', async () => {
    const slack = slackWorld();
    await slack.world.records.put(KEY, { ...job, v: 2 }, 'absent');
    await expect(answerJob(slack.ports, slack.desk, KEY)).rejects.toMatchObject({ kind: 'newer-version' });
    expect(slack.desk.answers).toEqual([]);
  });

  test('is done with where retention has taken it away', async () => {
    const slack = slackWorld();
    expect(await answerJob(slack.ports, slack.desk, KEY)).toEqual({ done: true });
  });
});

test('a request that version 1 has seen is still known', async () => {
  const slack = slackWorld();
  const request = { signedAt: '2026-11-20T14:30:00.000Z', signature: 'v0=a', once: 'trigger' };
  await sightRequest(slack.world, request);
  const key = [...slack.world.keys.values()].find(({ id }) => id.startsWith('seen~'));
  const stored = key && (await slack.world.records.get(key));
  expect(Object.keys(stored?.value ?? {})).toEqual(Object.keys(seen));
  if (key && stored) await slack.world.records.put(key, seen, stored.revision);
  expect(await sightRequest(slack.world, request)).toBe('again');
});
