import { beforeAll, describe, expect, test } from 'vitest';
import { shareRefused } from '../../simulation/corpus/outcome.ts';
import { CORPUS_KINDS, corpusCase, type PlayedCorpus, playCorpus, SLOTS } from '../../simulation/corpus.ts';

/** A seed of that kind of case; cases of few requests, so that the tests stay quick. */
function seedOf(name: string): number {
  for (let seed = 0; seed < 100; seed++) if (corpusCase(seed).slot.name === name) return seed;
  throw new Error(`there is no case ${name}`);
}

function linesOf(played: PlayedCorpus): string[] {
  return played.files.flatMap(({ lines }) => lines);
}

describe('the hundred kinds of cases', () => {
  test('come once in any hundred consecutive seeds', () => {
    expect(SLOTS).toHaveLength(100);
    const played = Array.from({ length: 100 }, (_, index) => corpusCase(1_234 + index).slot);
    expect(new Set(played).size).toBe(100);
  });

  test('hold each kind of cause at least three times beside boundary cases, so that 500 logs hold 15', () => {
    const counts = new Map<string, number>(CORPUS_KINDS.map((kind) => [kind, 0]));
    for (let seed = 0; seed < 100; seed++) {
      const drawn = corpusCase(seed);
      if (!drawn.isBoundary) for (const kind of drawn.kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    expect([...counts].filter(([, count]) => count < 3)).toEqual([]);
  });

  test('are healthy in at least a fifth, and between two behaviours in at least 15 %', () => {
    expect(SLOTS.filter(({ isHealthy }) => isHealthy).length).toBeGreaterThanOrEqual(20);
    expect(SLOTS.filter(({ accepts }) => accepts !== undefined).length).toBeGreaterThanOrEqual(15);
  });

  test('are a fair sample in any forty consecutive seeds', () => {
    for (const from of [0, 17, 60, 93]) {
      const slots = Array.from({ length: 40 }, (_, index) => corpusCase(from + index).slot);
      const healthy = slots.filter(({ isHealthy }) => isHealthy).length;
      expect(healthy).toBeGreaterThanOrEqual(6);
      expect(healthy).toBeLessThanOrEqual(12);
    }
  });
});

test('the same seed draws and plays the same bytes, another one others', () => {
  const seed = seedOf('write-pressure');
  const first = playCorpus(corpusCase(seed));
  const again = playCorpus(corpusCase(seed));
  expect(again.files).toEqual(first.files);
  expect(again.truth).toEqual(first.truth);
  expect(playCorpus(corpusCase(seed + 100)).files).not.toEqual(first.files);
});

describe.each(['startup-stampede', 'write-pressure', 'key-type-limit', 'transient', 'quiet'])(
  'a played case of %s',
  (name) => {
    let played: PlayedCorpus;
    beforeAll(() => {
      played = playCorpus(corpusCase(seedOf(name)));
    });

    test('writes what was asked, once each, but for gaps and duplicates', () => {
      const { case: settled, log } = played;
      const written = new Set(linesOf(played).map((line) => JSON.parse(line).correlationId));
      const { gaps } = settled.defects;
      const missing = log.filter(({ correlationId }) => !written.has(correlationId));
      if (gaps.length === 0) expect(missing).toHaveLength(0);
      expect(missing.length).toBeLessThan(log.length);
    });

    test('counts in its truth what the log holds', () => {
      const { truth, log } = played;
      const inside = log.filter(({ timeMs }) => timeMs >= Date.parse(truth.window.from));
      expect(truth.requests).toBe(inside.length);
      expect(truth.refused).toBe(inside.filter(({ status }) => status === 429).length);
      const named = truth.applications.reduce((sum, { requests }) => sum + requests, 0);
      expect(named).toBe(inside.filter(({ identity }) => identity !== undefined).length);
      expect(log.every(({ timeMs }) => timeMs < Date.parse(truth.window.to))).toBe(true);
    });

    test('refuses somebody exactly when something is wrong, within its window', () => {
      const { truth, log } = played;
      expect(truth.refused > 0).toBe(truth.kind !== null);
      expect(truth.causes.length > 0).toBe(truth.kind !== null);
      const early = log.filter(({ timeMs, status }) => status === 429 && timeMs < Date.parse(truth.window.from));
      expect(early).toHaveLength(0);
    });
  },
);

test.each<[string, string, { seconds?: number; perSecond?: number; factor?: number }]>([
  ['startup-stampede', 'jittered-start', { seconds: 600 }],
  ['startup-stampede', 'bundle-secrets', {}],
  ['restart-loop', 'slow-restarts', {}],
  ['missing-cache', 'cache-secrets', { seconds: 3600 }],
  ['failing-loop', 'grant-or-rename', {}],
  ['write-pressure', 'queue-in-front', { perSecond: 10 }],
  ['write-pressure', 'limit-increase', { factor: 20 }],
  ['noisy-neighbour', 'separate-vault', {}],
])('%s with %s is refused less', (name, fix, numbers) => {
  const { case: settled, truth } = playCorpus(corpusCase(seedOf(name)));
  const caller = truth.causes[0]?.appId ?? null;
  const mended = playCorpus(settled, { mend: { fix, caller, ...numbers } });
  const others = mended.log.filter(({ identity, status }) => status === 429 && identity?.appId !== caller).length;
  const refused = fix === 'separate-vault' ? others : mended.truth.refused;
  expect(refused).toBeLessThan(0.9 * truth.refused);
});

test('a fix for somebody else changes nothing', () => {
  const { case: settled, truth } = playCorpus(corpusCase(seedOf('startup-stampede')));
  const mended = playCorpus(settled, { mend: { fix: 'bundle-secrets', caller: 'nobody' } });
  expect(mended.truth).toEqual({ ...truth, refusedShare: mended.truth.refusedShare });
});

test('the refused share is of the seconds in which anything was refused', () => {
  const at = (timeMs: number, status: number) => ({
    ...{ timeMs, status, operation: 'SecretGet', path: '/secrets/a', address: 'a', clientInfo: 'c' },
    ...{ durationMs: 1, correlationId: 'x' },
  });
  const log = [at(0, 200), at(1, 200), at(10_000, 200), at(10_001, 429), at(10_002, 401), at(10_003, 429)];
  expect(shareRefused(log)).toBeCloseTo(2 / 3);
});
