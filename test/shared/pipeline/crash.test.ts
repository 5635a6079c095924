import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { IncidentRecord } from '../../../shared/incidents/record.ts';
import type { Evidence, Resource } from '../../../shared/model.ts';
import { watch } from '../../../shared/pipeline/watch.ts';
import type { ChatSender, EvidenceReader } from '../../../shared/ports.ts';
import { type FakeChat, fakeChat, isMarkedRepeat } from './chat.ts';
import { azureAlert, createWorld, inboxOf, incidentsOf, moveOn, receive, type World, workOff } from './kit.ts';
import { type Death, type Life, liveUntil } from './mortal.ts';

/** What a sender sends and when; it sends again until it is answered, as action groups do. */
type Call = { atMinute: number; body: unknown };

const FIRED = '2026-11-20T13:59:30Z';
const RESOLVED = '2026-11-20T14:02:00Z';

const TWO_VAULTS: Call[] = [
  { atMinute: 0, body: azureAlert({ firedAt: FIRED, vaults: ['kv-a', 'kv-b'] }) },
  { atMinute: 1, body: azureAlert({ firedAt: FIRED, rule: 'kv-hits', metric: 'ServiceApiHit', vaults: ['kv-a'] }) },
  {
    atMinute: 3,
    body: azureAlert({ firedAt: FIRED, resolvedAt: RESOLVED, condition: 'Resolved', vaults: ['kv-a', 'kv-b'] }),
  },
  {
    atMinute: 4,
    body: azureAlert({
      firedAt: FIRED,
      resolvedAt: RESOLVED,
      condition: 'Resolved',
      rule: 'kv-hits',
      metric: 'ServiceApiHit',
      vaults: ['kv-a'],
    }),
  },
];

const RESOLVED_FIRST: Call[] = [
  { atMinute: 0, body: azureAlert({ firedAt: FIRED, resolvedAt: RESOLVED, condition: 'Resolved' }) },
  { atMinute: 2, body: azureAlert({ firedAt: FIRED }) },
];

const NEXT_EPISODE: Call[] = [
  { atMinute: 0, body: azureAlert({ firedAt: FIRED }) },
  { atMinute: 1, body: azureAlert({ firedAt: FIRED, resolvedAt: '2026-11-20T14:00:30Z', condition: 'Resolved' }) },
  { atMinute: 20, body: azureAlert({ firedAt: '2026-11-20T14:19:00Z' }) },
  {
    atMinute: 21,
    body: azureAlert({ firedAt: '2026-11-20T14:19:00Z', resolvedAt: '2026-11-20T14:20:00Z', condition: 'Resolved' }),
  },
];

/** The second Fired is pointed at the first incident, because nobody has read yet that this one was over long ago. */
const POINTED_AT_THE_PAST: Call[] = [
  { atMinute: 0, body: azureAlert({ firedAt: FIRED, vaults: ['kv-a'] }) },
  {
    atMinute: 20,
    body: azureAlert({ firedAt: FIRED, resolvedAt: '2026-11-20T14:00:30Z', condition: 'Resolved', vaults: ['kv-a'] }),
  },
  { atMinute: 20, body: azureAlert({ firedAt: '2026-11-20T14:19:00Z', vaults: ['kv-a', 'kv-b'] }) },
  {
    atMinute: 21,
    body: azureAlert({
      firedAt: '2026-11-20T14:19:00Z',
      resolvedAt: '2026-11-20T14:20:00Z',
      condition: 'Resolved',
      vaults: ['kv-a', 'kv-b'],
    }),
  },
];

/** A store that holds nothing yet: enough for late-log runs to be planned. */
const LATE_LOGS: EvidenceReader = {
  store: 'late',
  language: 'kql',
  covers: (_resource: Resource) => true,
  read: async (): Promise<Evidence['readings']> => [],
};

type Story = {
  calls: Call[];
  readers: EvidenceReader[];
  minutes: number /** How many; more than one number where it depends on what is read first. */;
  incidents: number[];
};

const STORIES: Record<string, Story> = {
  'two vaults in one payload, a busy signal, and all of it resolved': {
    calls: TWO_VAULTS,
    readers: [],
    minutes: 9,
    incidents: [2],
  },
  'a Resolved that comes before its Fired, with late logs': {
    calls: RESOLVED_FIRST,
    readers: [LATE_LOGS],
    minutes: 26,
    incidents: [1],
  },
  'a Fired that is pointed at the past': { calls: POINTED_AT_THE_PAST, readers: [], minutes: 26, incidents: [2, 3] },
  'one episode after another': { calls: NEXT_EPISODE, readers: [], minutes: 26, incidents: [2] },
};

