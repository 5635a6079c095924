import { describe, expect, test } from 'vitest';
import { createPacer, type Pacer } from '../../../shared/pacing/pacer.ts';
import { createGate } from '../../../simulation/limit.ts';
import { seededRandom } from '../../../simulation/random.ts';

const WINDOW_MS = 10_000;

describe('processes that never stop asking', () => {
  type Peer = { pacer: Pacer; next: number; served: number[] };

  /** Plays `peers` with endless work; the limit changes at `stepMs`. Returns requests served per window, and each peer's. */
  function playForever(peers: number, before: number, after: number, stepMs: number, endMs: number, counts: boolean) {
    const limitNow = { requests: before, windowMs: WINDOW_MS, shape: 'sliding' as const, countsRefused: counts };
    const admits = createGate(limitNow);
    // The gate reads its numbers once, so a step is a second gate that has seen the same traffic.
    const admitsLater = createGate({ ...limitNow, requests: after });
    const all: Peer[] = Array.from({ length: peers }, (_, i) => ({
      pacer: createPacer({ random: seededRandom(11, `${i}`) }),
      next: i * 37,
      served: [],
    }));
    const total: number[] = [];
    for (;;) {
      let peer: Peer | undefined;
      for (const candidate of all) if (peer === undefined || candidate.next < peer.next) peer = candidate;
      if (peer === undefined || peer.next > endMs) break;
      const now = peer.next;
      const at = peer.pacer.nextAt(now, 1_000_000);
      if (at > now) {
        peer.next = at;
        continue;
      }
      const ticket = peer.pacer.send(now);
      const ok = now < stepMs ? admits(now) : admitsLater(now);
      if (ok) {
        const window = Math.floor(now / WINDOW_MS);
        total[window] = (total[window] ?? 0) + 1;
        peer.served[window] = (peer.served[window] ?? 0) + 1;
        peer.pacer.served(ticket, now + 20);
      } else peer.pacer.refused(ticket, now + 20, null);
      peer.next = now + 20;
    }
    return { total, all };
  }

  function jain(all: Peer[], from: number, to: number): number {
    const shares = all.map((peer) => peer.served.slice(from, to).reduce((sum, n) => sum + (n ?? 0), 0));
    const sum = shares.reduce((a, b) => a + b, 0);
    return (sum * sum) / (shares.length * shares.reduce((a, b) => a + b * b, 0));
  }

  function meanServed(total: number[], from: number, to: number): number {
    return total.slice(from, to).reduce((sum, n) => sum + (n ?? 0), 0) / (to - from);
  }

  test.each([
    ['10 peers, the limit doubles', 10, 100, 200, false],
    ['10 peers, the limit doubles, 429s counted', 10, 100, 200, true],
    ['20 peers, the limit halves', 20, 400, 200, false],
    ['50 peers, the limit doubles', 50, 500, 1_000, false],
    ['5 peers, the limit halves', 5, 2_000, 1_000, true],
  ])('converge to equal shares and to 90 percent of the limit: %s', (_what, peers, before, after, counts) => {
    const { total, all } = playForever(peers, before, after, 2_000_000, 4_000_000, counts);
    expect(jain(all, 100, 200)).toBeGreaterThanOrEqual(0.9);
    expect(jain(all, 300, 400)).toBeGreaterThanOrEqual(0.9);
    expect(meanServed(total, 240, 260) / after).toBeGreaterThanOrEqual(0.9);
  });
});
