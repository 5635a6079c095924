import { describe, expect, test } from 'vitest';
import { retryEchoOf } from '../../../shared/diagnoses/retry-echo.ts';
import { doubles, givesUp, pause, tries } from './tries.ts';

describe('among tries that cannot be told apart', () => {
  test.each([
    [120, 4],
    [400, 4],
    [900, 5],
  ])('a loop that waits %i ms shows by it, again and again', (ms, most) => {
    const echo = retryEchoOf([tries(pause(ms, most))], 'app');
    expect(echo?.crowd).toBeGreaterThan(3);
    expect(echo?.wait?.ms).toBeGreaterThan(0.9 * ms);
    expect(echo?.wait?.ms).toBeLessThan(1.15 * ms);
    expect((echo?.wait?.share ?? 0) * (1 + (echo?.wait?.again ?? 0))).toBeGreaterThan(1.25);
  });

  test('waits that double show the first of them, by less than a loop would', () => {
    const wait = retryEchoOf([tries(doubles)], 'app')?.wait;
    expect(wait?.ms).toBeGreaterThan(700);
    expect(wait?.ms).toBeLessThan(900);
    expect((wait?.share ?? 0) * (1 + (wait?.again ?? 0))).toBeLessThan(1.1);
  });

  test('a caller that gives up at once sends nothing more than by chance', () => {
    const echo = retryEchoOf([tries(givesUp)], 'app');
    expect(echo?.wait).toBeNull();
    expect(Math.abs(echo?.retries ?? 1)).toBeLessThan(3 * (echo?.retriesError ?? 0));
  });
});

test('several classes of one caller are taken together, and those of others left out', () => {
  const loop = tries(pause(300, 4));
  const other = tries(givesUp, { seed: 2, caller: 'other' });
  const half = { ...tries(pause(300, 4), { needs: 5, seed: 3 }), class: 'key' };
  expect(retryEchoOf([other, loop, half], 'app')?.wait?.ms).toBeCloseTo(retryEchoOf([loop], 'app')?.wait?.ms ?? 0, -2);
  expect(retryEchoOf([other, loop], 'other')?.wait).toBeNull();
});

test('too few refusals, one need alone, or nobody of that name tell nothing', () => {
  expect(retryEchoOf([tries(pause(300, 4), { refused: 0.0005 })], 'app')).toBeNull();
  expect(retryEchoOf([tries(pause(300, 4), { needs: 1 })], 'app')).toBeNull();
  expect(retryEchoOf([tries(pause(300, 4))], 'nobody')).toBeNull();
});

test('where each need is asked for once its crowd is empty', () => {
  const echo = retryEchoOf([tries(doubles, { needs: 600, everyMs: 60_000 })], 'app');
  expect(echo?.crowd).toBeLessThan(0.1);
});
