import { expect, test } from 'vitest';
import { callers } from '../../../shared/evidence/callers.ts';
import { challenges } from '../../../shared/evidence/challenges.ts';
import { load } from '../../../shared/evidence/load.ts';
import { retries } from '../../../shared/evidence/retries.ts';
import { starts } from '../../../shared/evidence/starts.ts';
import { targets } from '../../../shared/evidence/targets.ts';
import { timeline } from '../../../shared/evidence/timeline.ts';
import { ask, line } from './kit.ts';

/** One need, refused and asked again after these waits in seconds; the last try is served. */
function chain(at: number, waits: readonly number[], asked: Partial<Parameters<typeof line>[0]> = {}): string[] {
  let time = at;
  return [0, ...waits].map((wait, index) => {
    time += wait;
    return line({ ...asked, at: time, status: index === waits.length ? 200 : 429 });
  });
}

function sum(counts: readonly number[] | undefined): number {
  return (counts ?? []).reduce((all, count) => all + count, 0);
}

test('timeline counts requests by second, class and outcome over the whole window', async () => {
  const rows = await ask(timeline, [
    line({ at: 0 }),
    line({ at: 0.9 }),
    line({ at: 1199 }),
    line({ at: 5, status: 429 }),
  ]);
  const served = rows.find((row) => row.outcome === 'served');
  expect(served?.perSecond).toHaveLength(1200);
  expect([served?.perSecond[0], served?.perSecond[1199], sum(served?.perSecond)]).toEqual([2, 1, 3]);
  expect(rows.find((row) => row.outcome === 'refused')?.perSecond[5]).toBe(1);
});

test('callers counts each status, and the most requests in any ten seconds', async () => {
  const statuses = [200, 401, 403, 404, 429, 500, 503].map((status, index) => line({ at: 100 + index, status }));
  const [row] = await ask(callers, [
    ...statuses,
    line({ at: 111 }),
    line({ at: 300, address: '10.0.0.2', secret: 'two' }),
  ]);
  expect(row).toMatchObject({
    requests: 9,
    served: 3,
    forbidden: 1,
    notFound: 1,
    refused: 1,
    failed: 2,
    addresses: 2,
    targets: 2,
  });
  expect(row).toMatchObject({ peak10s: 7, perTargetAndAddress: 4.5 });
});

test('callers names the most frequent client of each, and the busiest caller first', async () => {
  const rows = await ask(callers, [
    line({ at: 1, client: 'rare/1' }),
    line({ at: 2, client: 'usual/1' }),
    line({ at: 3, client: 'usual/1' }),
    line({ at: 4, appId: 'app-b' }),
  ]);
  expect(rows.map(({ caller, client }) => [caller, client])).toEqual([
    ['app-a', 'usual/1'],
    ['app-b', 'azsdk-net-Security.KeyVault.Secrets/4.7.0 (.NET 8.0.11)'],
  ]);
});

test('retries measures tries for each served request and how waits grow, without linking by id', async () => {
  const lines = [1, 2, 3, 4, 5].flatMap((address) => chain(address, [1, 2, 4, 8], { address: `10.0.1.${address}` }));
  const [row] = await ask(retries, lines);
  expect(row).toMatchObject({
    attempts: 25,
    served: 5,
    refused: 20,
    first: 5,
    refusedChains: 5,
    longChains: 5,
    gaveUp: 0,
  });
  expect(row).toMatchObject({ gap1Ms: 1000, gap2Ms: 2000, gap3Ms: 4000, growth21: 2, growth32: 2, growthChains: 5 });
});

test('retries tells waits that do not grow', async () => {
  const [row] = await ask(retries, chain(1, [0.2, 0.2, 0.2, 0.2]));
  expect(row).toMatchObject({ gap1Ms: 200, growth21: 1, growth32: 1 });
});

test('retries counts a need that ends refused as given up', async () => {
  const [row] = await ask(retries, [
    line({ at: 1, status: 429 }),
    line({ at: 2, status: 429 }),
    line({ at: 3, secret: 'two' }),
  ]);
  expect(row).toMatchObject({ first: 2, refusedChains: 1, gaveUp: 1 });
});

test('retries gives no waits where a need is asked too often, by chance, to tell its tries apart', async () => {
  const hot = Array.from({ length: 40 }, (_, index) =>
    line({ at: index / 2 + ((index * 7) % 5) / 11, status: index % 3 === 0 ? 429 : 200 }),
  );
  const [row] = await ask(retries, hot);
  expect(row).toMatchObject({ gap1Ms: null, growth21: null, growthChains: 0 });
});

test('retries gives the waits of what is asked often all the same, where they are alike', async () => {
  const hot = Array.from({ length: 20 }, (_, index) => [
    line({ at: index, status: 429 }),
    line({ at: index + 0.2, status: 429 }),
    line({ at: index + 0.4 }),
  ]);
  const [row] = await ask(retries, hot.flat());
  expect(row).toMatchObject({ gap1Ms: 200, gap2Ms: 200, growth21: 1, twoWaitChains: 20 });
});

test('a try more than two minutes after a refusal is a new need', async () => {
  const [row] = await ask(retries, [line({ at: 1, status: 429 }), line({ at: 122, status: 429 })]);
  expect(row).toMatchObject({ first: 2 });
});