type Chats = { bot: FakeChat; webhook: FakeChat };
type Ended = { world: World; chats: Chats; lives: Life[]; accepted: number };

/** Plays the story with processes that die as planned, each followed by a new one, until the last lives to the end. */
async function play(story: Story, deaths: readonly Death[], losesQueue = false): Promise<Ended> {
  const { calls, readers, minutes } = story;
  const chats: Chats = {
    bot: fakeChat({ key: 'slack-bot:C1' }),
    webhook: fakeChat({ key: 'slack-webhook', canEdit: false }),
  };
  const world = createWorld([chats.bot, chats.webhook], { readers });
  const startMs = world.clock.now();
  const unanswered = [...calls];
  const lives: Life[] = [];
  for (let n = 0; n <= deaths.length; n += 1) {
    const life = liveUntil(deaths[n], world.clock.now);
    lives.push(life);
    const process = processOf(world, life, `worker-${n}`);
    await Promise.race([life.died, live(process, unanswered, startMs, minutes)]);
    if (losesQueue && life.isDead()) world.loseQueue();
    // Whatever was under way is gone with it; the next process starts a little later.
    await moveOn(world.clock, 1_000);
  }
  return { world, chats, lives, accepted: calls.length - unanswered.length };
}

function processOf(world: World, life: Life, worker: string): World {
  const { deps } = world;
  const mortal = {
    ...deps,
    worker,
    clock: { ...deps.clock, sleep: (ms: number, signal?: AbortSignal) => life.outlive(deps.clock.sleep(ms, signal)) },
    records: life.wrap(deps.records, 'records', ['put', 'delete']),
    payloads: life.wrap(deps.payloads, 'payloads', ['put', 'delete']),
    queue: life.wrapQueue(deps.queue),
    senders: deps.senders.map((sender): ChatSender => life.wrap(sender, sender.key, ['post', 'edit'])),
  };
  return { ...world, deps: mortal };
}

const STEP_MS = 20_000;

/** What was under way when a process died comes again after its visibility; nothing may circle for ever. */
const SETTLED_WITHIN_MS = 15 * 60_000;

/** One process: takes calls in, works the queue, and watches every minute, until the story is over and the queue empty. */
async function live(process: World, unanswered: Call[], startMs: number, minutes: number): Promise<void> {
  const elapsedMs = (): number => process.clock.now() - startMs;
  const isOver = async (): Promise<boolean> => {
    const aheadMs = elapsedMs() - minutes * 60_000;
    if (aheadMs < 0 || unanswered.length > 0) return false;
    return aheadMs > SETTLED_WITHIN_MS || (await process.deps.queue.depth()).waiting === 0;
  };
  for (let step = 0; !(await isOver()); step += 1) {
    for (const call of [...unanswered]) {
      if (call.atMinute * 60_000 > elapsedMs()) continue;
      await receive(process, call.body);
      unanswered.splice(unanswered.indexOf(call), 1);
    }
    await workOff(process);
    if (step % 3 === 0) await watch(process.deps);
    await workOff(process);
    await moveOn(process.clock, STEP_MS);
  }
}

function expectAllWell(
  { world, chats }: Ended,
  incidents: readonly IncidentRecord[],
  story: Story,
  deaths: number,
): void {
  expect(story.incidents).toContain(incidents.length);
  for (const incident of incidents) {
    expect(incident.lifecycle.state).toBe('resolved');
    expect(incident.diagnosedAt).toEqual(expect.any(String));
    expect(incident.diagnosing).toBe(undefined);
    expect(incident.accepted.filter(({ outcome }) => outcome === 'posted')).toHaveLength(1);
    expect(incident.effects.map(({ state }) => state)).toEqual(['sent', 'sent']);
    expectBotRight(chats.bot, incident);
    expectWebhookRight(chats.webhook, incident, deaths);
  }
  const outcomes = new Map<string, string[]>();
  for (const { id, outcome } of incidents.flatMap(({ accepted }) => accepted))
    outcomes.set(id, [...(outcomes.get(id) ?? []), outcome ?? 'undecided']);
  expect([...outcomes.values()].filter((of) => of.length !== 1 || of[0] === 'undecided')).toEqual([]);
  expect(outcomes.size).toBe(alertsIn(story));
  expect(world.log.events.filter(({ level }) => level === 'error')).toEqual([]);
}

