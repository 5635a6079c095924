import type { Evidence } from '../../../shared/model.ts';
import { between, exponential, type Random, seededRandom } from '../../../simulation/random.ts';
import { type Asked, FROM, gatherFrom, line, withFiles } from '../evidence/kit.ts';

/** What one process does next: wait, or ask and be told the status. */
type Step = { waitS: number } | Omit<Asked, 'at'>;
export type Process = Generator<Step, void, number>;

/** Requests that the vault of these tests admits in any 10 s: few, so that the logs are short. */
const ADMITS = 150;
const ROUND_TRIP_S = 0.02;
const ADVISED_WAITS_S = [1, 2, 4, 8, 16];
/** Of the log, against `FROM`: an hour and more before the window, and the window itself. */
const LOG_FROM_S = -4_000;
const TO_S = 1_200;

/** Lets processes run against one limit until the log ends, and gives their requests as exported lines. */
function play(processes: readonly Process[], admits = ADMITS): string[] {
  const lines: string[] = [];
  const running = processes.map((process, order) => ({ at: LOG_FROM_S, order, process, status: 0 }));
  const served: number[] = [];
  let oldest = 0;
  for (;;) {
    running.sort((a, b) => a.at - b.at || a.order - b.order);
    const [next] = running;
    if (next === undefined || next.at >= TO_S) return lines;
    const { done, value: step } = next.process.next(next.status);
    if (done === true) running.shift();
    else if ('waitS' in step) next.at += step.waitS;
    else {
      while ((served[oldest] ?? next.at) <= next.at - 10) oldest++;
      const named = step.operation !== 'Authentication';
      const admitted = !named || served.length - oldest < admits;
      if (named && admitted) served.push(next.at);
      next.status = admitted ? Number(step.status ?? (named ? 200 : 401)) : 429;
      lines.push(line({ ...step, at: next.at, status: next.status }));
      next.at += ROUND_TRIP_S;
    }
  }
}

/** What the log of these processes says about the last twenty minutes, through the real database. */
export async function evidenceOf(processes: readonly Process[], admits = ADMITS): Promise<Evidence> {
  const lines = play(processes, admits);
  return withFiles({ 'log.json': `${lines.join('\n')}\n` }, (folder) =>
    gatherFrom([folder], { from: FROM, to: new Date(Date.parse(FROM) + TO_S * 1000).toISOString() }),
  );
}

type Shape = {
  appId: string;
  instances: number;
  secrets: number;
  /** Instances that share one address, as behind a gateway; default 1. */
  perAddress?: number;
  /** Status of every answer that the limit lets through; default 200. */
  status?: number;
  /** Seconds after `FROM`; default: before the log begins. */
  fromS?: number;
};

/** Everything that an instance knows about itself. */
type Self = { appId: string; address: string; secrets: readonly string[]; status: number; random: Random };

function instances(shape: Shape, live: (self: Self) => Process): Process[] {
  const secrets = Array.from({ length: shape.secrets }, (_, index) => `${shape.appId}-${index}`);
  return Array.from({ length: shape.instances }, (_, index) => {
    const host = Math.floor(index / (shape.perAddress ?? 1));
    const random = seededRandom(index, shape.appId);
    const self = {
      appId: shape.appId,
      address: `${shape.appId}.${host}`,
      secrets,
      status: shape.status ?? 200,
      random,
    };
    return from(shape.fromS ?? LOG_FROM_S, live(self));
  });
}

function* from(startS: number, life: Process): Process {
  yield { waitS: startS - LOG_FROM_S };
  yield* life;
}

function* read({ appId, address, status }: Self, secret: string): Generator<Step, boolean, number> {
  for (const waitS of [...ADVISED_WAITS_S, null]) {
    if ((yield { appId, address, secret, status }) !== 429) return true;
    if (waitS !== null) yield { waitS };
  }
  return false;
}

/** The 401 that a new client draws; without `followed` its token never comes. */
function challenge({ address, secrets }: Self, secret = secrets[0] ?? 'none'): Step {
  return { appId: null, address, secret, operation: 'Authentication' };
}

