import { createGate, type VaultLimit } from '../../simulation/limit.ts';
import { lognormal, type Random, seededRandom } from '../../simulation/random.ts';
import { createSchedule } from '../../simulation/schedule.ts';

/** Decides when one instance sends; the transport and the clock are simulated. */
export type Sender = {
  nextAt(now: number, waiting: number): number;
  send(now: number): unknown;
  served(ticket: never, now: number): void;
  refused(ticket: never, now: number, retryAfterMs: number | null): 'again' | 'give-up';
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
  /** Processor time of a request on the one machine that plays all clients, ms; 0 when each has its own. */
  clientMs?: number;
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
  const random = seededRandom(fleet.seed, 'starts');
  const wave = (afterMs: number) => Array.from({ length: fleet.instances }, () => afterMs + random() * fleet.spreadMs);
  return [...wave(0), ...(fleet.secondWaveAfterMs === undefined ? [] : wave(fleet.secondWaveAfterMs))];
}

/** Plays a fleet start in virtual time. */
export function playFleet(fleet: FleetCase, createSender: (random: Random) => Sender): FleetResult {
  const schedule = createSchedule(0);
  const admits = createGate(fleet.limit);
  const latency = seededRandom(fleet.seed, 'latency');
  const readyMs: number[] = [];
  const firstWaveReadyMs: number[] = [];
  const costMs = fleet.clientMs ?? 0;
  let freeAt = 0;
  /** When the shared processor is through with half a request: the sending or the answer. */
  const work = (): number => {
    freeAt = Math.max(freeAt, schedule.now()) + costMs / 2;
    return freeAt;
  };
  let served = 0;
  let refused = 0;
  let gaveUp = 0;

  for (const [index, startMs] of startTimes(fleet).entries()) {
    const sender = createSender(seededRandom(fleet.seed, `sender ${index}`));
    let unsent = fleet.secrets;
    let unanswered = 0;
    let planned = 0;
    let over = false;

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
        const way = lognormal(latency, fleet.latencyMs / 2, 0.3);
        schedule.at(work() + way, () => {
          const ok = admits(schedule.now());
          if (ok) served++;
          else refused++;
          const answer = (): void => {
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
          const back = lognormal(latency, fleet.latencyMs / 2, 0.3);
          schedule.at(schedule.now() + back, () => (costMs === 0 ? answer() : schedule.at(work(), answer)));
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
