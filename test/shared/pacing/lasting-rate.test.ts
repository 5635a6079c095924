import { describe, expect, test } from 'vitest';
import { cutRate, raiseRate } from '../../../shared/pacing/lasting-rate.ts';

describe('a lasting rate', () => {
  test.each([
    [0.25, 1 / 3],
    [0.5, 1],
    [1, 1.28],
    [10, 10.055],
  ])('of %f requests a window is %f after one was served', (before, after) => {
    expect(raiseRate(before)).toBeCloseTo(after, 9);
  });

  test.each([
    [10, 8],
    [1.1, 1],
    [1, 0.5],
    [0.5, 1 / 3],
    [0.25, 0.25],
  ])('of %f requests a window is %f after one was refused', (before, after) => {
    expect(cutRate(before)).toBeCloseTo(after, 9);
  });
});
