import { expect, test } from 'vitest';
import { runCommand } from '../../../shared/commands/dispatch.ts';
import { settingsOf } from '../commands/kit.ts';
import { type ActionWorld, ALEX, actionWorld, SETTINGS } from './action-kit.ts';
import { type Death, type Life, liveUntil } from './mortal.ts';

const EVERYBODY = settingsOf({
  ...JSON.parse(JSON.stringify(SETTINGS)),
  approvers: [{ people: [ALEX.id], actions: ['*'] }],
});

/** Says it through a process that may die on the way. */
async function say(w: ActionWorld, words: string, death?: Death): Promise<Life> {
  const life = liveUntil(death);
  const { deps } = w.world;
  const records = life.wrap(deps.records, 'records', ['put']);
  const said = runCommand({ ...w.commandDeps(ALEX), records, queue: life.wrapQueue(deps.queue) }, words);
  await Promise.race([said, life.died]);
  return life;
}

const CASES = [
  ['ack', '', 'acknowledged by alex'],
  ['assign', ' dana', 'assigned to dana'],
  ['silence', ' 2h', 'silenced until'],
] as const;

/** The audit of what begins, the incident, the queue, the audit of how it went. */
const STEPS = 4;

test.each(CASES)('%s takes the steps that a process may die at', async (name, rest) => {
  const w = await actionWorld({ actions: [], settings: EVERYBODY });
  expect((await say(w, `${name} ${w.id}${rest}`)).steps).toHaveLength(STEPS);
});

test.each(
  CASES.flatMap((one) =>
    Array.from({ length: STEPS }, (_, index) => index + 1).flatMap((step) =>
      (['before', 'after'] as const).map((when) => [...one, step, when] as const),
    ),
  ),
)(
  '%s%s in a process that dies is seen as soon as it is said again, or without: %s, %d %s',
  async (...[name, rest, words, step, when]) => {
    const w = await actionWorld({ actions: [], settings: EVERYBODY });
    await say(w, `${name} ${w.id}${rest}`, { step, when });
    const record = await w.record();
    const isDone = record.marked?.[name] !== undefined;
    // Nothing is done of which there is no trace.
    if (isDone) expect((await w.audit()).filter(({ action }) => action === name)).toHaveLength(1);
    if (!isDone) await say(w, `${name} ${w.id}${rest}`);
    await w.pass(3);
    expect(w.text()).toContain(words);
    await say(w, `undo ${name} ${w.id}`);
    await w.pass(1);
    expect(w.text()).not.toContain(words);
    const outcomes = (await w.audit())
      .filter(({ by }) => by === ALEX.id)
      .map(({ action, outcome }) => [action, outcome]);
    expect(outcomes.at(-1)).toEqual(['undo', 'done']);
  },
);
