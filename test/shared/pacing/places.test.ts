import { expect, test } from 'vitest';
import { createPlaces } from '../../../shared/pacing/places.ts';

test('places are used in the order in which they fall free', () => {
  const places = createPlaces();
  for (const due of [10, 20, 30]) places.add(due);
  expect([places.count(), places.dueAt(), places.dueAt(2)]).toEqual([3, 10, 30]);
  places.drop();
  expect([places.count(), places.dueAt(), places.dueAt(1)]).toEqual([2, 20, 30]);
});

test('what is not held is never free', () => {
  const places = createPlaces();
  expect(places.dueAt()).toBe(Number.POSITIVE_INFINITY);
  places.add(10);
  expect(places.dueAt(1)).toBe(Number.POSITIVE_INFINITY);
  places.clear();
  expect([places.count(), places.dueAt()]).toEqual([0, Number.POSITIVE_INFINITY]);
});

test('a long life does not lose count', () => {
  const places = createPlaces();
  for (let due = 0; due < 5_000; due++) {
    places.add(due);
    if (due >= 3) places.drop();
  }
  expect([places.count(), places.dueAt(), places.dueAt(2)]).toEqual([3, 4_997, 4_999]);
});
