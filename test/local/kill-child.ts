/**
 * One process of the local server, which kills itself at the point named in KILL_AT, by a clock that is BEHIND_MS behind. Its
 * URL is its first line.
 */
import { startLocal } from '../../local/server.ts';
import { startTimer } from '../../local/timer.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { readConfig } from '../../shared/config.ts';
import { DEFAULT_TIMING } from '../../shared/pipeline/deps.ts';
import { type WatchDeps, watch } from '../../shared/pipeline/watch.ts';
import type { Queue, QueueDelivery, Records } from '../../shared/ports.ts';
import { collectingLog } from '../kit.ts';
import { isPostRecorded, KILL_POINTS, type KillPoint } from './kill-points.ts';

const { KILL_AT, BEHIND_MS = '0', ...given } = process.env;
const environment = Object.fromEntries(Object.entries(given).filter(([name]) => name.startsWith('HEADROOM_')));
const read = readConfig({ environment, cloud: 'local' });
if (!read.ok) throw new Error(JSON.stringify(read.problems));

/** The inbox is swept early, so that workers get into each other's way. Leases are those of production. */
const TIMING = { ...DEFAULT_TIMING, sweepAfterMs: 300 };
const WORKERS = { concurrency: 4, visibilityMs: 120_000, idleMs: 20 };
const WATCH_EVERY_MS = 250;
const CLOCK = { ...systemClock, now: () => systemClock.now() - Number(BEHIND_MS) };

/** Whether this process has recorded that the first message stands. */
let hasRecordedPost = false;

const point = KILL_AT === undefined ? undefined : KILL_POINTS[KILL_AT];
const local = await startLocal(read.config, {
  host: '127.0.0.1',
  port: 0,
  log: collectingLog(),
  out: () => undefined,
  colour: false,
  timing: TIMING,
  workers: WORKERS,
  clock: CLOCK,
  wrap: (deps) => (point ? mortal(deps, point) : deps),
});
startTimer(() => watch(local.deps), { everyMs: WATCH_EVERY_MS, log: collectingLog() });
// The server's own timers alone would not keep a process alive that has nothing to serve.
setInterval(() => undefined, 60_000);
process.stdout.write(`${local.url}\n`);

function mortal(deps: WatchDeps, at: KillPoint): WatchDeps {
  return {
    ...deps,
    records: watched(noting(deps.records), 'records', at),
    payloads: watched(deps.payloads, 'payloads', at),
    queue: mortalQueue(deps.queue, at),
    senders: deps.senders.map((sender) => watched(sender, 'chat', at)),
  };
}

function noting(records: Records): Records {
  return {
    ...records,
    async put(key, value, expected) {
      const revision = await records.put(key, value, expected);
      hasRecordedPost ||= revision !== 'conflict' && isPostRecorded(key, value);
      return revision;
    },
  };
}

function mortalQueue(queue: Queue, at: KillPoint): Queue {
  const mine = watched(queue, 'queue', at);
  return {
    send: (message, options) => mine.send(message, options),
    depth: () => mine.depth(),
    dead: (limit) => mine.dead(limit),
    async receive(options) {
      const deliveries = await mine.receive(options);
      return deliveries.map((delivery): QueueDelivery => watched(delivery, 'delivery', at));
    },
  };
}

function watched<P extends object>(port: P, name: string, at: KillPoint): P {
  if (name !== at.port) return port;
  return new Proxy(port, {
    get(target, method) {
      const member: unknown = Reflect.get(target, method);
      if (typeof member !== 'function' || method !== at.method) return member;
      return async (...asked: unknown[]): Promise<unknown> => {
        if (at.when === 'before' && isMatch(at, asked, undefined)) die();
        const result: unknown = await Reflect.apply(member, target, asked);
        if (at.when === 'after' && isMatch(at, asked, result)) die();
        return result;
      };
    },
  });
}

function isMatch(at: KillPoint, asked: readonly unknown[], result: unknown): boolean {
  if (at.posted && !hasRecordedPost) return false;
  return at.matches === undefined || at.matches(asked, result);
}

/** The signal needs a moment to arrive; not one more instruction of the flow is run meanwhile. */
function die(): never {
  process.kill(process.pid, 'SIGKILL');
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
