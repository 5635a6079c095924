import { describe, expect, test } from 'vitest';
import { HeadroomError } from '../../../shared/errors.ts';
import { lineOf, listIncidents } from '../../../shared/pipeline/read.ts';
import { FIRST_REGION_MS } from '../../../shared/pipeline/second-region.ts';
import { watch } from '../../../shared/pipeline/watch.ts';
import type { FirstRegion } from '../../../shared/ports.ts';
import { type FakeChat, fakeChat } from './chat.ts';
import {
  azureAlert,
  createWorld,
  incidentsOf,
  moveOn,
  pass,
  receive,
  theIncident,
  type World,
  workOff,
} from './kit.ts';

const FIRED = azureAlert({ firedAt: '2026-11-20T13:59:30Z' });
const RESOLVED = azureAlert({
  firedAt: '2026-11-20T13:59:30Z',
  resolvedAt: '2026-11-20T14:20:00Z',
  condition: 'Resolved',
});

type Pair = {
  first: World & { chat: FakeChat };
  second: World & { chat: FakeChat };
  /** Cuts the second off from the first. */
  network: { up: boolean };
  asked: string[];
  /** Time passes in both, and each does its work; a region that is down does nothing. */
  pass(minutes: number, down?: { first?: boolean }): Promise<void>;
};

/** Two installations, each with a store of its own: nothing is shared but the network between them. */
function startPair(): Pair {
  const network = { up: true };
  const asked: string[] = [];
  const chats = [fakeChat({ key: 'slack-bot:C1' }), fakeChat({ key: 'slack-bot:C2' })] as const;
  const first = { ...createWorld([chats[0]]), chat: chats[0] };
  const firstRegion: FirstRegion = {
    async findWorked(alertId) {
      asked.push(alertId);
      if (!network.up) throw new HeadroomError('unavailable', 'the first region cannot be reached');
      const { incidents } = await listIncidents(first.deps, { limit: 1, alert: alertId });
      const worked = incidents.map(lineOf).find(({ delivery }) => delivery !== 'received');
      return worked ? { incidentId: worked.id } : null;
    },
  };
  const second = { ...createWorld([chats[1]], { firstRegion, worker: 'worker-of-second' }), chat: chats[1] };
  return {
    first,
    second,
    network,
    asked,
    async pass(minutes, down = {}) {
      for (let minute = 0; minute < minutes; minute += 1) {
        if (down.first) await moveOn(first.clock, 60_000);
        else await pass(first, 1);
        await pass(second, 1);
      }
    },
  };
}

/** Both told of it in a partition, which is over. */
async function merged(): Promise<Pair> {
  const pair = startPair();
  pair.network.up = false;
  for (const region of [pair.first, pair.second]) await receive(region, FIRED);
  await pair.pass(5);
  pair.network.up = true;
  await pair.pass(6);
  return pair;
}

