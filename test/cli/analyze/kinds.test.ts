import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { kindWords } from '../../../shared/chat/words.ts';
import { DIAGNOSES } from '../../../shared/registry.ts';
import { type CorpusTruth, corpusCase, playCorpus } from '../../../simulation/corpus.ts';
import { folderForTest } from '../../shared/adapters/folder.ts';
import { expectGolden } from '../../shared/chat/golden.ts';
import { run } from '../kit.ts';

/** Small logs of the corpus, by what is wrong in them first. */
const SEEDS = {
  'client-per-call': 93,
  enumeration: 247,
  'failing-loop': 82,
  healthy: 49,
  'identity-outage': 61,
  'key-type-limit': 23,
  'missing-cache': 29,
  'noisy-neighbour': 69,
  'organic-growth': 234,
  polling: 63,
  'restart-loop': 90,
  'service-caller': 48,
  'startup-stampede': 64,
  'subscription-limit': 118,
  transient: 253,
  'write-pressure': 12,
} as const;
/** What keeps something alive never comes alone: logs in which it does so to what is told first. */
const AMPLIFIERS = { 'retry-storm': 137, 'unpaced-retries': 56 };
/** Needs an alert, what the provider says, or metrics, which no log of a vault is. */
const NEEDS_ALERT = ['alert-mismatch', 'platform-event', 'quota-exhausted'];

async function analyzed(seed: number): Promise<{ truth: CorpusTruth; lines: string[] }> {
  const { files, truth } = playCorpus(corpusCase(seed));
  const folder = folderForTest();
  for (const { path, lines } of files) {
    mkdirSync(dirname(join(folder, 'logs', path)), { recursive: true });
    writeFileSync(join(folder, 'logs', path), `${lines.join('\n')}\n`);
  }
  const { code, out } = await run(['analyze', join(folder, 'logs')], { HEADROOM_HOME: join(folder, 'home') });
  expect(code).toBe(0);
  return { truth, lines: out.trimEnd().split('\n') };
}

describe.each(Object.entries(SEEDS))('a log of %s', (kind, seed) => {
  test('reads as its golden text, 40 lines of 80 columns, and says first what is true', async () => {
    const { truth, lines } = await analyzed(seed);
    expect(truth.kind ?? 'healthy').toBe(kind);
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.slice(0, 3)).toEqual(leadOf(truth));
    // What no code is: a snippet that was taken for a secret.
    expect(lines.filter((line) => line.includes('[removed]'))).toEqual([]);
    expectGolden(`analyze.${kind}.txt`, `${lines.join('\n')}\n`);
  });
});

test.each(Object.entries(AMPLIFIERS))('a log with %s reads as its golden text, which names it', async (kind, seed) => {
  const { truth, lines } = await analyzed(seed);
  expect(truth.causes.map((cause) => cause.kind)).toContain(kind);
  expect(lines.length).toBeLessThanOrEqual(40);
  expect(lines.slice(0, 3)).toEqual(leadOf(truth));
  expect(lines.slice(3).join('\n')).toContain(kindWords(kind));
  expectGolden(`analyze.${kind}.txt`, `${lines.join('\n')}\n`);
});

function leadOf({ resource, causes, applications }: CorpusTruth): unknown[] {
  const [first] = causes;
  if (first === undefined)
    return [expect.stringMatching(`^${resource.name}: nothing was refused`), expect.anything(), 'Nothing to mend'];
  const inconclusive = first.kind === 'subscription-limit';
  const victims = applications.filter(({ part }) => part === 'victim').length;
  const caller = first.appId?.slice(0, 8) ?? '';
  return inconclusive
    ? [
        expect.stringMatching(`^${resource.name}: .* refused`),
        expect.stringContaining(`It may be ${kindWords(first.kind)}`),
        expect.stringMatching(/^Next: /),
      ]
    : [
        expect.stringMatching(`^${resource.name}: ${kindWords(first.kind)}\\b`),
        expect.stringMatching(`${caller}.* explains \\d+ % of [\\d,]+ refus${victims > 0 ? '.*hurt' : ''}`),
        expect.stringMatching(first.kind === 'transient' ? /^No fix is needed/ : /^Fix: /),
      ];
}

test('every cause that a log alone can tell has its golden text', () => {
  const shown = [...Object.keys(SEEDS), ...Object.keys(AMPLIFIERS), ...NEEDS_ALERT];
  expect(DIAGNOSES.map(({ kind }) => kind).filter((kind) => !shown.includes(kind))).toEqual([]);
});
