import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';
import { createFilesReader } from '../../shared/adapters/duckdb/files-reader.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { limitProfile } from '../../shared/limits.ts';
import type { Evidence, Finding, Resource } from '../../shared/model.ts';
import { answer } from '../../shared/pipeline/answer.ts';
import { gather } from '../../shared/pipeline/gather.ts';
import { EVIDENCE_KINDS } from '../../shared/registry.ts';
import {
  type CorpusCase,
  type CorpusTruth,
  corpusCase,
  type PlayedCorpus,
  playCorpus,
} from '../../simulation/corpus.ts';
import { type Score, score, type Told, toldOf } from './score.ts';
import { compareFixes, type FixError } from './what-if.ts';

/** One log, from what is true of it to what was told. */
export type Studied = {
  seed: number;
  slot: string;
  truth: CorpusTruth;
  told: Told[];
  score: Score;
  fixes: FixError[];
  lines: number;
  ms: { play: number; gather: number; answer: number; fixes: number };
};

export type StudyOptions = {
  /** Keeps evidence and truth of each log here. */
  save: string | null;
  /** Takes evidence and truth from here instead of playing and reading. */
  replay: string | null;
  /** Which fixes are played: none, a third of them by turns, or all. */
  fixes: 'none' | 'some' | 'all';
};

type Kept = { truth: CorpusTruth; evidence: Evidence; slot: string; lines: number; attempt: number };

/** The analyser is told the published limits, whatever the vault's are. */
const LIMITS = limitProfile('published') ?? { name: 'published', limits: [] };

export async function study(seed: number, options: StudyOptions): Promise<Studied> {
  const startMs = performance.now();
  const read = options.replay === null ? await playAndRead(seed) : await readKept(options.replay, seed);
  if (options.save !== null) await keep(options.save, seed, read.kept);
  const { truth, evidence, slot, lines } = read.kept;
  const readMs = performance.now();
  const { findings } = answer({ resource: evidence.resource, evidence, limits: LIMITS });
  const answeredMs = performance.now();
  const told = findings.map(toldOf);
  const fixes = truth.kind === null ? [] : fixErrors(seed, read, findings, options);
  return {
    ...{ seed, slot, truth, told, lines, fixes, score: score(truth, told) },
    ms: {
      play: read.playMs,
      gather: readMs - startMs - read.playMs,
      answer: answeredMs - readMs,
      fixes: performance.now() - answeredMs,
    },
  };
}

type Read = { kept: Kept; settled: CorpusCase | null; playMs: number };

async function playAndRead(seed: number): Promise<Read> {
  const startMs = performance.now();
  const played = playCorpus(corpusCase(seed));
  const playMs = performance.now() - startMs;
  const evidence = await gatherPlayed(played);
  const lines = played.files.reduce((sum, file) => sum + file.lines.length, 0);
  const { slot, attempt } = played.case;
  return { kept: { truth: played.truth, evidence, slot: slot.name, lines, attempt }, settled: played.case, playMs };
}

/** Writes the files and reads them back through the real database, over the window that the truth names. */
async function gatherPlayed({ files, truth }: PlayedCorpus): Promise<Evidence> {
  const folder = await mkdtemp(join(tmpdir(), 'headroom-accuracy-'));
  try {
    for (const { path, lines } of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), `${lines.join('\n')}\n`);
    }
    const clock = systemClock;
    // Several logs are read at once: a second thread for each would only cost more.
    const reader = createFilesReader({ paths: [folder], now: clock.now, threads: 1 });
    const { from, to } = truth.window;
    return await gather({ readers: [reader], clock }, { resource: resourceOf(truth), from, to, timeoutMs: 300_000 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function resourceOf({ resource }: CorpusTruth): Resource {
  const { id, name, subscriptionId } = resource;
  return { cloud: 'azure', id, name, type: 'microsoft.keyvault/vaults', scope: subscriptionId };
}

function fixErrors(seed: number, read: Read, findings: readonly Finding[], options: StudyOptions): FixError[] {
  if (options.fixes === 'none') return [];
  const settled = read.settled ?? settledCase(seed, read.kept.attempt);
  const everyThird = options.fixes === 'all' ? null : Math.floor(seed / 100) % 3;
  const { evidence, truth } = read.kept;
  return compareFixes(settled, truth, { evidence, limits: LIMITS, findings, everyThird });
}

function settledCase(seed: number, attempt: number): CorpusCase {
  return corpusCase(seed, attempt);
}

async function keep(folder: string, seed: number, kept: Kept): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${seed}.json`), JSON.stringify(kept));
}

async function readKept(folder: string, seed: number): Promise<Read> {
  const kept: Kept = JSON.parse(await readFile(join(folder, `${seed}.json`), 'utf8'));
  for (const reading of kept.evidence.readings) {
    const row = EVIDENCE_KINDS.find(({ kind }) => kind === reading.kind)?.row;
    if (row === undefined || reading.state !== 'read' || z.safeParse(z.array(row), reading.rows).success) continue;
    throw new Error(`the evidence '${reading.kind}' that was kept has another shape than today's: --save it again`);
  }
  return { kept, settled: null, playMs: 0 };
}
