import { cpus } from 'node:os';
import { type EventLoopUtilization, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { PIECE_MS } from './transport.ts';

/** What the one process that plays all clients did: for the twin to play again, and for a reader to judge the run by. */
export type ClientLoad = {
  /** When each instance sent its first request to the vault, ms after the start; those that sent none are left out. */
  startsMs: number[];
  /** Time of the process for one HTTP exchange, ms, for each `PIECE_MS` of the run. */
  exchangeMs: number[];
  /** How late the event loop was, ms. */
  loopDelayMs: { p50: number; p99: number; max: number };
  /** Part of the run in which the event loop was busy, 0 to 1. */
  utilisation: number;
};

/** Of the loop's timer; what it reports is this and the delay. */
const RESOLUTION_MS = 10;
/** Fewer exchanges in a piece tell nothing of what one costs. */
const EXCHANGES_MIN = 10;

export type Meter = {
  /** The same client, watched. */
  watch(inner: HttpClient, instance: number): HttpClient;
  begin(): void;
  end(): ClientLoad;
};

/** Watches the client process of a run; `vaultHost` tells the vault's requests from the store's. */
export function createMeter(vaultHost: string): Meter {
  const starts = new Map<number, number>();
  const pieces: { activeMs: number; exchanges: number }[] = [];
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let startedAt = 0;
  let atStart: EventLoopUtilization = performance.eventLoopUtilization();
  let mark = atStart;
  let markAt = 0;
  let exchanges = 0;

  const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  const elapsed = (): number => performance.now() - startedAt;
  /** What was used since the last mark is spread over the pieces since. */
  const settle = (now: number): void => {
    const used = performance.eventLoopUtilization(mark).active;
    const first = Math.floor(markAt / PIECE_MS);
    const last = Math.floor(now / PIECE_MS);
    for (let piece = first; piece <= last; piece++) {
      const span = Math.min(now, (piece + 1) * PIECE_MS) - Math.max(markAt, piece * PIECE_MS);
      const entry = pieces[piece] ?? { activeMs: 0, exchanges: 0 };
      pieces[piece] = entry;
      entry.activeMs += (used * span) / Math.max(1, now - markAt);
      entry.exchanges += (exchanges * span) / Math.max(1, now - markAt);
    }
    mark = performance.eventLoopUtilization();
    markAt = now;
    exchanges = 0;
  };

  return {
    watch: (inner, instance) => ({
      async sendRequest(request) {
        const now = elapsed();
        if (!starts.has(instance) && new URL(request.url).host === vaultHost) starts.set(instance, now);
        try {
          return await inner.sendRequest(request);
        } finally {
          exchanges++;
          if (elapsed() - markAt >= PIECE_MS / 4) settle(elapsed());
        }
      },
    }),
    begin() {
      delay.enable();
      startedAt = performance.now();
      atStart = performance.eventLoopUtilization();
      mark = atStart;
    },
    end() {
      settle(elapsed());
      delay.disable();
      const all = pieces.reduce((sum, entry) => ({
        activeMs: sum.activeMs + entry.activeMs,
        exchanges: sum.exchanges + entry.exchanges,
      }));
      const meanMs = all.activeMs / Math.max(1, all.exchanges);
      return {
        startsMs: [...starts.values()].sort((a, b) => a - b),
        exchangeMs: pieces.map((entry) =>
          entry.exchanges < EXCHANGES_MIN ? meanMs : entry.activeMs / entry.exchanges,
        ),
        loopDelayMs: { p50: late(delay.percentile(50)), p99: late(delay.percentile(99)), max: late(delay.max) },
        utilisation: performance.eventLoopUtilization(atStart).utilization,
      };
    },
  };
}

/** Processor time that all programs of this machine have used since it started, ms. */
export function machineBusyMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.sys + times.nice + times.irq, 0);
}
