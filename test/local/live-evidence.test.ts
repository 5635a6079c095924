import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Local, startLocal } from '../../local/server.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import type { IncidentRecord } from '../../shared/incidents/record.ts';
import { incidentKey } from '../../shared/pipeline/keys.ts';
import { watch } from '../../shared/pipeline/watch.ts';
import type { Clock } from '../../shared/ports.ts';
import { type LogsFault, NO_ACCESS, throttled } from '../../simulation/servers/log-analytics-protocol.ts';
import { collectingLog } from '../kit.ts';
import { folderForTest } from '../shared/adapters/folder.ts';
import { configOf } from '../shared/config/kit.ts';
import { type FakeChat, fakeChat } from '../shared/pipeline/chat.ts';
import { azureAlert } from '../shared/pipeline/kit.ts';
import { type Arrival, ask, LATE, type LiveAzure, startLiveAzure, storm } from './live-azure.ts';

const MEMORY = { HEADROOM_RECORDS: 'memory', HEADROOM_QUEUE: 'memory', HEADROOM_PAYLOADS: 'memory' };
const MINUTE_MS = 60_000;
/** Generous: each question is run by an interpreter, on a machine that is busy with other tests. */
const WAIT = { timeout: 60_000, interval: 10 };

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  vi.unstubAllEnvs();
});

type World = {
  azure: LiveAzure;
  local: Local;
  chat: FakeChat;
  /** The first message as it was posted. */
  firstMessage(): string;
  /** Moves the time so many minutes after the alert, has the minute's watch run, and waits until the run of that minute is done. */
  reach(minutes: number): Promise<void>;
  incident(): Promise<IncidentRecord>;
  message(): string;
  /** From now on waits take their time. */
  calm(): void;
};

type Setting = {
  arrival?: Arrival;
  prepare?: (azure: LiveAzure) => void;
  /** Of every answer from outside. */
  delayMs?: number;
  /** So many times as fast do waits pass. */
  hurry?: number;
};

/** An alert of the storm, sent to the local runtime, once it has been diagnosed for the first time. */
async function alerted({ arrival = LATE, prepare, delayMs = 0, hurry: hurried = 1 }: Setting = {}): Promise<World> {
  let aheadMs = 0;
  let hurry = hurried;
  const clock: Clock = {
    now: () => systemClock.now() + aheadMs,
    sleep: (ms, signal) => systemClock.sleep(ms / hurry, signal),
  };
  const alertAtMs = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS - 5_000;
  const azure = await startLiveAzure({ folder: folderForTest(), now: clock.now, delayMs: () => delayMs });
  open.push(azure);
  ask(azure, storm(), { alertAtMs, arrival });
  prepare?.(azure);
  for (const [name, value] of Object.entries(azure.identity)) vi.stubEnv(name, value);
  const posted: string[] = [];
  const chat = fakeChat();
  const post = chat.post.bind(chat);
  chat.post = async (rendered, signal) => {
    await systemClock.sleep(delayMs, signal);
    posted.push(String(rendered.body));
    return post(rendered, signal);
  };
  const local = await startLocal(configOf({ ...MEMORY, ...azure.environment }), {
    host: '127.0.0.1',
    port: 0,
    log: collectingLog(),
    out: () => undefined,
    colour: false,
    workers: { concurrency: 4, visibilityMs: 120_000, idleMs: 5 },
    senders: [chat],
    clock,
  });
  open.unshift(local);
  const answer = await fetch(`${local.url}/api/alerts/azure`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(azureAlert({ firedAt: new Date(alertAtMs).toISOString() })),
  });
  const { incident: id } = (await answer.json()) as { incident: string };
  const incident = async (): Promise<IncidentRecord> => {
    const stored = await local.deps.records.get<IncidentRecord>(incidentKey(id));
    if (!stored) throw new Error('there is no incident yet');
    return stored.value;
  };
  const told = async (): Promise<void> => {
    await vi.waitFor(async () => expect((await incident()).effects.map(({ state }) => state)).toEqual(['sent']), WAIT);
  };
  await vi.waitFor(async () => expect((await incident()).diagnosedAt).toBeDefined(), WAIT);
  await told();
  return {
    azure,
    local,
    chat,
    firstMessage: () => inOneLine(posted[0] ?? ''),
    incident,
    message: () => inOneLine(chat.standing[0]?.body ?? ''),
    calm: () => {
      hurry = 1;
    },
    async reach(minutes) {
      // A run that no queue message brings is taken up by the watch a minute later.
      aheadMs = Math.max(aheadMs, alertAtMs + (minutes + 1) * MINUTE_MS + 20_000 - systemClock.now());
      await watch(local.deps);
      await vi.waitFor(async () => expect((await incident()).runs.done).toContain(minutes), WAIT);
      await told();
    },
  };
}

