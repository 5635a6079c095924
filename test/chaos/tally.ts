import type { PlansPlayed } from './approvals.ts';
import type { FaultKind } from './faults.ts';
import type { Played } from './play.ts';

/** What the seeds of one run, or of one part of it, came to; plain data, so that threads can send it. */
export type Tally = {
  seeds: number;
  alerts: number;
  storms: number;
  summarised: number;
  messages: number;
  kills: number;
  repeats: number;
  markedRepeats: number;
  deadLetters: number;
  plans: PlansPlayed;
  struck: [FaultKind, number][];
  failures: { seed: number; broken: string[] }[];
};

export const NOTHING: Tally = {
  seeds: 0,
  alerts: 0,
  storms: 0,
  summarised: 0,
  messages: 0,
  kills: 0,
  repeats: 0,
  markedRepeats: 0,
  deadLetters: 0,
  plans: { offered: 0, done: 0, undone: 0 },
  struck: [],
  failures: [],
};

export function tallyOf(played: Played): Tally {
  const { seed, broken, struck, ...counts } = played;
  return { seeds: 1, ...counts, struck: [...struck], failures: broken.length > 0 ? [{ seed, broken }] : [] };
}

export function addTallies(a: Tally, b: Tally): Tally {
  const struck = new Map(a.struck);
  for (const [kind, count] of b.struck) struck.set(kind, (struck.get(kind) ?? 0) + count);
  return {
    seeds: a.seeds + b.seeds,
    alerts: a.alerts + b.alerts,
    storms: a.storms + b.storms,
    summarised: a.summarised + b.summarised,
    messages: a.messages + b.messages,
    kills: a.kills + b.kills,
    repeats: a.repeats + b.repeats,
    markedRepeats: a.markedRepeats + b.markedRepeats,
    deadLetters: a.deadLetters + b.deadLetters,
    plans: {
      offered: a.plans.offered + b.plans.offered,
      done: a.plans.done + b.plans.done,
      undone: a.plans.undone + b.plans.undone,
    },
    struck: [...struck],
    failures: [...a.failures, ...b.failures],
  };
}

/** Failures that are shown, and broken rules of each: the first say enough. */
const MOST_FAILURES = 20;
const MOST_RULES = 4;

/** The lines of the summary. */
export function sayTally(tally: Tally, seconds: number): string[] {
  const { seeds, alerts, storms, summarised, messages, kills, struck, failures } = tally;
  const { repeats, markedRepeats, deadLetters, plans } = tally;
  const faults = struck.reduce((sum, [, count]) => sum + count, 0);
  return [
    `${seeds} seeds in ${seconds.toFixed(1)} s: ${alerts} alerts accepted, ${messages} messages sent or edited`,
    `${storms} storms told of ${summarised} incidents together`,
    `${plans.offered} plans offered, ${plans.done} done and ${plans.undone} of them taken back: each once, on the word of who may, audited`,
    `${faults} faults:`,
    ...struck.toSorted(([, a], [, b]) => b - a).map(([kind, count]) => `  ${String(count).padStart(7)}  ${kind}`),
    `${kills} processes killed; ${deadLetters} messages laid aside after too many deliveries, all of them explained`,
    `${repeats} repeats at the webhook, in the gap that no client can close; ${markedRepeats} messages say that they may be one`,
    ...failures
      .slice(0, MOST_FAILURES)
      .flatMap(({ seed, broken }) => [
        `seed ${seed}: ${broken.length} rules broken`,
        ...broken.slice(0, MOST_RULES).map((rule) => `  ${rule}`),
      ]),
    ...(failures.length > MOST_FAILURES ? [`and ${failures.length - MOST_FAILURES} failing seeds more`] : []),
  ];
}
