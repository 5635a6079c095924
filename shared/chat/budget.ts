/** A part of a rendered message: what it is made of, and how much it matters. */
export type Part<T> = {
  /** 1 most; a higher rank is dropped sooner. */
  rank: number;
  items: T[];
  /** How many first items are a heading, which says nothing alone. */
  heads?: number;
  /** Half of it would mislead (a chart): all or nothing. */
  whole?: boolean;
};

/**
 * Drops items, last first and from the least important part on, until what is left fits.
 *
 * Parts of rank 1 are never dropped: each renderer bounds them so that they always fit. Answers the kept items in
 * their order and whether any was dropped.
 */
export function keepWithin<T>(
  parts: readonly Part<T>[],
  fits: (kept: readonly T[]) => boolean,
): { kept: T[]; shortened: boolean } {
  const left = parts.map((part) => ({ ...part, items: [...part.items] }));
  let shortened = false;
  for (;;) {
    const kept = left.flatMap((part) => part.items);
    if (fits(kept)) return { kept, shortened };
    const least = leastOf(left);
    if (!least) return { kept, shortened };
    least.items.pop();
    if (least.whole || least.items.length <= (least.heads ?? 0)) least.items = [];
    shortened = true;
  }
}

function leastOf<T>(parts: readonly Part<T>[]): Part<T> | undefined {
  return parts.reduce<Part<T> | undefined>((least, part) => {
    if (part.rank <= 1 || part.items.length === 0) return least;
    return least === undefined || part.rank >= least.rank ? part : least;
  }, undefined);
}
