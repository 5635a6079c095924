/** A line through what was seen, and what can be asked of it: weighted sums of its coefficients, and how sure they are. */
export type Fit = { sum(weights: readonly number[]): number; error(weights: readonly number[]): number };

/** A pivot this small against the largest entry says that one column is made of others. */
const SINGULAR = 1e-9;
/** Fewer rows for each column fit anything. */
const ROWS_A_COLUMN_MIN = 3;

/**
 * Ordinary least squares. Errors allow for rows whose residuals are alike up to `alike` rows apart.
 *
 * Null where columns cannot be told apart, or where there are too few rows.
 *
 * @see Newey and West (1987), A simple, positive semi-definite, heteroskedasticity and autocorrelation consistent covariance matrix
 */
export function leastSquares(rows: readonly (readonly number[])[], seen: readonly number[], alike: number): Fit | null {
  const columns = rows[0]?.length ?? 0;
  if (columns === 0 || rows.length < ROWS_A_COLUMN_MIN * columns) return null;
  const squares = Array.from({ length: columns }, () => Array<number>(columns).fill(0));
  const products = Array<number>(columns).fill(0);
  for (const [index, row] of rows.entries())
    for (const [a, x] of row.entries()) {
      if (x === 0) continue;
      products[a] = (products[a] ?? 0) + x * (seen[index] ?? 0);
      const line = squares[a] ?? [];
      for (const [b, y] of row.entries()) line[b] = (line[b] ?? 0) + x * y;
    }
  const coefficients = solve(squares, products);
  if (coefficients === null) return null;
  const residuals = rows.map((row, index) => (seen[index] ?? 0) - dot(row, coefficients));
  return {
    sum: (weights) => dot(weights, coefficients),
    error(weights) {
      const pull = solve(squares, weights) ?? [];
      const scores = rows.map((row, index) => dot(row, pull) * (residuals[index] ?? 0));
      let variance = 0;
      for (let lag = 0; lag <= alike; lag++) {
        let shared = 0;
        for (let index = lag; index < scores.length; index++)
          shared += (scores[index] ?? 0) * (scores[index - lag] ?? 0);
        variance += (lag === 0 ? 1 : 2) * (1 - lag / (alike + 1)) * shared;
      }
      return Math.sqrt(Math.max(0, variance));
    },
  };
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}

/** By elimination with pivots; null where the matrix is singular. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] | null {
  const lines = matrix.map((line, index) => [...line, right[index] ?? 0]);
  const size = lines.length;
  const largest = Math.max(...matrix.flat().map(Math.abs));
  for (let column = 0; column < size; column++) {
    const from = lines.slice(column).reduce((best, line, index, rest) => {
      return Math.abs(line[column] ?? 0) > Math.abs(rest[best]?.[column] ?? 0) ? index : best;
    }, 0);
    const pivot = lines[column + from] ?? [];
    lines[column + from] = lines[column] ?? [];
    lines[column] = pivot;
    const head = pivot[column] ?? 0;
    if (Math.abs(head) <= SINGULAR * largest) return null;
    for (const [index, line] of lines.entries()) {
      const factor = index === column ? 0 : (line[column] ?? 0) / head;
      if (factor !== 0) for (let at = column; at <= size; at++) line[at] = (line[at] ?? 0) - factor * (pivot[at] ?? 0);
    }
  }
  return lines.map((line, index) => (line[size] ?? 0) / (line[index] ?? 1));
}
