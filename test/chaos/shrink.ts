import { type Plan, play } from './play.ts';

/** Plays that may be spent on one failure. */
const MOST_PLAYS = 250;

/**
 * The plan without whatever its failure does not need: first whole runs of faults are left out, then single ones, then
 * what was sent (delta debugging).
 */
export async function shrink(plan: Plan): Promise<Plan> {
  const wanted = new Set((await play(plan)).broken.map(shapeOf));
  let plays = 0;
  const fails = async (candidate: Plan): Promise<boolean> => {
    plays += 1;
    if (plays > MOST_PLAYS) return false;
    return (await play(candidate)).broken.some((rule) => wanted.has(shapeOf(rule)));
  };
  const faults = await smallest(plan.faults, (kept) => fails({ ...plan, faults: kept }));
  const less = { ...plan, faults };
  const calls = await smallest(plan.calls, (kept) =>
    kept.length > 0 ? fails({ ...less, calls: kept }) : Promise.resolve(false),
  );
  return { ...less, calls };
}

/** What a broken rule says, whatever it says it of. */
function shapeOf(rule: string): string {
  return rule
    .replaceAll(/\S*[0-9]\S*/g, '#')
    .replaceAll(/#.*?: /g, '#: ')
    .slice(0, 60);
}

/** A part of the list that still fails, and of which no single member can be left out. */
export async function smallest<T>(all: readonly T[], fails: (kept: T[]) => Promise<boolean>): Promise<T[]> {
  let kept = [...all];
  let size = Math.max(1, Math.floor(kept.length / 2));
  for (;;) {
    let at = 0;
    let isSmaller = false;
    while (at < kept.length) {
      const without = kept.toSpliced(at, size);
      if (await fails(without)) {
        kept = without;
        isSmaller = true;
      } else at += size;
    }
    if (size === 1 && !isSmaller) return kept;
    if (!isSmaller) size = Math.max(1, Math.floor(size / 2));
  }
}
