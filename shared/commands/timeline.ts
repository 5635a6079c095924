import { countWords, numberWords, percentWords, timeWords } from '../chat/words.ts';
import { rowsOf } from '../evidence/rows.ts';
import { type TimelineRow, timeline as timelineKind } from '../evidence/timeline.ts';
import { limitFor } from '../limits.ts';
import { type Command, type CommandDeps, plainAnswer, type Reply } from './command.ts';
import { type Looked, look, spanWords } from './look.ts';
import { takeWindow } from './window.ts';

/** Rows that a reader takes in at once. */
const STEPS_MAX = 20;
const STEPS_S = [60, 120, 300, 600, 900, 1_800, 3_600, 7_200] as const;
/** What the published limits of vaults are counted over, where no limit says otherwise. */
const WINDOW_S = 10;

/** Requests of a resource over time, against the limit of the class that it was asked most for. */
export const timeline: Command = {
  name: 'timeline',
  usage: 'timeline <resource> [window]',
  example: 'timeline kv-contoso since 09:00',
  summary: 'how much was asked of it over time, against its limit',
  slow: true,
  parse(words) {
    const taken = takeWindow(words);
    if (!taken.ok) return taken;
    const [typed, ...rest] = taken.rest;
    if (typed === undefined || rest.length > 0)
      return { ok: false, problem: 'timeline takes one resource, and a window' };
    return {
      ok: true,
      async run(deps) {
        const looked = await look(deps, { typed, kinds: [timelineKind.kind], window: taken.window });
        return looked.ok ? answerOf(deps, looked) : looked.reply;
      },
    };
  },
};

function answerOf({ policy }: CommandDeps, { resource, evidence, notes }: Looked & { ok: true }): Reply {
  const rows = rowsOf(evidence, timelineKind) ?? [];
  const operationClass = busiestClass(rows);
  const span = spanWords(evidence);
  if (operationClass === undefined)
    return plainAnswer(
      `Nothing was asked of ${resource.name}, ${span}`,
      notes.map(({ text }) => text),
    );
  const own = rows.filter((row) => row.class === operationClass);
  const all = addUp(own);
  const refused = addUp(own.filter(({ outcome }) => outcome === 'refused'));
  const limit = limitFor(policy.limits, resource, operationClass);
  const windowSeconds = limit?.windowSeconds ?? WINDOW_S;
  const stepSeconds = STEPS_S.find((step) => step * STEPS_MAX >= all.length) ?? Math.ceil(all.length / STEPS_MAX);
  const fromMs = (own[0]?.fromSecond ?? 0) * 1000;
  const steps: string[][] = [];
  for (let from = 0; from < all.length; from += stepSeconds) {
    const to = Math.min(from + stepSeconds, all.length);
    const peak = busiestWindow(all, from, to, windowSeconds);
    steps.push([
      timeWords(new Date(fromMs + from * 1000).toISOString()).slice(5, 16),
      numberWords(total(all, from, to)),
      numberWords(total(refused, from, to)),
      numberWords(peak),
      ...(limit === null ? [] : [percentWords(peak / limit.max)]),
    ]);
  }
  const columns = [
    'from (UTC)',
    'requests',
    'refused',
    `peak ${windowSeconds} s`,
    ...(limit === null ? [] : ['of the limit']),
  ];
  const refusals = total(refused, 0, refused.length);
  return {
    kind: 'answer',
    answer: {
      title: `${resource.name}: ${countWords(total(all, 0, all.length), 'request')}, ${refusals === 0 ? 'none' : numberWords(refusals)} refused`,
      lines: [`${operationClass} operations, ${span}`],
      table: { columns, rows: steps },
      notes,
    },
  };
}

function busiestClass(rows: readonly TimelineRow[]): string | undefined {
  const counts = new Map<string, number>();
  for (const row of rows)
    counts.set(row.class, (counts.get(row.class) ?? 0) + total(row.perSecond, 0, row.perSecond.length));
  return [...counts].filter(([, requests]) => requests > 0).sort(([, a], [, b]) => b - a)[0]?.[0];
}

/** Requests of every outcome by second. */
function addUp(rows: readonly TimelineRow[]): number[] {
  const seconds = Math.max(0, ...rows.map(({ perSecond }) => perSecond.length));
  return Array.from({ length: seconds }, (_, second) =>
    rows.reduce((sum, row) => sum + (row.perSecond[second] ?? 0), 0),
  );
}

function total(perSecond: readonly number[], from: number, to: number): number {
  return perSecond.slice(from, to).reduce((sum, count) => sum + count, 0);
}

/** The most in any window of the limit that ends in this step. */
function busiestWindow(perSecond: readonly number[], from: number, to: number, windowSeconds: number): number {
  let most = 0;
  for (let end = from + 1; end <= to; end += 1)
    most = Math.max(most, total(perSecond, Math.max(0, end - windowSeconds), end));
  return most;
}
