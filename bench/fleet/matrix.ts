import { pacedSender, scheduleSender } from './senders.ts';
import { storeRequestsAnHour } from './store-requests.ts';
import { createTable, percent, seconds } from './table.ts';
import { type FleetCase, type FleetResult, floorMs, limitOf, playFleet } from './virtual.ts';

export const CAP_MS = 180_000;
export const LIMIT = 2_000;
export const LATENCY_MS = 30;

const SHAPES = [
  [500, 20],
  [2_000, 5],
  [100, 100],
] as const;
const SPREADS_MS = [0, 500, 8_000, 30_000];

/** Every case of the matrix, the same seed for all. */
export function matrixCases(seed: number): FleetCase[] {
  return SHAPES.flatMap(([instances, secrets]) =>
    SPREADS_MS.flatMap((spreadMs) =>
      [false, true].flatMap((counts) =>
        [null, 10_000].map((retryAfterMs) => ({
          instances,
          secrets,
          spreadMs,
          limit: limitOf(LIMIT, counts),
          retryAfterMs,
          seed,
          capMs: CAP_MS,
          latencyMs: LATENCY_MS,
        })),
      ),
    ),
  );
}

/** Plays ours, ours with `fleetSize` and the schedule in virtual time; the lines of the table. */
export function playMatrix(seed: number): string[] {
  const table = createTable([
    'case',
    '429s count',
    'Retry-After',
    'floor',
    'ours: last ready',
    'refused',
    'ours with fleetSize',
    'refused',
    '1-2-4-8-16: ready',
    'last ready',
    'refused',
  ]);
  for (const fleet of matrixCases(seed)) {
    const floor = floorMs(fleet);
    const cells = (result: FleetResult): string[] => [
      result.lastReadyMs === null
        ? `${result.ready} ready`
        : `${seconds(result.lastReadyMs)} (${(result.lastReadyMs / floor).toFixed(2)} x)`,
      percent(result.refused, result.refused + result.served),
    ];
    const peer = playFleet(fleet, () => scheduleSender());
    table.row([
      `${fleet.instances} x ${fleet.secrets} over ${fleet.spreadMs / 1_000} s`,
      fleet.limit.countsRefused ? 'yes' : 'no',
      fleet.retryAfterMs === null ? 'none' : '10 s',
      seconds(floor),
      ...cells(playFleet(fleet, (random) => pacedSender(random))),
      ...cells(playFleet(fleet, (random) => pacedSender(random, fleet.instances))),
      peer.ready,
      ...cells(peer),
    ]);
  }
  return table.lines();
}

/** App Configuration requests of the sixth hour; the lines of the table. */
export function playStore(): string[] {
  const table = createTable(['App Configuration requests an hour', 'instances', 'sent', 'refused']);
  for (const kind of ['ours', 'ours with fleetSize', 'provider'] as const) {
    for (const instances of [500, 2_000]) {
      const { sent, refused } = storeRequestsAnHour(instances, kind);
      table.row([kind, instances, sent, refused]);
    }
  }
  return table.lines();
}
