/**
 * `npm run soak`: does it stay as it is? 10,000 alerts on 500 resources in an hour of a fake clock, then the same in ten minutes
 * of the real one over HTTP; heap and handles must be flat, and every alert accounted for. Outside continuous integration.
 *
 * `-- --minutes 2 --alerts 2000 --simulated-minutes 20` is a short one; `--only simulated|real` runs one half.
 * Ends with 0 when all is well, 1 when it is not, 2 for a wrong command line.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Account } from './account.ts';
import { megabytes, risesIn, type Sample, trendOf } from './flat.ts';
import { soakReal } from './real.ts';
import { soakSimulated } from './simulated.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    'simulated-minutes': { type: 'string', default: '60' },
    alerts: { type: 'string', default: '10000' },
    only: { type: 'string' },
  },
});
const minutes = wholeNumber('minutes', values.minutes, 120);
const simulatedMinutes = wholeNumber('simulated-minutes', values['simulated-minutes'], 600);
const alerts = wholeNumber('alerts', values.alerts, 100_000);

function wholeNumber(name: string, text: string, most: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  process.stderr.write(`--${name} is a whole number from 1 to ${most}\n`);
  process.exit(2);
}

function report(title: string, account: Account, samples: readonly Sample[], more: string): boolean {
  const problems = [...account.problems, ...risesIn(samples)];
  const heap = trendOf(samples.map(({ heapBytes }) => heapBytes));
  const handles = trendOf(samples.map((sample) => sample.handles));
  const descriptors = trendOf(samples.map((sample) => sample.descriptors));
  process.stdout.write(
    [
      `${title}: ${problems.length === 0 ? 'flat' : 'NOT flat'}`,
      `  ${account.accepted} alerts in ${account.incidents} incidents, ${account.posts} posts, ${account.edits} edits${more}`,
      `  heap ${megabytes(heap.from)} -> ${megabytes(heap.to)}, handles ${handles.from.toFixed(0)} -> ${handles.to.toFixed(0)}, files ${descriptors.from.toFixed(0)} -> ${descriptors.to.toFixed(0)}, ${samples.length} looks`,
      ...problems.map((problem) => `  ! ${problem}`),
      '',
    ].join('\n'),
  );
  return problems.length === 0;
}

async function inFolder<T>(run: (home: string) => Promise<T>): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), 'headroom-soak-'));
  try {
    return await run(home);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

let isWell = true;
if (values.only !== 'real') {
  const startedMs = performance.now();
  const { samples, account } = await inFolder((home) =>
    soakSimulated({
      ...{ home, alerts, minutes: simulatedMinutes },
      onMinute: (minute) => minute % 10 === 0 && progress(`simulated minute ${minute}`),
    }),
  );
  const tookSeconds = ((performance.now() - startedMs) / 1_000).toFixed(0);
  isWell = report(`${simulatedMinutes} min on a fake clock`, account, samples, `, in ${tookSeconds} s`) && isWell;
}
if (values.only !== 'simulated') {
  const { samples, account, slowestMs } = await inFolder((home) =>
    soakReal({
      ...{ home, alerts, minutes },
      onSample: ({ atMs, heapBytes, handles }) =>
        progress(`${(atMs / 1_000).toFixed(0)} s: ${megabytes(heapBytes)}, ${handles} handles`),
    }),
  );
  isWell = report(`${minutes} min of real time`, account, samples, `, slowest answer ${slowestMs} ms`) && isWell;
}
process.exitCode = isWell ? 0 : 1;