/** The whole set in order, on and on; `everyS` from the end of one run to the start of the next. */
export function loop(
  shape: Shape & { everyS: number; jitter?: number; fresh: boolean; runs?: number; phaseS?: number },
): Process[] {
  return instances(shape, function* (self): Process {
    yield { waitS: self.random() * (shape.phaseS ?? shape.everyS) };
    for (let run = 0; run < (shape.runs ?? Number.POSITIVE_INFINITY); run++) {
      if (shape.fresh) yield challenge(self);
      for (const secret of self.secrets) yield* read(self, secret);
      const jitter = shape.jitter ?? 0.02;
      yield { waitS: shape.everyS * between(self.random, 1 - jitter, 1 + jitter) };
    }
  });
}

/** Each secret refreshed on its own time: what a cache does. */
export function cached(shape: Shape & { ttlS: number }): Process[] {
  return Array.from({ length: shape.secrets }, (_, index) =>
    instances({ ...shape, secrets: 1 }, function* (self): Process {
      const secret = `${shape.appId}-${index}`;
      const random = seededRandom(index, `${self.address} ${secret}`);
      yield { waitS: random() * shape.ttlS };
      for (;;) {
        yield* read(self, secret);
        yield { waitS: shape.ttlS * between(random, 0.9, 1.1) };
      }
    }),
  ).flat();
}

/** The set read for each piece of work, which comes at random; `fresh`: by a new client for each read. */
export function work(shape: Shape & { everyS: number; fresh: boolean }): Process[] {
  return instances(shape, function* (self): Process {
    for (;;) {
      yield { waitS: exponential(self.random, shape.everyS) };
      for (const secret of self.secrets) {
        if (shape.fresh) yield challenge(self, secret);
        yield* read(self, secret);
      }
    }
  });
}

/** Cached reads that stop while tokens fail: each try draws a 401 and goes no further; then everything is read at once. */
function outage(shape: Shape & { ttlS: number; failsAtS: number; backAtS: number }): Process[] {
  return instances(shape, function* (self): Process {
    let at = LOG_FROM_S;
    const wait = (waitS: number): Step => {
      at += waitS;
      return { waitS };
    };
    yield wait(self.random() * shape.ttlS);
    for (;;) {
      for (const secret of self.secrets) {
        if (at < shape.failsAtS) yield* read(self, secret);
        yield wait(shape.ttlS / self.secrets.length);
        while (at >= shape.failsAtS && at < shape.backAtS) {
          yield challenge(self, secret);
          yield wait(Math.min(15, shape.backAtS - at));
        }
        if (at >= shape.backAtS) {
          yield challenge(self);
          for (const each of self.secrets) yield* read(self, each);
          return;
        }
      }
    }
  });
}

/** Two applications that cache and stay far below the limit. */
export function background(): Process[] {
  return [
    ...cached({ appId: 'cached-a', instances: 4, secrets: 5, ttlS: 120 }),
    ...cached({ appId: 'cached-b', instances: 2, secrets: 3, ttlS: 60 }),
  ];
}

export function restartingFleet(shape: Partial<Shape> = {}): Process[] {
  return loop({ appId: 'app', instances: 10, secrets: 40, everyS: 60, fresh: true, fromS: 400, phaseS: 8, ...shape });
}

export function pollingFleet(shape: Partial<Shape & { everyS: number; jitter: number; phaseS: number }>): Process[] {
  return loop({ appId: 'app', instances: 12, secrets: 30, everyS: 120, fresh: false, phaseS: 5, ...shape });
}

export function failingFleet(shape: Partial<Shape> = {}): Process[] {
  return work({ appId: 'app', instances: 8, secrets: 2, everyS: 0.7, fresh: false, status: 403, fromS: 600, ...shape });
}

export function clientPerCallFleet(shape: Partial<Shape> = {}): Process[] {
  return work({ appId: 'app', instances: 12, secrets: 3, everyS: 1.5, fresh: true, fromS: 600, ...shape });
}

/** Three applications whose tokens cannot be renewed for three minutes. */
export function outageFleet(): Process[] {
  return ['app-a', 'app-b', 'app-c'].flatMap((appId) =>
    outage({ appId, instances: 10, secrets: 12, ttlS: 60, failsAtS: 300, backAtS: 500 }),
  );
}