describe('a second region', () => {
  test('says nothing of what the first works on, and counts it as joined there', async () => {
    const pair = startPair();
    await receive(pair.first, FIRED);
    await receive(pair.second, FIRED);
    await pair.pass(5);
    expect(pair.first.chat.standing).toHaveLength(1);
    expect(pair.second.chat.calls).toEqual([]);
    expect((await theIncident(pair.second)).accepted.map(({ outcome }) => outcome)).toEqual(['joined']);
    await receive(pair.first, RESOLVED);
    await receive(pair.second, RESOLVED);
    await pair.pass(5);
    expect(pair.second.chat.calls).toEqual([]);
    expect((await theIncident(pair.second)).lifecycle.state).toBe('resolved');
  });

  test.each([
    [FIRST_REGION_MS - 1, 0],
    [FIRST_REGION_MS, 1],
  ])('%i ms after an alert that the first never got has sent %i messages', async (afterMs, messages) => {
    const { second } = startPair();
    await receive(second, FIRED);
    await workOff(second);
    await moveOn(second.clock, afterMs);
    await workOff(second);
    expect(second.chat.standing).toHaveLength(messages);
  });

  test('works what the first has only received, and says why it tells of it', async () => {
    const pair = startPair();
    await receive(pair.first, FIRED);
    await receive(pair.second, FIRED);
    await pair.pass(3, { first: true });
    expect(pair.asked.length).toBeGreaterThan(0);
    expect(pair.second.chat.standing[0]?.body).toContain('Second region: the first had not taken it up after 90 s');
  });

  test('works all of it while the first does not answer, with no second wait for what it has told already', async () => {
    const pair = startPair();
    pair.network.up = false;
    await receive(pair.second, FIRED);
    await pair.pass(3, { first: true });
    expect(pair.second.chat.standing[0]?.body).toContain('Second region: the first did not answer');
    const asked = pair.asked.length;
    await receive(pair.second, RESOLVED);
    await workOff(pair.second);
    expect((await theIncident(pair.second)).lifecycle.state).toBe('resolved');
    expect(pair.asked).toHaveLength(asked);
  });

  test('tells of it beside the first in a partition, and is merged once that is over', async () => {
    const pair = startPair();
    pair.network.up = false;
    await receive(pair.first, FIRED);
    await receive(pair.second, FIRED);
    await pair.pass(5);
    expect([pair.first, pair.second].map(({ chat }) => chat.standing.length)).toEqual([1, 1]);
    expect((await theIncident(pair.second)).secondRegion).toEqual({ why: 'no-answer' });
    pair.network.up = true;
    await pair.pass(6);
    const { id } = await theIncident(pair.first);
    expect((await theIncident(pair.second)).secondRegion).toEqual({ why: 'no-answer', mergedInto: id });
    expect(pair.second.chat.standing).toHaveLength(1);
    expect(pair.second.chat.standing[0]?.body).toContain(`the first has it too, as incident ${id}`);
    expect((await theIncident(pair.first)).secondRegion).toBeUndefined();
  });

  test('closes what is merged: the message says where it goes on, the first goes on with it, and neither is told twice', async () => {
    const pair = await merged();
    const theirs = await theIncident(pair.first);
    const ours = await theIncident(pair.second);
    expect([theirs.lifecycle.state, ours.lifecycle]).toEqual([
      'open',
      { state: 'resolved', by: 'merge', at: expect.any(String) },
    ]);
    expect(ours.ledger).toContainEqual(expect.objectContaining({ step: 'resolved', note: 'merge' }));
    const body = pair.second.chat.standing[0]?.body;
    expect(body).toContain(`the first has it too, as incident ${theirs.id}`);
    expect(body).toContain('Merged after');
    expect(body).not.toContain('Resolved after');

    const calls = pair.second.chat.calls.length;
    const again = azureAlert({ firedAt: '2026-11-20T14:09:00Z', rule: 'kv-saturated' });
    for (const region of [pair.first, pair.second]) await receive(region, again);
    await pair.pass(4);
    const after = await theIncident(pair.second);
    expect(after.lifecycle).toEqual(ours.lifecycle);
    expect(after.accepted.map(({ outcome }) => outcome)).toEqual(['posted', 'joined']);
    expect(pair.second.chat.calls).toHaveLength(calls);
    expect((await theIncident(pair.first)).accepted).toHaveLength(2);
  });

  test('takes what was merged up again where the first is gone once more', async () => {
    const pair = await merged();
    pair.network.up = false;
    await receive(pair.second, azureAlert({ firedAt: '2026-11-20T14:09:00Z', rule: 'kv-saturated' }));
    await pair.pass(3, { first: true });
    const taken = await theIncident(pair.second);
    expect(taken).toMatchObject({ lifecycle: { state: 'open' }, secondRegion: { why: 'no-answer' }, flaps: 0 });
    expect(taken.secondRegion).not.toHaveProperty('mergedInto');
    expect(pair.second.chat.standing).toHaveLength(1);
    expect(pair.second.chat.standing[0]?.body).toContain('Second region: the first did not answer');
  });

  test('takes over where the first dies between two alerts of one incident', async () => {
    const pair = startPair();
    await receive(pair.first, FIRED);
    await receive(pair.second, FIRED);
    await pair.pass(4);
    pair.network.up = false;
    await receive(pair.second, azureAlert({ firedAt: '2026-11-20T14:03:00Z', rule: 'kv-saturated' }));
    await pair.pass(3, { first: true });
    const [incident] = await incidentsOf(pair.second);
    expect(incident?.accepted.map(({ outcome }) => outcome)).toEqual(['joined', 'posted']);
    expect(pair.second.chat.standing).toHaveLength(1);
  });

  test('loses nothing when its queue is lost while it waits', async () => {
    const pair = startPair();
    pair.network.up = false;
    await receive(pair.second, FIRED);
    await workOff(pair.second);
    pair.second.loseQueue();
    await pair.pass(4, { first: true });
    expect(pair.second.chat.standing).toHaveLength(1);
  });

  test('asks nothing in merging where nothing is its own', async () => {
    const pair = startPair();
    await receive(pair.first, FIRED);
    await receive(pair.second, FIRED);
    await pair.pass(4);
    const asked = pair.asked.length;
    await moveOn(pair.second.clock, 600_000);
    expect((await watch(pair.second.deps)).failed).toEqual([]);
    expect(pair.asked).toHaveLength(asked);
  });
});
