import type { Expression, Place } from '../expression.ts';
import { emptyOf, type Row, type Type, type Value } from '../values.ts';

/** What one group of rows has come to. */
export type Accumulator = { add(row: Row, place: Place): void; value(): Value };

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
      let state = fold.start();
      return {
        add(row, place) {
          if (condition !== undefined && condition.evaluate(row, place) !== true) return;
          const each = value.evaluate(row, place);
          if (each !== null) state = fold.add(state, each);
        },
        value: () => fold.end(state) ?? emptyOf(type),
      };
    },
  };
}
