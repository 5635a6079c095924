const GROUPED = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A count within a sentence, as every number of a message is written: `1,699`. */
export function digits(count: number): string {
  return GROUPED.format(count);
}