function alertsIn({ calls }: Story): number {
  return calls.reduce((count, { body }) => count + JSON.stringify(body).split('/vaults/kv-').length - 1, 0);
}

/** One message, brought up to date in place, that shows the incident as it ended. */
function expectBotRight(bot: FakeChat, incident: IncidentRecord): void {
  const own = bot.standing.filter(({ incidentId }) => incidentId === incident.id);
  expect(own).toHaveLength(1);
  expect(own[0]?.revisions.at(-1)).toBe(incident.revision);
  expect(own[0]?.revisions).toEqual(own[0]?.revisions.toSorted((a, b) => a - b));
  expect(own[0]?.body).toContain('Resolved');
  expect(isMarkedRepeat(own[0])).toBe(false);
}

/** Three at most, and for each death one repeat at most, which says so. */
function expectWebhookRight(webhook: FakeChat, incident: IncidentRecord, deaths: number): void {
  const own = webhook.standing.filter(({ incidentId }) => incidentId === incident.id);
  const marked = own.filter(isMarkedRepeat);
  expect(own.length - marked.length).toBeLessThanOrEqual(3);
  expect(marked.length).toBeLessThanOrEqual(deaths);
  expect(own.at(-1)?.body).toContain('Resolved');
}

async function check(story: Story, deaths: readonly Death[], losesQueue = false): Promise<Ended> {
  const ended = await play(story, deaths, losesQueue);
  const incidents = await incidentsOf(ended.world);
  expectAllWell(ended, incidents, story, deaths.length);
  expect(await ended.world.queue.depth()).toEqual({ waiting: 0, dead: 0 });
  expect((await inboxOf(ended.world)).map(({ state }) => state).filter((state) => state !== 'taken')).toEqual([]);
  return ended;
}

/**
 * All steps but what `watch` writes of itself: of each of those the first stands for all. To die before a step is to die after
 * the last one, unless time passed or a message was taken between them.
 */
function tellingSteps({ steps, isLaterStep }: Life, when: Death['when']): [number, string][] {
  const isToldAlready = (name: string, i: number): boolean =>
    name.startsWith('records.put watch/') && steps.indexOf(name) < i;
  return steps.flatMap((name, i): [number, string][] => {
    if (isToldAlready(name, i)) return [];
    const isAfterLast = when === 'before' && !isLaterStep[i] && !isToldAlready(steps[i - 1] ?? '', i - 1);
    return isAfterLast ? [] : [[i + 1, name]];
  });
}

describe.each(Object.entries(STORIES))('%s', (_name, story) => {
  test('comes to its end when nobody dies', async () => {
    const { accepted, lives } = await check(story, []);
    expect(accepted).toBe(story.calls.length);
    expect(lives[0]?.steps.length).toBeGreaterThan(20);
  });

  test.each<[string, Death['when'], boolean]>([
    ['the process dies before any one step', 'before', false],
    ['the process dies after any one step', 'after', false],
    ['the queue is lost with it', 'after', true],
  ])('comes to the same end when %s', async (_what, when, losesQueue) => {
    const [undisturbed] = (await play(story, [])).lives;
    const telling = undisturbed ? tellingSteps(undisturbed, when) : [];
    expect(telling.length).toBeGreaterThan(5);
    for (const [step, name] of telling) {
      const { lives } = await check(story, [{ step, when }], losesQueue).catch((error: unknown) => {
        throw new Error(`died ${when} step ${step}: ${name}`, { cause: error });
      });
      expect(lives[0]?.isDead()).toBe(true);
    }
  });
});

describe('several deaths in a row', () => {
  const death = fc.record({
    step: fc.integer({ min: 1, max: 60 }),
    when: fc.constantFrom<Death['when'][]>('before', 'after'),
  });
  const story = fc.constantFrom(...Object.values(STORIES));

  test('come to the same end', async () => {
    await fc.assert(
      fc.asyncProperty(story, fc.array(death, { minLength: 2, maxLength: 4 }), async (played, deaths) => {
        await check(played, deaths);
      }),
      { numRuns: 60 },
    );
  });
});
