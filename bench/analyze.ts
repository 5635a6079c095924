/**
 * What a whole analysis of an exported log costs, with evidence, diagnoses and what-if, as a ratio to one scan of the same
 * file that only groups by caller, beside jq and a script that reads line by line. Each is a process of its own, in turn,
 * several rounds. `--large` takes ten times as much, 5 GB, and leaves out what reads line by line: that takes ten times as
 * long. The log is generated into the system's temporary folder (`TMPDIR`) and removed.
 */
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateExport } from './analyze/generate.ts';
import { type Measured, measureProcess } from './analyze/measure-process.ts';

const LINES = 600_000;
const LARGE_FACTOR = 10;
const ROUNDS = 5;
const LARGE_ROUNDS = 3;
/** A line of the log, and what the database writes of it while it works, rounded up. */
const BYTES_PER_LINE = 1_400;

const large = process.argv.includes('--large');
const rounds = large ? LARGE_ROUNDS : ROUNDS;
const node = process.execPath;
const here = import.meta.dirname;
const PER_CALLER = '.identity.claim.appid // "none"';

function contenders(file: string): Record<string, { command: readonly string[]; rounds: number }> {
  return {
    scan: { command: [node, join(here, 'analyze/scan.ts'), file], rounds },
    headroom: { command: [node, join(here, '../cli/headroom.mjs'), 'analyze', file, '--json'], rounds },
    // The slow ones once: nothing rests on their spread.
    ...(!large && {
      lines: { command: [node, join(here, 'analyze/lines.ts'), file], rounds: 1 },
      jq: { command: ['bash', '-c', `jq -r '${PER_CALLER}' "$1" | sort | uniq -c`, 'jq', file], rounds: 1 },
    }),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function summary(runs: readonly Measured[]): Record<string, number> {
  return {
    wallMs: Math.round(median(runs.map(({ wallMs }) => wallMs))),
    wallMsLeast: Math.round(Math.min(...runs.map(({ wallMs }) => wallMs))),
    cpuMs: Math.round(median(runs.map(({ cpuMs }) => cpuMs))),
    peakMegabytes: Math.round(Math.max(...runs.map(({ peakBytes }) => peakBytes)) / 1_048_576),
  };
}

const lines = LINES * (large ? LARGE_FACTOR : 1);
const { bavail, bsize } = statfsSync(tmpdir());
if (bavail * bsize < lines * BYTES_PER_LINE) {
  const gigabytes = Math.ceil((lines * BYTES_PER_LINE) / 1e9);
  process.stderr.write(`${tmpdir()} has less than ${gigabytes} GB free: name another folder in TMPDIR\n`);
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'headroom-bench-'));
try {
  const file = join(folder, 'PT1H.json');
  process.stderr.write('generating\n');
  const generated = await generateExport(file, lines);
  const runs = new Map<string, Measured[]>();
  for (let round = 1; round <= rounds; round += 1)
    for (const [name, contender] of Object.entries(contenders(file))) {
      if (round > contender.rounds) continue;
      const measured = await measureProcess(contender.command, folder);
      if (measured === null) {
        process.stderr.write(`${name}: not on this machine, or failed; left out\n`);
        continue;
      }
      runs.set(name, [...(runs.get(name) ?? []), measured]);
      process.stderr.write(`round ${round} of ${rounds}: ${name} ${Math.round(measured.wallMs)} ms\n`);
    }
  const scan = runs.get('scan') ?? [];
  const ratio = (pick: (measured: Measured) => number): number =>
    Number(
      median((runs.get('headroom') ?? []).map((each, index) => pick(each) / pick(scan[index] ?? each))).toFixed(2),
    );
  const report = {
    what: `headroom analyze against one scan by caller, medians of ${rounds} rounds in turn`,
    log: { lines: generated.lines, megabytes: Math.round(generated.bytes / 1_000_000), refused: generated.refused },
    ...Object.fromEntries([...runs].map(([name, each]) => [name, summary(each)])),
    ratioWall: ratio(({ wallMs }) => wallMs),
    ratioCpu: ratio(({ cpuMs }) => cpuMs),
    node: process.version,
  };
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
