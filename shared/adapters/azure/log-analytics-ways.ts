import type { Window } from '../../model.ts';
import { createTtlCache } from '../../pacing/ttl-cache.ts';
import type { EvidenceRequest } from '../../ports.ts';
import type { LogsQuestion } from './log-analytics-client.ts';
import type { Refusal } from './log-analytics-failure.ts';

export type LogsStatement = { kind: string; window: Window };

/** One text and what it answers; `packed`: rows `{ kind, window, row }` of all. */
export type LogsPart = { text: string; statements: readonly LogsStatement[]; packed: boolean };

/**
 * How a workspace is asked: for all at once, or coarsely; through `search` where a table is on the Basic plan. There, who is
 * asked for no more than one table takes each statement by itself.
 */
export type Way = { through: NonNullable<LogsQuestion['through']>; coarse: boolean };

const WHOLE: Way = { through: 'query', coarse: false };

/** What is still worth a try after a refusal; null: nothing is. */
export function nextWay({ through, coarse }: Way, refusal: Refusal, about: LogsQuestion['about']): Way | null {
  // Who asks a resource for its logs never reaches tables of the Basic plan.
  if (refusal === 'basic-plan')
    return through === 'query' && 'workspaceId' in about ? { through: 'search', coarse } : null;
  return coarse ? null : { through, coarse: true };
}

/** One question for all, or one for each where they were not put together; none where nothing can be asked in this way. */
export function partsOf({ query, window }: EvidenceRequest, { through, coarse }: Way): LogsPart[] {
  const { together, statements: given } = coarse ? (query.coarse ?? { statements: [] }) : query;
  const statements = given.map((statement) => ({ ...statement, window: statement.window ?? window }));
  if (together !== undefined && !(coarse && through === 'search'))
    return [{ text: together, statements, packed: true }];
  return statements.map((statement) => ({ text: statement.text, statements: [statement], packed: coarse }));
}

/** A table's plan is changed at most once a week. */
const KEPT_MS = 3_600_000;
const KEPT_MAX = 1_000;

/** The way that each place took last: found out once, and not paid for with each run. */
export function createWayMemory(): {
  of(about: LogsQuestion['about'], now: number): Way;
  took(about: LogsQuestion['about'], way: Way, now: number): void;
  forget(about: LogsQuestion['about']): void;
} {
  const known = createTtlCache<Way>(KEPT_MAX);
  return {
    of: (about, now) => known.get(JSON.stringify(about), now)?.entry.value ?? WHOLE,
    took(about, way, now) {
      const until = now + KEPT_MS;
      if (way !== WHOLE) known.set(JSON.stringify(about), { value: way, freshUntil: until, staleUntil: until });
    },
    forget: (about) => known.delete(JSON.stringify(about)),
  };
}
