import { expect, test } from 'vitest';
import { runCommand } from '../../../shared/commands/dispatch.ts';
import { queueJob } from '../../../shared/commands/job.ts';
import { work } from '../../../shared/pipeline/work.ts';
import { commandPortsOf, withChat } from '../../../shared/routes/command-ports.ts';
import { configOf } from '../config/kit.ts';
import { createWorld } from '../pipeline/kit.ts';
import { fakeDesk, RESPONSE_URL } from './slack-kit.ts';

const PERSON = { id: 'slack:T1/U1', name: 'dana' };
const STATS = {
  hits: 4,
  misses: 2,
  coalesced: 0,
  stale: 0,
  throttled: 0,
  failures: 0,
  inFlight: 0,
  cached: 2,
  vaults: {},
};

test('the reader by which a process has its configuration is the one that chat tells of', async () => {
  const { deps } = createWorld([]);
  const ports = commandPortsOf(configOf({}), deps, fakeDesk(), () => STATS);
  const reply = await runCommand({ ...ports, person: PERSON, privacy: 'full' }, 'secrets');
  expect(reply).toMatchObject({ answer: { title: '2 secrets in memory, 0 being read' } });
});

test('a question that waits in the queue is answered about the same reader', async () => {
  const { deps } = createWorld([]);
  const desk = fakeDesk();
  await queueJob(deps, { person: PERSON, privacy: 'full', ask: { text: 'secrets' }, responseUrl: RESPONSE_URL });
  const [delivery] = await deps.queue.receive({ max: 1, visibilityMs: 60_000 });
  await work(
    withChat(configOf({}), deps, desk, () => STATS),
    delivery?.message,
  );
  expect(desk.answers.map(({ body }) => body)).toEqual([expect.stringContaining('2 secrets in memory')]);
});
