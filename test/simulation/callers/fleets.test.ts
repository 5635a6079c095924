import { expect, test } from 'vitest';
import { drainList } from '../../../simulation/callers/drain.ts';
import { secretGet } from '../../../simulation/callers/instance.ts';
import { listThenGet } from '../../../simulation/callers/listings.ts';
import { loopOver } from '../../../simulation/callers/loops.ts';
import { loseTokens } from '../../../simulation/callers/outage.ts';
import { pollInstances } from '../../../simulation/callers/polls.ts';
import { kubernetesBackoffMs, restartInstance, startInstance } from '../../../simulation/callers/starts.ts';
import { askForEachPiece, climb } from '../../../simulation/callers/work.ts';
import { pathsOf, setScene } from './kit.ts';

test('a start draws one challenge and reads the whole set once, in order', () => {
  const { world, instances, play } = setScene({ instances: 3, secrets: 5 });
  for (const instance of instances) startInstance(world, instance, { atMs: 1_000, together: false, workMs: 5 });
  const log = play(60_000);
  for (const { address, application } of instances) {
    expect(log.filter((request) => request.address === address && request.status === 401)).toHaveLength(1);
    expect(pathsOf(log, address)).toEqual(application.secrets.map((secret) => `/secrets/${secret}`));
  }
});

test('what was refused is asked again until it is served: each instance gets its whole set in the end', () => {
  const { world, instances, play } = setScene({ instances: 10, secrets: 6 }, { requests: 20 });
  for (const instance of instances) startInstance(world, instance, { atMs: 0, together: true, workMs: 5 });
  const log = play(300_000);
  expect(log.some(({ status }) => status === 429)).toBe(true);
  const served = log.filter(({ status }) => status === 200).map(({ address, path }) => `${address}${path}`);
  expect(served).toHaveLength(60);
  expect(new Set(served).size).toBe(60);
});

test('a restarting instance reads its set in each round, with a challenge each time', () => {
  const { world, instances, play } = setScene({ instances: 1, secrets: 4 });
  for (const instance of instances)
    restartInstance(world, instance, { atMs: 0, together: false, workMs: 5, rounds: 3, gapMs: () => 20_000 });
  const log = play(120_000);
  expect(log.filter(({ status }) => status === 401).map(({ timeMs }) => timeMs)).toEqual([0, 20_000, 40_000]);
  expect(log.filter(({ status }) => status === 200)).toHaveLength(12);
});

test('kubernetes waits twice as long each time, five minutes at most', () => {
  expect([1, 2, 3, 5, 6, 9].map(kubernetesBackoffMs)).toEqual([10_000, 20_000, 40_000, 160_000, 300_000, 300_000]);
});

test('a poll comes at a constant period and keeps its client', () => {
  const { world, instances, play } = setScene({ instances: 2, secrets: 3 });
  pollInstances(world, instances, {
    ...{ periodMs: 30_000, jitterShare: 0, phaseMs: 0, fromMs: 0, untilMs: 95_000 },
    ...{ together: true, workMs: 5, freshClient: false },
  });
  const log = play(200_000);
  const [first] = instances;
  const times = log.filter(({ address }) => address === first?.address).map(({ timeMs }) => timeMs);
  expect([...new Set(times)]).toEqual([0, 30_000, 60_000, 90_000]);
  expect(log.filter(({ status }) => status === 401)).toHaveLength(0);
});

test('a loop over what fails goes on with the same targets until it ends, and stops once served', () => {
  const until = { pauseMs: 1_000, fromMs: 0, withinMs: 0, untilMs: 30_000 };
  const failing = setScene({ instances: 1, secrets: 2 }, { nature: { fault: () => 403 } });
  loopOver(failing.world, failing.instances, { operations: [secretGet('a'), secretGet('b')], ...until });
  const log = failing.play(60_000);
  expect(log.length).toBeGreaterThan(20);
  expect(new Set(log.map(({ path, status }) => `${path} ${status}`))).toEqual(
    new Set(['/secrets/a 403', '/secrets/b 403']),
  );
  const served = setScene({ instances: 1, secrets: 2 });
  loopOver(served.world, served.instances, { operations: [secretGet('a'), secretGet('b')], ...until });
  expect(served.play(60_000)).toHaveLength(2);
});

