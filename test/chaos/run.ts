/**
 * The chaos suite: `npm run chaos -- [--seeds N] [--from K] [--kills N]` plays N seeds from K on, then kills real processes;
 * `--seed S` plays one again and prints all that happens in it.
 */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { KINDS, sayFault } from './faults.ts';
import { killMany } from './kills.ts';
import { type Plan, planOf, play } from './play.ts';
import { shrink } from './shrink.ts';
import { addTallies, NOTHING, sayTally, type Tally } from './tally.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    kills: { type: 'string', default: '20' },
  },
});

/** Failing seeds that are cut down and shown; more of them seldom say more. */
const MOST_SHOWN = 3;

/** As many seeds bring every kind of fault. */
const ALL_KINDS_WITHIN = 500;

if (values.seed === undefined) await playMany(Number(values.from), Number(values.seeds), Number(values.kills));
else await replay(planOf(Number(values.seed)));

async function replay(plan: Plan): Promise<void> {
  say(...planLines(plan));
  const { broken } = await play(plan, (line) => say(line));
  say(...broken, broken.length === 0 ? '1 passed, 0 failed' : '0 passed, 1 failed');
  process.exitCode = broken.length === 0 ? 0 : 1;
}

async function playMany(from: number, seeds: number, kills: number): Promise<void> {
  const startedMs = performance.now();
  const tally = await playOnThreads(from, seeds);
  say(...sayTally(tally, (performance.now() - startedMs) / 1_000));
  for (const { seed } of tally.failures.slice(0, MOST_SHOWN)) await explain(seed);
  const killed = await killMany(kills, from);
  say(...killed.lines);
  const struck = new Set(tally.struck.map(([kind]) => kind));
  const never = seeds < ALL_KINDS_WITHIN ? [] : KINDS.filter((kind) => !struck.has(kind));
  say(...never.map((kind) => `no fault of this kind has struck: ${kind}`));
  const failed = tally.failures.length + killed.failed + never.length;
  say(`${seeds + kills - tally.failures.length - killed.failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

/** What a failure needs to come about, and what then happens. */
async function explain(seed: number): Promise<void> {
  const plan = await shrink(planOf(seed));
  const lines: string[] = [];
  const { broken } = await play(plan, (line) => lines.push(line));
  say('', `seed ${seed}, cut down:`, ...planLines(plan), ...lines.filter(isTelling), ...broken);
  say(`all of it: npm run chaos -- --seed ${seed}`, '');
}

/** Looks that found nothing to do say nothing. */
function isTelling(line: string): boolean {
  return (
    line.includes('<-') ||
    !/ (queue\.receive|records\.(get|list)|payloads\.olderThan|queue\.dead|\S+ watch\/)/.test(line)
  );
}

function planLines({ calls, faults }: Plan): string[] {
  return [
    ...calls.map(({ name, atMs, repeatAfterMs, givesUp }) => {
      const again = repeatAfterMs === undefined ? '' : `, again ${repeatAfterMs / 1_000} s later`;
      return `  ${atMs / 1_000} s: ${name}${again}${givesUp ? ', tried once' : ''}`;
    }),
    ...faults.map((fault) => `  ${sayFault(fault)}`),
  ];
}

/** Each thread is given its next seed when it has played the last. */
async function playOnThreads(from: number, seeds: number): Promise<Tally> {
  let next = from;
  let tally = NOTHING;
  const thread = (): Promise<void> =>
    new Promise((done, fail) => {
      const worker = new Worker(resolve(import.meta.dirname, 'shard.ts'));
      const give = (): void => {
        if (next >= from + seeds) void worker.terminate().then(() => done());
        else {
          worker.postMessage(next);
          next += 1;
        }
      };
      worker.on('message', (played: Tally) => {
        tally = addTallies(tally, played);
        give();
      });
      worker.on('error', fail);
      give();
    });
  await Promise.all(Array.from({ length: Math.max(1, availableParallelism()) }, thread));
  return { ...tally, failures: tally.failures.toSorted((a, b) => a.seed - b.seed) };
}

function say(...lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}
