/**
 * N instances that start at once and each read M secrets from one vault.
 *
 *   npm run bench:fleet                    the matrix in virtual time
 *   npm run bench:fleet -- --real          the headline over real HTTP, ours and peers, about 20 min
 *   npm run bench:fleet -- --real --only ours,provider
 */
import { parseArgs } from 'node:util';
import { ours, provider, scheduled, sdk, sdkRestarting } from './fleet/contenders.ts';
import { type Contender, runReal } from './fleet/real.ts';
import { pacedSender, scheduleSender } from './fleet/senders.ts';
import { storeRequestsAnHour } from './fleet/store-requests.ts';
import { type FleetCase, type FleetResult, floorMs, limitOf, playFleet } from './fleet/virtual.ts';

const CAP_MS = 180_000;
const LIMIT = 2_000;
const LATENCY_MS = 30;

const { values } = parseArgs({
  options: {
    real: { type: 'boolean', default: false },
    only: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
const seed = Number(values.seed);

const percent = (part: number, whole: number): string => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`);
const seconds = (ms: number | null): string => (ms === null ? '-' : `${(ms / 1_000).toFixed(1)} s`);
const row = (cells: (string | number)[]): void => console.log(`| ${cells.join(' | ')} |`);
const head = (cells: string[]): void => {
  row(cells);
  row(cells.map(() => '---'));
};

function playMatrix(): void {
  const shapes = [
    [500, 20],
    [2_000, 5],
    [100, 100],
  ] as const;
  head([
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
  for (const [instances, secrets] of shapes) {
    for (const spreadMs of [0, 500, 8_000, 30_000]) {
      for (const counts of [false, true]) {
        for (const retryAfterMs of [null, 10_000]) {
          const fleet: FleetCase = {
            instances,
            secrets,
            spreadMs,
            limit: limitOf(LIMIT, counts),
            retryAfterMs,
            seed,
            capMs: CAP_MS,
            latencyMs: LATENCY_MS,
          };
          const floor = floorMs(fleet);
          const cells = (result: FleetResult): string[] => [
            result.lastReadyMs === null
              ? `${result.ready} ready`
              : `${seconds(result.lastReadyMs)} (${(result.lastReadyMs / floor).toFixed(2)} x)`,
            percent(result.refused, result.refused + result.served),
          ];
          const plain = playFleet(fleet, (random) => pacedSender(random));
          const hinted = playFleet(fleet, (random) => pacedSender(random, instances));
          const peer = playFleet(fleet, () => scheduleSender());
          row([
            `${instances} x ${secrets} over ${spreadMs / 1_000} s`,
            counts ? 'yes' : 'no',
            retryAfterMs === null ? 'none' : '10 s',
            seconds(floor),
            ...cells(plain),
            ...cells(hinted),
            peer.ready,
            ...cells(peer),
          ]);
        }
      }
    }
  }
  console.log('');
  head(['App Configuration requests an hour', 'instances', 'sent', 'refused']);
  for (const kind of ['ours', 'ours with fleetSize', 'provider'] as const) {
    for (const instances of [500, 2_000]) {
      const { sent, refused } = storeRequestsAnHour(instances, kind);
      row([kind, instances, sent, refused]);
    }
  }
}

async function playReal(only: Set<string> | null): Promise<void> {
  const contenders: [string, Contender, number | undefined][] = [
    ['ours', ours(), undefined],
    ['ours-fleetSize', ours(500), 500],
    ['sdk', sdk, undefined],
    ['sdk-restarting', sdkRestarting, undefined],
    ['schedule', scheduled, undefined],
    ['provider', provider(false), undefined],
    ['provider-parallel', provider(true), undefined],
  ];
  head([
    '500 x 20 at once, real HTTP',
    '429s count',
    'ready',
    'gave up',
    'median',
    'last ready',
    'refused',
    'requests',
    '401s an instance',
    'virtual twin: last ready',
    'refused',
  ]);
  for (const counts of [false, true]) {
    for (const [name, contender, fleetSize] of contenders) {
      if (only !== null && !only.has(name)) continue;
      const limit = limitOf(LIMIT, counts);
      const result = await runReal(
        { instances: 500, secrets: 20, limit, retryAfterSeconds: null, latencyMs: LATENCY_MS, seed, capMs: CAP_MS },
        contender,
      );
      const { served, refused, challenges } = result.counts;
      const fleet: FleetCase = {
        instances: 500,
        secrets: 20,
        spreadMs: 0,
        limit,
        retryAfterMs: null,
        seed,
        capMs: CAP_MS,
        latencyMs: LATENCY_MS,
        clientMs: result.clientMs,
      };
      const twin = name.startsWith('ours')
        ? playFleet(fleet, (random) => pacedSender(random, fleetSize))
        : name === 'schedule'
          ? playFleet(fleet, () => scheduleSender())
          : null;
      row([
        name,
        counts ? 'yes' : 'no',
        result.ready,
        result.gaveUp,
        seconds(result.medianReadyMs),
        seconds(result.lastReadyMs),
        percent(refused, served + refused),
        served + refused,
        (challenges / 500).toFixed(2),
        twin === null ? '' : seconds(twin.lastReadyMs),
        twin === null ? '' : percent(twin.refused, twin.served + twin.refused),
      ]);
    }
  }
}

if (values.real) await playReal(values.only === undefined ? null : new Set(values.only.split(',')));
else playMatrix();
process.exit(0);