test('a listing takes a page for each 25 names before it gets each of them', () => {
  const { world, instances, play } = setScene({ instances: 1, secrets: 60 });
  for (const instance of instances)
    listThenGet(world, instance, {
      ...{ names: instance.application.secrets, atMs: 0, together: false },
      ...{ freshClient: false, workMs: 5, knows: false },
    });
  const operations = play(120_000).map(({ operation }) => operation);
  expect(operations.slice(0, 3)).toEqual(['SecretList', 'SecretList', 'SecretList']);
  expect(operations.slice(3)).toEqual(Array.from({ length: 60 }, () => 'SecretGet'));
});

test('the workers of a job take each item once', () => {
  const { world, instances, play } = setScene({ instances: 3, secrets: 0 });
  const items = Array.from({ length: 200 }, (_, index) => secretGet(`item-${index}`));
  drainList(world, instances, { items, workersPerInstance: 4, itemMs: 50, fromMs: 0, untilMs: 600_000 });
  const paths = play(600_000).map(({ path }) => path);
  expect(paths.toSorted()).toEqual(items.map(({ path }) => path).toSorted());
});

test('without tokens there are challenges that nothing follows; with them each instance reads its set once', () => {
  const { world, instances, play } = setScene({ instances: 4, secrets: 3 });
  const back: string[] = [];
  loseTokens(world, instances, {
    ...{ fromMs: 0, toMs: 60_000, noticedWithinMs: 1_000, againMs: 10_000, spreadMs: 0, workMs: 5 },
    done: ({ address }) => back.push(address),
  });
  const log = play(120_000);
  expect(log.filter(({ timeMs }) => timeMs < 60_000).every(({ status }) => status === 401)).toBe(true);
  expect(log.filter(({ status }) => status === 200)).toHaveLength(12);
  expect(back.toSorted()).toEqual(instances.map(({ address }) => address).toSorted());
});

test('work comes as often as it is said to, before, during and after its peak', () => {
  const { world, instances, play } = setScene({ instances: 5, secrets: 1 });
  const perSecond = climb({ usual: 2, peak: 20, onsetMs: 100_000, climbMs: 0, holdMs: 100_000 });
  const choose = () => [secretGet('a')];
  askForEachPiece(world, instances, {
    ...{ perSecond, peakPerSecond: 20, choose, freshClientShare: 0, together: false, workMs: 5, fromMs: 0 },
  });
  const log = play(300_000);
  const between = (fromMs: number, toMs: number) =>
    log.filter(({ timeMs }) => timeMs >= fromMs && timeMs < toMs).length / ((toMs - fromMs) / 1000);
  // Four standard deviations of a Poisson process of that rate over 100 s.
  expect(Math.abs(between(0, 100_000) - 2)).toBeLessThan(4 * Math.sqrt(2 / 100));
  expect(Math.abs(between(100_000, 200_000) - 20)).toBeLessThan(4 * Math.sqrt(20 / 100));
  expect(Math.abs(between(200_000, 300_000) - 2)).toBeLessThan(4 * Math.sqrt(2 / 100));
});

test('a client for each piece of work draws a challenge before each read', () => {
  const { world, instances, play } = setScene({ instances: 2, secrets: 1 });
  const work = { perSecond: () => 5, peakPerSecond: 5, choose: () => [secretGet('a')] };
  askForEachPiece(world, instances, { ...work, freshClientShare: 1, together: false, workMs: 5, fromMs: 0 });
  const log = play(60_000);
  const challenges = log.filter(({ status }) => status === 401).length;
  expect(challenges).toBeGreaterThan(200);
  // What was challenged last may still be on its way.
  expect(challenges - log.filter(({ status }) => status === 200).length).toBeLessThan(5);
});