/** Without the line breaks of a terminal. */
function inOneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

function percentOf(message: string): number {
  return Number(/Rests on (\d+) %/.exec(message)?.[1] ?? Number.NaN);
}

async function causesOf(world: World): Promise<string[]> {
  return (await world.incident()).findings.map(({ kind, verdict, caller }) => `${kind} of ${caller?.id}: ${verdict}`);
}

describe('late logs', () => {
  test('firm the answer up in one message, whose edits say what part of the load they rest on', async () => {
    const world = await alerted();
    const percents = [percentOf(world.message())];
    const causes = [await causesOf(world)];
    for (const minutes of [1, 3, 6, 10]) {
      await world.reach(minutes);
      percents.push(percentOf(world.message()));
      causes.push(await causesOf(world));
    }
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    expect(percents[0]).toBeLessThan(80);
    expect(causes[0]?.filter((cause) => cause.endsWith('confirmed'))).toEqual([]);
    expect(percents.at(-1)).toBeGreaterThanOrEqual(95);
    expect(causes.at(-1)?.[0]).toBe('missing-cache of app-a: confirmed');
    expect(world.message()).toContain('missing cache');
    expect(world.chat.standing).toHaveLength(1);
    expect(world.azure.logs.failures).toEqual([]);
    // Nothing is left to come: the run at 20 min is not needed.
    expect((await world.incident()).runs).toEqual({ planned: [1, 3, 6, 10], done: [1, 3, 6, 10], dropped: [20] });
  });

  test('leave the first message to what metrics count and who led the last hour, marked as history', async () => {
    const world = await alerted({ prepare: leadTheLastHour });
    expect(world.firstMessage()).toContain('Azure Monitor counts');
    expect(world.firstMessage()).toContain('requests per minute');
    expect(world.firstMessage()).toMatch(/History, not this incident yet: from .* most was asked by .*app-h/);
  });
});

/** Somebody else asked most in the last complete hour. */
function leadTheLastHour(azure: LiveAzure): void {
  const hourMs = 3_600_000;
  const startMs = Math.floor(systemClock.now() / hourMs) * hourMs - hourMs;
  const requests = Array.from({ length: 400 }, (_, nth) => ({
    at: nth,
    appId: 'app-h',
    address: '10.0.0.9',
    secret: `h${nth}`,
  }));
  ask(azure, requests, { alertAtMs: startMs, arrival: () => 0 });
}

/** How long it takes is measured by `npm run bench:first-message`. */
describe('the first message', () => {
  test('says what metrics count also where everything outside takes its time', async () => {
    const world = await alerted({ delayMs: 50 });
    expect(world.firstMessage()).toContain('Azure Monitor counts');
  });

  test('waits for nothing that does not come', async () => {
    const world = await alerted({
      hurry: 20,
      prepare: ({ logs, metrics }) => {
        logs.weather.next = () => 'hang';
        metrics.weather.next = () => ({ hang: 'before' });
      },
    });
    expect(world.firstMessage()).not.toBe('');
    expect(world.firstMessage()).not.toContain('Azure Monitor counts');
    expect(world.message()).toContain('did not answer');
  });
});

describe('a log store', () => {
  const settled: Arrival = () => 0;

  test.each<[string, LogsFault, string]>([
    ['refuses us', NO_ACCESS, 'missing role Log Analytics Reader'],
    ['asks for time', throttled(), 'refused to answer for now'],
    ['holds no log of the vault', { status: 204 }, 'az monitor diagnostic-settings create'],
    ['is down', 'cut', 'could not be read'],
    ['goes silent halfway through its answer', 'half-open', 'did not answer in time'],
  ])(
    'that %s keeps no message back: it says so, shows what metrics count, and is completed later',
    async (_what, fault, words) => {
      let isFailing = true;
      const world = await alerted({
        arrival: settled,
        hurry: 8,
        prepare: ({ logs }) => {
          logs.weather.next = () => (isFailing ? fault : undefined);
        },
      });
      expect(world.message()).toContain(words);
      expect(world.message()).toContain('Azure Monitor counts');
      expect(world.message()).toContain('requests per minute');
      expect(await causesOf(world)).toEqual([]);
      isFailing = false;
      world.calm();
      await world.reach(1);
      expect((await causesOf(world))[0]).toBe('missing-cache of app-a: confirmed');
      expect(world.message()).not.toContain(words);
      expect(world.chat.standing).toHaveLength(1);
    },
  );
});
