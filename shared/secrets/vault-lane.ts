import { fullJitterMs } from '../pacing/backoff.ts';
import { type Breaker, type BreakerState, createBreaker } from '../pacing/breaker.ts';
import { createPacer, type Pacer } from '../pacing/pacer.ts';
import type { Random } from '../pacing/random.ts';
import { createAlarm, type Timing } from './clock.ts';
import type { Telemetry } from './telemetry.ts';
import type { ReadVault, VaultAnswer } from './vault-client.ts';

/** `critical`: somebody waits for it. `background`: refresh ahead. They have places of their own. */
export type Urgency = 'critical' | 'background';

export type Settled = Exclude<VaultAnswer, { kind: 'throttled' }>;

/** All calls to one vault: one pacer, one breaker, one client. */
export type VaultLane = {
  origin: string;
  /** Waits for its turn, as long as the vault only throttles; at most 10 min. Never rejects. */
  read(name: string, version: string | undefined, urgency: Urgency): Promise<Settled>;
  breaker(): BreakerState;
  /** When a call may succeed again after a failure, epoch ms; in the past while nothing is broken. */
  retryAt(): number;
  ratePerSecond(): number | null;
  /** Ceiling of this process, requests a second. */
  limit(maxPerSecond: number | null): void;
  /** Nothing waits, nothing is under way. */
  isIdle(): boolean;
  close(): void;
};

type Job = {
  name: string;
  version: string | undefined;
  urgency: Urgency;
  askedAt: number;
  attempt: number;
  settle: (answer: Settled) => void;
};

const PLACES: Record<Urgency, number> = { critical: 32, background: 2 };
const THROTTLE_PATIENCE_MS = 600_000;
const CRITICAL_ATTEMPTS = 4;
/** Key Vault counts in windows of this length. @see https://learn.microsoft.com/azure/key-vault/general/service-limits */
const WINDOW_MS = 10_000;
const CALL_TIMEOUT_MS = 30_000;
/** Shorter than a call's: the next probe waits behind it. */
const PROBE_TIMEOUT_MS = 10_000;
/** From one probe of a vault that is down to the next, its own time included; recovery takes at most this. */
export const VAULT_PROBE_MS = 60_000;

