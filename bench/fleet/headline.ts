import type { Random } from '../../simulation/random.ts';
import { ours, provider, scheduled, sdk, sdkRestarting } from './contenders.ts';
import { CAP_MS, LATENCY_MS, LIMIT } from './matrix.ts';
import { type Contender, type RealResult, runReal } from './real.ts';
import { pacedSender, scheduleSender } from './senders.ts';
import { createTable, percent, seconds } from './table.ts';
import { limitOf, playFleet, type Sender } from './virtual.ts';

const INSTANCES = 500;
const SECRETS = 20;
/** The twin is played under so many seeds: its median stands beside the one real run. */
const TWIN_SEEDS = [1, 2, 3, 4, 5];

type Entry = { run: Contender; twin?: (random: Random) => Sender };

const CONTENDERS: Record<string, Entry> = {
  ours: { run: ours(), twin: (random) => pacedSender(random) },
  'ours-fleetSize': { run: ours(INSTANCES), twin: (random) => pacedSender(random, INSTANCES) },
  sdk: { run: sdk },
  'sdk-restarting': { run: sdkRestarting },
  schedule: { run: scheduled, twin: () => scheduleSender() },
  provider: { run: provider(false) },
  'provider-parallel': { run: provider(true) },
};

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
const twoPlaces = (ms: number): string => ms.toFixed(2);
const apart = (real: number, twin: number): string => `${(100 * (real / twin - 1)).toFixed(0)} %`;

/** The same code on a simulated clock, on a machine as slow as this one was during the run. */
function twinCells(entry: Entry, real: RealResult, counts: boolean): string[] {
  const { twin } = entry;
  if (twin === undefined) return ['', '', '', ''];
  const plays = TWIN_SEEDS.map((seed) =>
    playFleet(
      {
        instances: INSTANCES,
        secrets: SECRETS,
        spreadMs: 0,
        limit: limitOf(LIMIT, counts),
        retryAfterMs: null,
        seed,
        capMs: CAP_MS,
        latencyMs: LATENCY_MS,
        machine: {
          startsMs: real.load.startsMs,
          clientHalfMs: real.load.halfMs,
          vaultHalfMs: real.counts.halfMs,
        },
      },
      twin,
    ),
  );
  const ready = plays.map(({ lastReadyMs }) => lastReadyMs).filter((last) => last !== null);
  const last = ready.length === plays.length ? median(ready) : null;
  const share = median(plays.map(({ refused, served }) => refused / (refused + served)));
  const realShare = real.counts.refused / (real.counts.refused + real.counts.served);
  return [
    last === null ? `${median(plays.map((play) => play.ready))} ready` : seconds(last),
    last === null || real.lastReadyMs === null ? '-' : apart(real.lastReadyMs, last),
    percent(share, 1),
    share === 0 ? `${percent(realShare, 1)} more` : apart(realShare, share),
  ];
}

/** Ours and each peer over real HTTP, one after another, each with a fresh server of the same seed; the lines of the tables. */
export async function playHeadline(
  seed: number,
  only: { names: ReadonlySet<string> | null; counts: boolean | null },
): Promise<string[]> {
  const table = createTable([
    '500 x 20 at once, real HTTP',
    '429s count',
    'ready',
    'gave up',
    'median',
    'last ready',
    'refused',
    'requests',
    '401s an instance',
    'twin: last ready',
    'real is off by',
    'twin: refused',
    'real is off by',
  ]);
  const machine: (string | number)[][] = [];
  for (const counts of [false, true]) {
    for (const [name, entry] of Object.entries(CONTENDERS)) {
      if (only.names?.has(name) === false || (only.counts ?? counts) !== counts) continue;
      const real = await runReal(
        {
          instances: INSTANCES,
          secrets: SECRETS,
          limit: limitOf(LIMIT, counts),
          retryAfterSeconds: null,
          latencyMs: LATENCY_MS,
          seed,
          capMs: CAP_MS,
        },
        entry.run,
      );
      const { served, refused, challenges } = real.counts;
      const counted = counts ? 'yes' : 'no';
      table.row([
        name,
        counted,
        real.ready,
        real.gaveUp,
        seconds(real.medianReadyMs),
        seconds(real.lastReadyMs),
        percent(refused, served + refused),
        served + refused,
        (challenges / INSTANCES).toFixed(2),
        ...twinCells(entry, real, counts),
      ]);
      const { startsMs, halfMs, loopDelayMs, utilisation } = real.load;
      machine.push([
        name,
        counted,
        `${seconds(startsMs[0] ?? null)} to ${seconds(startsMs.at(-1) ?? null)}`,
        ...[halfMs, real.counts.halfMs].flatMap((pieces) => [median([...pieces]), Math.max(...pieces)].map(twoPlaces)),
        percent(utilisation, 1),
        `${loopDelayMs.p50.toFixed(0)} / ${loopDelayMs.p99.toFixed(0)} / ${loopDelayMs.max.toFixed(0)}`,
        real.othersProcessors.toFixed(2),
      ]);
    }
  }
  console.log('');
  const judged = createTable([
    'the machine meanwhile',
    '429s count',
    'first requests sent',
    'client ms a sending or receiving: median of pieces',
    'worst piece',
    'vault ms',
    'worst piece',
    'client loop busy',
    'loop delay ms: median / 99 % / most',
    'processors used by others',
  ]);
  for (const cells of machine) judged.row(cells);
  return [...table.lines(), '', ...judged.lines()];
}
