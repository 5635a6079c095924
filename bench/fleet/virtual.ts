import { createGate, type VaultLimit } from '../../simulation/limit.ts';
import { type Random, seededRandom } from '../../simulation/random.ts';
import { createSchedule } from '../../simulation/schedule.ts';
import { createTransport } from './transport.ts';

/** Decides when one instance sends; the transport and the clock are simulated. */
export type Sender = {
  nextAt(now: number, waiting: number): number;
  send(now: number): unknown;
  served(ticket: never, now: number): void;
  refused(ticket: never, now: number, retryAfterMs: number | null): 'again' | 'give-up';
};

/**
 * One process that plays all clients and one that plays the vault. Each is a queue with one server: what a client sends
 * and what it hears waits its turn there, as in an event loop.
 */
export type Machine = {
  /** When each instance sent its first request, ms; the first is answered with a challenge, as in the real run. */
  startsMs: readonly number[];
  /** Time of the client process for a sending or a receiving, ms, for each `PIECE_MS` of the run; the last holds on. */
  clientHalfMs: readonly number[];
  /** The same of the vault's process. */
  vaultHalfMs: readonly number[];
};

export type FleetCase = {
  instances: number;
  secrets: number;
  /** Instances start uniformly over this long, ms. */
  spreadMs: number;
  limit: VaultLimit;
  retryAfterMs: number | null;
  seed: number;
  capMs: number;
  /** Median latency of the transport there and back, ms. */
  latencyMs: number;
  /** The machine of a real run, as measured; without it every client has a processor of its own. */
  machine?: Machine;
  /** A second wave of as many instances, this long after the first, ms. */
  secondWaveAfterMs?: number;
};

export type FleetResult = {
  ready: number;
  gaveUp: number;
  /** From the first start to the last ready instance, ms; null when not all became ready within the cap. */
  lastReadyMs: number | null;
  medianReadyMs: number | null;
  served: number;
  refused: number;
  /** Time that each instance became ready, ms, ascending. */
  readyMs: number[];
  /** The same of the first wave alone. */
  firstWaveReadyMs: number[];
};

/** The published behaviour in the conditions: 2,000 requests in any sliding 10 s. */
export function limitOf(requests: number, countsRefused: boolean): VaultLimit {
  return { requests, windowMs: 10_000, shape: 'sliding', countsRefused };
}

function startTimes(fleet: FleetCase): number[] {
  if (fleet.machine !== undefined) return [...fleet.machine.startsMs];
  const random = seededRandom(fleet.seed, 'starts');
  const wave = (afterMs: number) => Array.from({ length: fleet.instances }, () => afterMs + random() * fleet.spreadMs);
  return [...wave(0), ...(fleet.secondWaveAfterMs === undefined ? [] : wave(fleet.secondWaveAfterMs))];
}

/** Plays a fleet start in virtual time. */
export function playFleet(fleet: FleetCase, createSender: (random: Random) => Sender): FleetResult {
  const schedule = createSchedule(0);
  const admits = createGate(fleet.limit);
  const readyMs: number[] = [];
  const firstWaveReadyMs: number[] = [];
  const transport = createTransport(fleet, schedule);
  let served = 0;
  let refused = 0;
  let gaveUp = 0;

  for (const [index, startMs] of startTimes(fleet).entries()) {
    const sender = createSender(seededRandom(fleet.seed, `sender ${index}`));
    let unsent = fleet.secrets;
    let unanswered = 0;
    let planned = 0;
    let over = false;
    let first = true;

    const pump = (): void => {
      const mine = ++planned;
      while (!over && unsent > 0) {
        const now = schedule.now();
        const at = sender.nextAt(now, unsent);
        if (at === Number.POSITIVE_INFINITY) return;
        if (at > now) {
          schedule.at(at, () => {
            if (mine === planned) pump();
          });
          return;
        }
        const ticket = sender.send(now) as never;
        unsent--;
        unanswered++;
        const challenged = first && fleet.machine !== undefined;
        first = false;
        transport(challenged, () => {
          const ok = admits(schedule.now());
          if (ok) served++;
          else refused++;
          return () => {
            unanswered--;
            if (ok) sender.served(ticket, schedule.now());
            else if (sender.refused(ticket, schedule.now(), fleet.retryAfterMs) === 'give-up') {
              if (!over) gaveUp++;
              over = true;
            } else unsent++;
            if (!over && unsent === 0 && unanswered === 0) {
              readyMs.push(schedule.now());
              if (index < fleet.instances) firstWaveReadyMs.push(schedule.now());
            }
            pump();
          };
        });
      }
    };
    schedule.at(startMs, pump);
  }

  schedule.playUntil(fleet.capMs);
  readyMs.sort((a, b) => a - b);
  const everybody = readyMs.length === startTimes(fleet).length;
  return {
    ready: readyMs.length,
    gaveUp,
    lastReadyMs: everybody ? (readyMs.at(-1) ?? null) : null,
    medianReadyMs: readyMs[readyMs.length >> 1] ?? null,
    served,
    refused,
    readyMs,
    firstWaveReadyMs: firstWaveReadyMs.sort((a, b) => a - b),
  };
}

/** When an oracle that knows every start and the limit would have served everything, ms: the floor. */
export function floorMs(fleet: FleetCase): number {
  const { requests, windowMs } = fleet.limit;
  const times: number[] = [];
  for (const start of startTimes(fleet).sort((a, b) => a - b)) {
    for (let secret = 0; secret < fleet.secrets; secret++) {
      const index = times.length;
      const room = index < requests ? start : (times[index - requests] ?? 0) + windowMs;
      times.push(Math.max(start, room, times[index - 1] ?? 0));
    }
  }
  return (times.at(-1) ?? 0) + fleet.latencyMs;
}
