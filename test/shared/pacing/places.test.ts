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

test('places that are deferred keep their order among those that are not', () => {
  const places = createPlaces();
  for (const due of [10, 20, 90, 95]) places.add(due);
  places.drop();
  places.defer(50, 73);
  expect([places.dueAt(0), places.dueAt(1), places.dueAt(2), places.count()]).toEqual([90, 93, 95, 3]);
});

test('a place that is free sooner than others goes before them', () => {
  const places = createPlaces();
  for (const due of [10, 30, 20]) places.add(due);
  expect([places.dueAt(0), places.dueAt(1), places.dueAt(2)]).toEqual([10, 20, 30]);
});
