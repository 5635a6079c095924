import { callerOf } from '../diagnoses/caller.ts';
import { callers } from '../evidence/callers.ts';
import { rowsOf } from '../evidence/rows.ts';
import { timeline } from '../evidence/timeline.ts';
import type { Evidence, Impact } from '../model.ts';
import { errorBudgetBurn, type Objective } from './error-budget.ts';

const DEPENDENTS_MAX = 20;
/** From this many refused minutes on that fill most of the time between first and last, it is no passing burst. */
const PERSISTENT_MINUTES = 3;
const PERSISTENT_SHARE = 0.8;

/**
 * Who was refused, how often and for how long. Undefined when nothing was refused or the log could not be read.
 *
 * `dependents` are the refused callers that no finding names, most refused first, at most 20.
 *
 * @param culprits ids of the callers that findings name
 * @param objective of the resource; null where the settings name none
 */
export function measureImpact(
  evidence: Evidence,
  culprits: ReadonlySet<string>,
  objective: Objective | null = null,
): Impact | undefined {
  const lines = rowsOf(evidence, timeline)?.filter(({ outcome }) => outcome === 'refused') ?? [];
  const minutes = new Map<number, number>();
  let requestsFailed = 0;
  for (const { fromSecond, perSecond } of lines)
    for (const [second, count] of perSecond.entries()) {
      if (count === 0) continue;
      const minute = Math.floor((fromSecond + second) / 60);
      minutes.set(minute, (minutes.get(minute) ?? 0) + count);
      requestsFailed += count;
    }
  if (requestsFailed === 0) return undefined;
  const refused = (rowsOf(evidence, callers) ?? []).filter((row) => row.refused > 0);
  const span = Math.max(...minutes.keys()) - Math.min(...minutes.keys()) + 1;
  const persistent = minutes.size >= PERSISTENT_MINUTES && minutes.size >= PERSISTENT_SHARE * span;
  return {
    callersRefused: refused.length,
    requestsFailed,
    minutesOver: minutes.size,
    pattern: persistent ? 'persistent' : 'intermittent',
    dependents: refused
      .filter(({ caller }) => !culprits.has(caller))
      .sort((a, b) => b.refused - a.refused || (a.caller < b.caller ? -1 : 1))
      .slice(0, DEPENDENTS_MAX)
      .map(callerOf),
    errorBudgetBurn: errorBudgetBurn(evidence, objective),
  };
}