export function createVaultLane(
  origin: string,
  read: ReadVault,
  context: {
    timing: Timing;
    random: Random;
    telemetry: Telemetry;
    fleetSize: number | undefined;
    /** What the vault serves in 10 s; matters only with `fleetSize`. */
    requestsPer10Seconds: number;
    tokenBreaker: Breaker;
  },
): VaultLane {
  const { timing, random, telemetry } = context;
  const pacer: Pacer = createPacer({
    random,
    windowMs: WINDOW_MS,
    windowLimit: context.requestsPer10Seconds,
    ...(context.fleetSize === undefined ? {} : { fleetSize: context.fleetSize }),
  });
  const breaker: Breaker = createBreaker({
    random,
    failures: 5,
    probeAfterMs: 15_000,
    maxProbeAfterMs: VAULT_PROBE_MS - PROBE_TIMEOUT_MS,
  });
  const queues: Record<Urgency, Job[]> = { critical: [], background: [] };
  const active: Record<Urgency, number> = { critical: 0, background: 0 };
  let lastState: BreakerState = 'closed';
  let challenged = false; // the first call draws the challenge; until it is answered it goes alone
  let sleeping = 0; // jobs that wait for their next try
  let closed = false;
  // Background work alone must not keep the process alive; a waiting caller must.
  const alarm = createAlarm(
    timing.now,
    (ms, signal) => (queues.critical.length > 0 ? timing.sleep : timing.idle)(ms, signal),
    () => pump(),
  );

  const reportBreaker = (): void => {
    const state = breaker.state(timing.now());
    if (state !== lastState) telemetry.emit({ type: 'breaker', at: timing.now(), of: origin, state });
    lastState = state;
  };

  const nextJob = (): Job | undefined =>
    (['critical', 'background'] as const)
      .map((urgency) => (active[urgency] < PLACES[urgency] ? queues[urgency][0] : undefined))
      .find((job) => job !== undefined);

  const pump = (): void => {
    while (!closed) {
      const job = nextJob();
      if (job === undefined || (!challenged && active.critical + active.background > 0)) return;
      const now = timing.now();
      if (breaker.state(now) === 'open') {
        failAll(new Error('the vault failed repeatedly and is left alone for a while'));
        return;
      }
      const at = pacer.nextAt(now, queues.critical.length + queues.background.length);
      if (at > now) {
        if (at !== Number.POSITIVE_INFINITY) alarm.setAtMost(at);
        return;
      }
      const permit = breaker.ask(now);
      if (permit.kind === 'refuse') return; // half open: the probe's answer pumps again
      queues[job.urgency].shift();
      void send(job, now, permit.kind === 'probe' ? PROBE_TIMEOUT_MS : CALL_TIMEOUT_MS);
    }
  };

  const isIdle = (): boolean =>
    queues.critical.length + queues.background.length + active.critical + active.background + sleeping === 0;

  const failAll = (cause: Error): void => {
    for (const job of [...queues.critical.splice(0), ...queues.background.splice(0)])
      job.settle({ kind: 'unavailable', noToken: false, cause });
  };

  const send = async (job: Job, now: number, timeoutMs: number): Promise<void> => {
    const ticket = pacer.send(now);
    active[job.urgency]++;
    telemetry.waited(origin, (now - job.askedAt) / 1_000);
    telemetry.started(origin);
    const answer = await read(job.name, job.version, timeoutMs);
    const answeredAt = timing.now();
    active[job.urgency]--;
    telemetry.called(origin, (answeredAt - now) / 1_000, answer.kind);
    if (answer.kind === 'unavailable') {
      pacer.failed(ticket, answeredAt);
      if (answer.noToken) breaker.abandoned();
      else breaker.failed(answeredAt);
      retryOrGiveUp(job, answer);
    } else {
      challenged = true;
      breaker.succeeded(answeredAt);
      if (answer.kind === 'throttled') {
        pacer.refused(ticket, answeredAt, answer.retryAfterMs);
        telemetry.counters.throttled++;
        telemetry.emit({ type: 'throttled', at: answeredAt, vault: origin, retryAfterMs: answer.retryAfterMs });
        if (answeredAt - job.askedAt > THROTTLE_PATIENCE_MS) {
          job.settle({ kind: 'unavailable', noToken: false, cause: answer.cause });
        } else queues[job.urgency].unshift(job);
      } else {
        pacer.served(ticket, answeredAt);
        job.settle(answer);
      }
    }
    reportBreaker();
    pump();
  };

  const retryOrGiveUp = (job: Job, answer: Settled & { kind: 'unavailable' }): void => {
    job.attempt++;
    const again = job.urgency === 'critical' && job.attempt < CRITICAL_ATTEMPTS && !answer.noToken;
    if (!again || breaker.state(timing.now()) !== 'closed' || closed) {
      job.settle(answer);
      return;
    }
    sleeping++;
    const comeBack = (): void => {
      sleeping--;
      if (closed) job.settle(answer);
      else {
        queues[job.urgency].push(job);
        pump();
      }
    };
    timing.sleep(fullJitterMs(job.attempt - 1, random)).then(comeBack, comeBack);
  };

  return {
    origin,
    read(name, version, urgency) {
      return new Promise((settle) => {
        if (closed) settle({ kind: 'unavailable', noToken: false, cause: new Error('closed') });
        else {
          queues[urgency].push({ name, version, urgency, askedAt: timing.now(), attempt: 0, settle });
          // A caller who now waits behind a background alarm needs one that keeps the process alive.
          if (urgency === 'critical' && queues.critical.length === 1) alarm.cancel();
          pump();
        }
      });
    },
    breaker: () => breaker.state(timing.now()),
    retryAt: () => Math.max(breaker.retryAt(), context.tokenBreaker.retryAt()),
    ratePerSecond: pacer.ratePerSecond,
    limit(maxPerSecond) {
      pacer.limit(maxPerSecond);
      alarm.cancel();
      pump();
    },
    isIdle,
    close() {
      closed = true;
      alarm.cancel();
      failAll(new Error('closed'));
    },
  };
}
