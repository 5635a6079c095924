import { cpus } from 'node:os';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { createWorkMeter } from './work-meter.ts';

/** What the one process that plays all clients did: for the twin to play again, and for a reader to judge the run by. */
export type ClientLoad = {
  /** When each instance sent its first request to the vault, ms after the start; those that sent none are left out. */
  startsMs: number[];
  /** Time of the process for a sending or a receiving, ms, for each `PIECE_MS` of the run. */
  halfMs: number[];
  /** How late the event loop was, ms. */
  loopDelayMs: { p50: number; p99: number; max: number };
  /** Part of the run in which the event loop was busy, 0 to 1. */
  utilisation: number;
};

/** Of the loop's timer; what it reports is this and the delay. */
const RESOLUTION_MS = 10;

export type Meter = {
  /** The same client, watched. */
  watch(inner: HttpClient, instance: number): HttpClient;
  begin(): void;
  end(): ClientLoad;
};

/** Watches the client process of a run; `vaultHost` tells the vault's requests from the store's. */
export function createMeter(vaultHost: string): Meter {
  const starts = new Map<number, number>();
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let startedAt = 0;
  let loopAtStart = performance.eventLoopUtilization();
  let halves = 0;
  const work = createWorkMeter(() => halves);
  const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);

  return {
    watch: (inner, instance) => ({
      async sendRequest(request) {
        halves++;
        if (!starts.has(instance) && new URL(request.url).host === vaultHost)
          starts.set(instance, performance.now() - startedAt);
        try {
          return await inner.sendRequest(request);
        } finally {
          halves++;
        }
      },
    }),
    begin() {
      delay.enable();
      starts.clear();
      startedAt = performance.now();
      loopAtStart = performance.eventLoopUtilization();
      work.begin();
    },
    end() {
      delay.disable();
      return {
        startsMs: [...starts.values()].sort((a, b) => a - b),
        halfMs: work.end(),
        loopDelayMs: { p50: late(delay.percentile(50)), p99: late(delay.percentile(99)), max: late(delay.max) },
        utilisation: performance.eventLoopUtilization(loopAtStart).utilization,
      };
    },
  };
}

/** Processor time that all programs of this machine have used since it started, ms. */
export function machineBusyMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.sys + times.nice + times.irq, 0);
}
