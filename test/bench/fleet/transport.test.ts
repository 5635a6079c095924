import { describe, expect, test } from 'vitest';
import { createTransport } from '../../../bench/fleet/transport.ts';
import { type FleetCase, limitOf, type Machine } from '../../../bench/fleet/virtual.ts';
import { PIECE_MS } from '../../../bench/fleet/work-meter.ts';
import { createSchedule } from '../../../simulation/schedule.ts';

/** Sends at these times; when the vault decided and when the client heard of it, ms. */
function play(machine: Machine, sentMs: number[], challenged: boolean): { decidedMs: number[]; heardMs: number[] } {
  const fleet: FleetCase = {
    instances: sentMs.length,
    secrets: 1,
    spreadMs: 0,
    limit: limitOf(2_000, false),
    retryAfterMs: null,
    seed: 1,
    capMs: 10_000,
    latencyMs: 0,
    machine,
  };
  const schedule = createSchedule(0);
  const transport = createTransport(fleet, schedule);
  const decidedMs: number[] = [];
  const heardMs: number[] = [];
  for (const at of sentMs)
    schedule.at(at, () =>
      transport(challenged, () => {
        decidedMs.push(schedule.now());
        return () => void heardMs.push(schedule.now());
      }),
    );
  schedule.playUntil(fleet.capMs);
  return { decidedMs, heardMs };
}

describe('the machine of the virtual twin', () => {
  test('a request costs the client and the vault a sending and a receiving each', () => {
    const machine = { startsMs: [0], clientHalfMs: [3], vaultHalfMs: [1] };
    expect(play(machine, [0], false)).toEqual({ decidedMs: [5], heardMs: [8] });
  });

  test('a first request is turned away once and sent again', () => {
    const machine = { startsMs: [0], clientHalfMs: [3], vaultHalfMs: [1] };
    expect(play(machine, [0], true)).toEqual({ decidedMs: [13], heardMs: [16] });
  });

  test('what comes together waits its turn', () => {
    const machine = { startsMs: [0, 0, 0], clientHalfMs: [10], vaultHalfMs: [0] };
    const { heardMs } = play(machine, [0, 0, 0], false);
    expect(heardMs).toEqual([40, 50, 60]);
  });

  test('costs are those of the piece in which they fall, the last piece holds on', () => {
    const machine = { startsMs: [], clientHalfMs: [1, 7], vaultHalfMs: [0] };
    const { heardMs } = play(machine, [0, PIECE_MS, 5 * PIECE_MS], false);
    expect(heardMs).toEqual([2, PIECE_MS + 14, 5 * PIECE_MS + 14]);
  });
});
