/**
 * Loaded before a command (`node --import`): its clock and its intervals go FAST_TIME_SPEED times as fast as the real ones since
 * FAST_TIME_SINCE, so that processes which are started one after the other tell the same time. How long work may take stays as
 * it is in real time, leases and the sleeps that deadlines are made of: a machine that is busy is no dead worker, and an answer
 * that comes a second late is not lost.
 */
import { WORKERS } from '../../local/workers.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { DEFAULT_TIMING } from '../../shared/pipeline/deps.ts';
import { fastClock } from './fast-clock.ts';

const { FAST_TIME_SPEED, FAST_TIME_SINCE } = process.env;
const speed = Number(FAST_TIME_SPEED);

Object.assign(systemClock, { now: fastClock(speed, Number(FAST_TIME_SINCE)).now });
Object.assign(DEFAULT_TIMING, { leaseMs: DEFAULT_TIMING.leaseMs * speed });
Object.assign(WORKERS, { visibilityMs: WORKERS.visibilityMs * speed });

const { setInterval: every } = globalThis;
globalThis.setInterval = Object.assign((run: () => void, ms: number) => every(run, ms / speed), every);