test('targets gives the five most asked of each caller', async () => {
  const lines = [6, 5, 4, 3, 2, 1].flatMap((times, index) =>
    Array.from({ length: times }, (_, time) =>
      line({ at: 10 * time, secret: `s${index}`, status: time === 0 ? 429 : 200 }),
    ),
  );
  const rows = await ask(targets, lines);
  expect(rows.map(({ target, requests }) => [target, requests])).toEqual([
    ['secrets/s0', 6],
    ['secrets/s1', 5],
    ['secrets/s2', 4],
    ['secrets/s3', 3],
    ['secrets/s4', 2],
  ]);
});

test('targets counts what was forbidden and what was not there', async () => {
  const statuses = [200, 403, 403, 404, 429];
  const rows = await ask(
    targets,
    statuses.map((status, index) => line({ at: index, status })),
  );
  expect(rows).toEqual([expect.objectContaining({ requests: 5, forbidden: 2, notFound: 1, refused: 1 })]);
});

test('targets gives what fails most beside what is asked most', async () => {
  const often = ['a', 'b', 'c', 'd', 'e'].flatMap((secret) => [1, 2, 3, 4].map((at) => line({ at: 10 * at, secret })));
  const failing = ['x', 'y', 'z', 'w'].flatMap((secret, index) =>
    Array.from({ length: index === 3 ? 1 : 2 }, (_, time) => line({ at: 50 + time, secret, status: 404 })),
  );
  const rows = await ask(targets, [...often, ...failing, line({ at: 60, status: 429, secret: 'a' })]);
  expect(rows.map(({ target }) => target).sort()).toEqual(
    ['a', 'b', 'c', 'd', 'e', 'x', 'y', 'z'].map((name) => `secrets/${name}`),
  );
});

test('challenges belong to the caller whose request followed, and stay without one otherwise', async () => {
  const challenge = { appId: null, operation: 'Authentication', status: 401 } as const;
  const rows = await ask(challenges, [
    line({ at: 1, ...challenge }),
    line({ at: 1.2 }),
    line({ at: 30, ...challenge, address: '10.0.0.2' }),
    line({ at: 41, address: '10.0.0.2' }),
    line({ at: 50, ...challenge, address: '198.51.100.7' }),
  ]);
  expect(rows).toEqual([
    { caller: null, challenges: 2, addresses: 2, most60s: 2 },
    { caller: 'app-a', challenges: 1, addresses: 1, most60s: 1 },
  ]);
});

test('starts counts instances that begin together after a silence, and what each of them reads', async () => {
  const before = line({ at: -200, address: '10.0.9.9', appId: 'app-b' });
  const fleet = Array.from({ length: 12 }, (_, index) =>
    ['one', 'two', 'three'].map((secret, read) =>
      line({
        at: 300 + index / 4 + read / 50,
        secret,
        address: `10.0.1.${index}`,
        status: index === 11 && read === 0 ? 429 : 200,
      }),
    ),
  ).flat();
  const [row] = await ask(starts, [before, ...fleet]);
  expect(row).toMatchObject({
    caller: 'app-a',
    starts: 12,
    together: 12,
    targets: 3,
    readsEach: 3,
    reads: 36,
    readsPerTarget: 1,
  });
});

test('starts takes nobody for new whom the log is too short to have seen before', async () => {
  const fleet = Array.from({ length: 12 }, (_, index) => line({ at: 5, address: `10.0.1.${index}`, status: 429 }));
  expect(await ask(starts, fleet)).toEqual([]);
});

test('load tells first tries from retries, and reads that a cache would not have made', async () => {
  const reads = Array.from({ length: 60 }, (_, index) => line({ at: 200 + index * 10 }));
  const [row] = await ask(load, [
    line({ at: 0 }),
    ...reads,
    ...chain(500, [1, 2], { address: '10.0.0.2', secret: 'two' }),
  ]);
  // From 300 s before the first refusal to 120 s after the last: 43 reads of one secret, and one need of another.
  expect(row?.first).toHaveLength(421);
  expect([sum(row?.first), sum(row?.retry), sum(row?.refused)]).toEqual([44, 2, 2]);
  // Each minute one miss of the secret that is read all the time, and one of the other.
  expect(sum(row?.miss60)).toBeGreaterThanOrEqual(8);
  expect(sum(row?.miss60)).toBeLessThanOrEqual(9);
  expect(sum(row?.miss300)).toBeLessThanOrEqual(4);
  expect(row?.gap1Ms).toBe(1000);
  expect(row?.miss3600).toHaveLength(421);
});

test('load keeps the twenty busiest callers and puts the others together', async () => {
  const lines = Array.from({ length: 25 }, (_, index) =>
    Array.from({ length: 25 - index }, (_each, time) =>
      line({ at: 10 + time, appId: `app-${String.fromCharCode(97 + index)}`, status: 429 }),
    ),
  ).flat();
  const rows = await ask(load, lines);
  expect(rows).toHaveLength(21);
  expect(rows.filter((row) => row.caller === null)).toHaveLength(1);
  expect(rows.reduce((all, row) => all + sum(row.refused), 0)).toBe(lines.length);
});

test('nothing around refusals is read where nothing was refused', async () => {
  expect(await ask(load, [line({ at: 1 })])).toEqual([]);
  expect(await ask(retries, [line({ at: 1 })])).toEqual([]);
});
