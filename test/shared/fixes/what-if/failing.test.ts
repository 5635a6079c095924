import { expect, test } from 'vitest';
import { splitFailing } from '../../../../shared/fixes/what-if/failing.ts';
import type { Member } from '../../../../shared/fixes/what-if/fleet.ts';
import { reproducible } from '../../../../shared/fixes/what-if/random.ts';
import { dropFailing } from '../../../../shared/fixes/what-if/thin.ts';
import { fleetOf, loadRow, member, type Try, triesRow } from './kit.ts';

const LOST = [1, 2, 3];
const KEPT = 9;

/** Five instances at addresses of their own that ask in turn for what they are not given, and now and then for something else. */
function loopingTries(isRefused: (at: number) => boolean): Try[] {
  const random = reproducible(3);
  const tries: Try[] = [];
  const ask = (at: number, address: number, target: number): void => {
    const answer = target === KEPT ? 200 : 403;
    tries.push({ at, address, target, status: isRefused(at) ? 429 : answer });
  };
  for (let address = 1; address <= 5; address++) {
    let turn = 0;
    for (let at = 100 * address; at < 60_000; at += 70 + 60 * random()) ask(at, address, LOST[turn++ % 3] ?? 1);
    for (let at = 0; at < 60_000; at += 900 * Math.log(1 / (1 - random()))) ask(at, address, KEPT);
  }
  return tries;
}

function split(tries: readonly Try[], language: 'javascript' | 'net' | null): Member[] | null {
  const { demand: _, ...own } = member({ kind: 'arrivals', perSecond: [], piece: null });
  return splitFailing(loadRow(), triesRow(tries), { own, language });
}

const readCount = ({ demand }: Member): number => (demand.kind === 'reads' ? demand.reads.length : Number.NaN);

test('a loop around what fails and what else its caller asks for are loads of their own, where a client gives up at once', () => {
  const tries = loopingTries((at) => at > 30_000);
  const [loop, work] = split(tries, 'javascript') ?? [];
  if (loop === undefined || work === undefined) throw new Error('nothing was split');
  const kept = tries.filter(({ target }) => target === KEPT).length;
  expect([readCount(loop), readCount(work)]).toEqual([tries.length - kept, kept]);
  // Each instance goes around its loop; of its work nothing waits for anything.
  const flows = loop.demand.kind === 'reads' ? loop.demand.reads.filter(({ afterMs }) => afterMs === null) : [];
  expect(flows).toHaveLength(5);
  expect(loop.goesOnShare).toBe(1);
});

test('once it is granted, each instance asks once for what had failed, and all else stays', () => {
  const tries = loopingTries(() => false);
  const parts = split(tries, 'javascript') ?? [];
  const [loop, work] = dropFailing('a')(fleetOf(...parts), reproducible(1)).members;
  expect(loop === undefined ? null : readCount(loop)).toBe(5 * LOST.length);
  expect(work?.demand).toBe(parts[1]?.demand);
});

test('so it is where its waits cannot be told and only the seconds of its tries are known', () => {
  const random = reproducible(5);
  const tries = Array.from({ length: 4_000 }, (): Try => {
    const at = 60_000 * random();
    const target = random() < 0.8 ? 1 + Math.floor(3 * random()) : KEPT;
    return { at, target, status: random() < 0.6 ? 429 : target === KEPT ? 200 : 404 };
  });
  const parts = split(tries, 'net') ?? [];
  expect(parts.map(({ demand }) => demand.kind)).toEqual(['arrivals', 'arrivals']);
  const [loop, work] = dropFailing('a')(fleetOf(...parts), reproducible(1)).members;
  const asked = loop?.demand.kind === 'arrivals' ? loop.demand.perSecond : [];
  expect(asked.reduce((sum, count) => sum + count, 0)).toBe(LOST.length);
  expect(work?.demand).toBe(parts[1]?.demand);
});

test('nothing is split where nothing fails, or all does', () => {
  expect(split([{ at: 0 }, { at: 5, target: 2 }], null)).toBeNull();
  expect(split([{ at: 0, status: 403 }], null)).toBeNull();
});
