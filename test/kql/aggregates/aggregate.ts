import type { Expression, Place } from '../expression.ts';
import { emptyOf, type Row, type Type, type Value } from '../values.ts';

/** What groups of rows have come to, each known by its number from 0. */
export type Accumulator = { add(group: number, row: Row, place: Place): void; value(group: number): Value };

/** An aggregate of one value. */
export type Aggregate = { type: Type; start(): Accumulator };

export type AggregateFunction = (args: readonly Expression[]) => Aggregate;

/** An aggregate that folds the values of an expression which are not null, of rows for which `condition` is true. */
export function folded<State>(
  type: Type,
  value: Expression,
  condition: Expression | undefined,
  fold: { start: () => State; add: (state: State, value: Value) => State; end: (state: State) => Value },
): Aggregate {
  return {
    type,
    start() {
      const states: (State | undefined)[] = [];
      return {
        add(group, row, place) {
          if (condition !== undefined && condition.evaluate(row, place) !== true) return;
          const each = value.evaluate(row, place);
          if (each !== null) states[group] = fold.add(states[group] ?? fold.start(), each);
        },
        value: (group) => fold.end(states[group] ?? fold.start()) ?? emptyOf(type),
      };
    },
  };
}
