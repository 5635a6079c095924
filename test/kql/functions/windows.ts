import { KqlError } from '../error.ts';
import { cast, type Expression, eachRow, numberOf, type Place, type ScalarFunction } from '../expression.ts';
import { emptyOf, exact, keyOf, type Row, type Type, type Value } from '../values.ts';

/** Values for all rows of an operator, worked out when the first of them is asked for. */
function overRows(type: Type, compute: (rows: readonly Row[]) => readonly Value[]): Expression {
  let done: { rows: readonly Row[]; values: readonly Value[] } | undefined;
  return {
    type,
    constant: false,
    evaluate(_row: Row, { rows, index }: Place) {
      if (done?.rows !== rows) done = { rows, values: compute(rows) };
      return done.values[index] ?? emptyOf(type);
    },
  };
}

function valuesOf(expression: Expression, rows: readonly Row[]): readonly Value[] {
  return eachRow(rows, (row, place) => expression.evaluate(row, place));
}

function restartsOf(restart: Expression | undefined, rows: readonly Row[]): readonly boolean[] {
  return restart === undefined ? [] : valuesOf(restart, rows).map((value) => value === true);
}

function neighbour(direction: 1 | -1): ScalarFunction {
  return ([value, offset, byDefault]) => {
    if (value === undefined) throw new KqlError('prev or next of nothing');
    const by = direction * (offset === undefined ? 1 : numberOf(offset, 'the offset'));
    const otherwise = byDefault === undefined ? undefined : cast(byDefault, value.type);
    return overRows(value.type, (rows) => {
      const values = valuesOf(value, rows);
      return rows.map((row, index) => {
        const at = index + by;
        if (at >= 0 && at < values.length) return values[at] ?? emptyOf(value.type);
        return otherwise?.evaluate(row, { rows, index }) ?? emptyOf(value.type);
      });
    });
  };
}

const rowNumber: ScalarFunction = ([start, restart]) => {
  const from = start === undefined ? 1 : numberOf(start, 'the first row_number');
  return overRows('long', (rows) => {
    const restarts = restartsOf(restart, rows);
    let number = from - 1;
    return rows.map((_, index) => {
      number = index === 0 || restarts[index] ? from : number + 1;
      return number;
    });
  });
};

const rowCumsum: ScalarFunction = ([term, restart]) => {
  if (term === undefined) throw new KqlError('row_cumsum of nothing');
  const type = term.type === 'real' || term.type === 'timespan' ? term.type : 'long';
  return overRows(type, (rows) => {
    const restarts = restartsOf(restart, rows);
    let sum = 0;
    return valuesOf(term, rows).map((value, index) => {
      if (restarts[index]) sum = 0;
      sum += value === null ? 0 : Number(value);
      return type === 'real' ? sum : exact(sum);
    });
  });
};

/** The first value of the session that each row lies in. */
const rowWindowSession: ScalarFunction = ([value, fromFirst, between, restart]) => {
  if (value === undefined || fromFirst === undefined || between === undefined)
    throw new KqlError('row_window_session takes a value and two distances');
  const [longest, gap] = [numberOf(fromFirst, 'the longest session'), numberOf(between, 'the longest gap')];
  return overRows('datetime', (rows) => {
    const restarts = restartsOf(restart, rows);
    let session: number | null = null;
    let before: number | null = null;
    return valuesOf(value, rows).map((at, index) => {
      if (typeof at !== 'number') {
        session = null;
        before = null;
        return null;
      }
      const begins =
        session === null || before === null || restarts[index] || at >= session + longest || at >= before + gap;
      if (begins) session = at;
      before = at;
      return session;
    });
  });
};

/** 1 for the first of equal values in a row, one more for each other value. */
const rowRankDense: ScalarFunction = ([value, restart]) => {
  if (value === undefined) throw new KqlError('row_rank_dense of nothing');
  return overRows('long', (rows) => {
    const restarts = restartsOf(restart, rows);
    let rank = 0;
    let before: string | undefined;
    return valuesOf(value, rows).map((each, index) => {
      const key = keyOf(each);
      rank = index === 0 || restarts[index] ? 1 : key === before ? rank : rank + 1;
      before = key;
      return rank;
    });
  });
};

/** Functions that look at other rows: only where the order of rows means something. @see https://learn.microsoft.com/kusto/query/window-functions */
export const WINDOW_FUNCTIONS: Readonly<Record<string, ScalarFunction>> = {
  prev: neighbour(-1),
  next: neighbour(1),
  row_number: rowNumber,
  row_cumsum: rowCumsum,
  row_window_session: rowWindowSession,
  row_rank_dense: rowRankDense,
};
