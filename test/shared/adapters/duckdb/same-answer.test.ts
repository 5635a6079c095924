import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coverage } from '../../../../shared/evidence/coverage.ts';
import type { Evidence, Resource } from '../../../../shared/model.ts';
import { answer } from '../../../../shared/pipeline/answer.ts';
import { playScenario, type ScenarioName } from '../../../../simulation/play.ts';
import { seededRandom } from '../../../kit.ts';
import { gatherFrom, published, withFiles } from '../../evidence/kit.ts';

const START = '2026-01-05T09:00:00.000Z';
const LEAD_MS = 600_000;
/** Each case reads a log of ten thousand lines or more through the real database. */
const RUNS = 2;
const TIMEOUT_MS = 120_000;

type Log = { name: ScenarioName; resource: Resource; lines: string[]; onsetMs: number; to: string };

function play(name: ScenarioName): Log {
  const { files, truth } = playScenario(name, { seed: 3, startAt: START });
  return {
    name,
    resource: {
      cloud: 'azure',
      id: truth.resource.id,
      name: truth.resource.name,
      type: 'microsoft.keyvault/vaults',
      scope: truth.resource.subscriptionId,
    },
    lines: files.flatMap(({ lines }) => lines),
    onsetMs: Date.parse(truth.causes[0]?.onset ?? START),
    to: truth.window.to,
  };
}

type Files = Record<string, string | Uint8Array>;

async function read({ resource, onsetMs, to }: Log, files: Files): Promise<Evidence> {
  const from = new Date(onsetMs - LEAD_MS).toISOString();
  return withFiles(files, (folder) => gatherFrom([folder], { resource, from, to }));
}

/** What was read, without how often each line was there. */
function readingsOf(evidence: Evidence): unknown {
  return evidence.readings.map((reading) =>
    reading.kind === coverage.kind && reading.state === 'read'
      ? { ...reading, rows: reading.rows.map(({ duplicates: _duplicates, ...row }) => row) }
      : reading,
  );
}

function toldOf({ resource }: Log, evidence: Evidence): unknown {
  const { findings } = answer({ resource, evidence, limits: published() });
  return findings.map(({ kind, caller, verdict, role }) => ({ kind, caller: caller?.id, verdict, role }));
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = seededRandom(seed);
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

const FORMATS: readonly ((lines: readonly string[]) => { ending: string; content: string | Uint8Array })[] = [
  (lines) => ({ ending: 'json', content: `${lines.join('\n')}\n` }),
  (lines) => ({ ending: 'jsonl.gz', content: gzipSync(lines.join('\n')) }),
  (lines) => ({ ending: 'log', content: `{"records":[${lines.join(',')}]}` }),
];

/** The lines, some of them several times, in any order, over several files of any name and format. */
function arranged(lines: readonly string[], options: { seed: number; files: number; repeated: number }): Files {
  const random = seededRandom(options.seed);
  const all = shuffled([...lines, ...lines.filter(() => random() < options.repeated)], options.seed);
  const each = Math.ceil(all.length / options.files);
  return Object.fromEntries(
    Array.from({ length: options.files }, (_, index) => {
      const format = FORMATS[Math.floor(random() * FORMATS.length)] ?? FORMATS[0];
      const part = all.slice(index * each, (index + 1) * each);
      const { ending = 'json', content = '' } = format?.(part) ?? {};
      return [`${Math.floor(random() * 1e9)}-${index}.${ending}`, content];
    }),
  );
}

describe.each<ScenarioName>(['storm', 'stampede', 'missing-cache'])('a log of a %s', (name) => {
  const log = play(name);
  let known: Promise<Evidence> | undefined;
  const readWhole = (): Promise<Evidence> => (known ??= read(log, { 'PT1H.json': `${log.lines.join('\n')}\n` }));

  test('property: reads the same however lines are ordered, repeated and spread over files', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const expected = readingsOf(await readWhole());
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.nat(),
          files: fc.integer({ min: 1, max: 6 }),
          repeated: fc.double({ min: 0, max: 0.3, noNaN: true }),
        }),
        async (arrangement) => {
          expect(readingsOf(await read(log, arranged(log.lines, arrangement)))).toEqual(expected);
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('property: tells the same with minutes missing before it, and lines missing anywhere', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const expected = toldOf(log, await readWhole());
    expect(expected).not.toEqual([]);
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.nat(),
          lost: fc.double({ min: 0, max: 0.01, noNaN: true }),
          gapFromS: fc.integer({ min: 60, max: 600 }),
          gapS: fc.integer({ min: 0, max: 180 }),
        }),
        async ({ seed, lost, gapFromS, gapS }) => {
          const random = seededRandom(seed);
          const fromMs = Date.parse(START) + gapFromS * 1000;
          const left = log.lines.filter((line) => {
            const timeMs = Date.parse(line.slice(9, 33));
            return random() >= lost && !(timeMs >= fromMs && timeMs < fromMs + gapS * 1000);
          });
          expect(toldOf(log, await read(log, { 'PT1H.json': left.join('\n') }))).toEqual(expected);
        },
      ),
      { numRuns: RUNS },
    );
  });
});
