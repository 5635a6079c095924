import { effectOf, effectWindow, nextLook } from '../actions/effect.ts';
import { conclude, isCheckDue } from '../actions/run.ts';
import { timeline } from '../evidence/timeline.ts';
import type { Plan } from '../model.ts';
import { type ActionDeps, timeNow, type WorkDeps } from './deps.ts';
import { gather } from './gather.ts';
import { readIncident } from './incidents.ts';
import { updatePlan } from './plans.ts';

/** Queries that one plan may cost, beside those of its incident: each look asks every store once. */
const QUERIES_PER_LOOK = 4;
const READ_MS = 60_000;

/**
 * Reads the log or metric again and says whether what was done has worked; until that is settled it is looked at again. What
 * cannot be read is said, and is no proof of anything.
 */
export async function verifyPlan(deps: WorkDeps, { rules }: ActionDeps, plan: Plan): Promise<Plan> {
  const { phase, performed } = plan;
  const record = (await readIncident(deps, plan.incidentId))?.value;
  if (phase.state !== 'done' || !performed || !record) return plan;
  const { resource } = record;
  const now = timeNow(deps.clock);
  const mayRead = deps.policy.mayRead(resource) && rules.some(({ id }) => id === plan.action);
  const evidence = await gather(
    { readers: mayRead ? deps.readers : [], clock: deps.clock },
    {
      resource,
      ...effectWindow(performed.at, now),
      kinds: [timeline.kind],
      timeoutMs: READ_MS,
      budget: { left: QUERIES_PER_LOOK },
    },
  );
  const { effect, settled } = effectOf(evidence, performed.at, now);
  const againAt = settled ? null : nextLook(performed.at, now);
  const changed = await updatePlan(deps, plan.id, (one) =>
    one.version === plan.version && isCheckDue(one, now) ? conclude(one, now, effect, againAt) : one,
  );
  deps.log.info('action-looked-at', { plan: plan.id, verdict: effect.verdict, settled: againAt === null });
  return changed?.after ?? plan;
}
