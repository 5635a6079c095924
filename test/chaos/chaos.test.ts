import { describe, expect, test } from 'vitest';
import { seededRandom } from '../kit.ts';
import { createFaultDesk, drawFaults, type Fault } from './faults.ts';
import { planOf, play } from './play.ts';
import { smallest } from './shrink.ts';
import { alertIdsOf, drawStory } from './story.ts';
import { createTimeline } from './timeline.ts';

describe('a seed', () => {
  test.each([
    ['in memory', 7],
    ['over SQLite', 8],
  ])('plays the same each time, call for call, %s', async (_where, seed) => {
    const [first, second]: [string[], string[]] = [[], []];
    const played = await play(planOf(seed), (line) => first.push(line));
    expect(await play(planOf(seed), (line) => second.push(line))).toEqual(played);
    expect(first.length).toBeGreaterThan(500);
    expect(second).toEqual(first);
  });

  test('comes to a good end, with its faults and without them', async () => {
    for (const seed of [1, 2, 3, 4]) {
      const plan = planOf(seed);
      expect((await play(plan)).broken).toEqual([]);
      expect(await play({ ...plan, faults: [] })).toMatchObject({ broken: [], kills: 0, repeats: 0, deadLetters: 0 });
    }
  });

  test('draws payloads that all are understood, and of which some tell of two alerts', () => {
    const counts = Array.from({ length: 40 }, (_, seed) => drawStory(seededRandom(seed), 0)).flatMap((calls) =>
      calls.map((call) => alertIdsOf(call).length),
    );
    expect(new Set(counts)).toEqual(new Set([1, 2]));
  });
});

describe('the faults', () => {
  test('strike the call they name, or all calls of a port for a time, and nothing once they are over', () => {
    const third: Fault = { kind: 'slow', amountMs: 5, target: 'records.put', nth: 3 };
    const out: Fault = { kind: 'unavailable', amountMs: 0, port: 'bot', fromMs: 10, toMs: 20 };
    const desk = createFaultDesk([third, out], 100);
    const puts = [0, 0, 0, 0].map((atMs) => desk.next('records.put', atMs));
    expect(puts).toEqual([undefined, undefined, third, undefined]);
    expect([9, 10, 19, 20].map((atMs) => desk.next('bot.post', atMs))).toEqual([undefined, out, out, undefined]);
    expect([...desk.struck]).toEqual([
      ['slow', 1],
      ['unavailable', 2],
    ]);
    const late = createFaultDesk([{ ...third, nth: 1 }], 100);
    expect(late.next('records.put', 100)).toBe(undefined);
  });

  test('name only methods that are called', async () => {
    const names = new Set<string>();
    for (const seed of [11, 12, 13, 14, 15, 17])
      await play(planOf(seed), (line) => names.add(line.trim().split(' ')[3] ?? ''));
    const drawn = Array.from({ length: 300 }, (_, seed) => drawFaults(seededRandom(seed), 600_000)).flat();
    const targets = new Set(drawn.flatMap((fault) => ('target' in fault ? fault.target : [])));
    expect([...targets].filter((target) => !names.has(target))).toEqual([]);
  });
});

describe('what a failure is cut down to', () => {
  test.each([
    ['one of many', [5]],
    ['several that are needed together', [2, 7, 8]],
    ['all', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ])('is what it needs, and nothing else: %s', async (_what, needed) => {
    const all = Array.from({ length: 10 }, (_, i) => i);
    expect(await smallest(all, async (kept) => needed.every((one) => kept.includes(one)))).toEqual(needed);
  });
});

describe('the time of a story', () => {
  test('wakes one after another, earliest first, and skips what was called off', async () => {
    const timeline = createTimeline(1_000, () => false);
    const woken: string[] = [];
    const stop = new AbortController();
    for (const [name, ms] of [
      ['late', 20],
      ['early', 10.2],
      ['also early', 11],
    ] as const)
      void timeline.wait(ms).then(() => woken.push(`${name} at ${timeline.now()}`));
    const off = timeline.wait(5, stop.signal).catch(() => woken.push('called off'));
    stop.abort();
    await off;
    while (await timeline.next());
    expect(woken).toEqual(['called off', 'early at 1011', 'also early at 1011', 'late at 1020']);
  });
});
