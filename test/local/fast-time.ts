/**
 * Loaded before a command (`node --import`): its clock and its timers go FAST_TIME_SPEED times as fast as the real ones since
 * FAST_TIME_SINCE, so that processes which are started one after the other tell the same time.
 */
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { fastClock } from './fast-clock.ts';

const { FAST_TIME_SPEED, FAST_TIME_SINCE } = process.env;
const speed = Number(FAST_TIME_SPEED);

Object.assign(systemClock, fastClock(speed, Number(FAST_TIME_SINCE)));

const { setInterval: every } = globalThis;
globalThis.setInterval = Object.assign((run: () => void, ms: number) => every(run, ms / speed), every);
