import type { Incident, PlanView } from '../../../shared/model.ts';
import { diagnosed } from './cases.ts';
import { finding, refusedSignal } from './incidents.ts';

function plan(more: Partial<PlanView> = {}): PlanView {
  return {
    id: '7f3aqwer-1',
    action: 'set-client-policy',
    title: 'Keep secrets of orders-api for 60 min',
    diff: 'client-policy/orders-api: ttlSeconds 300 → 3600 until 18:20 UTC',
    hash: 'h1',
    risk: 'low',
    expiresAt: '2026-11-20T14:43:00.000Z',
    predicted: { throttledBefore: 1240, throttledAfter: 0, peakUtilisationBefore: 1.52, peakUtilisationAfter: 0.08 },
    state: 'planned',
    version: 1,
    at: '2026-11-20T14:13:06.000Z',
    people: [],
    ...more,
  };
}

const DANA = { id: 'slack:T1/U1', name: 'Dana Scully' };
const ON_ITS_WAY: Partial<PlanView> = { at: '2026-11-20T14:20:10.000Z', people: [DANA], version: 4 };
const DONE: Partial<PlanView> = { ...ON_ITS_WAY, canUndo: true };
const STOPPED: NonNullable<PlanView['effect']> = {
  verdict: 'stopped',
  seenUntil: '2026-11-20T14:25:00.000Z',
  refusedBefore: 310,
  refusedAfter: 0,
  stoppedAfterSeconds: 40,
};

const withPlans = (plans: PlanView[], more: Partial<Incident> = {}): Incident =>
  diagnosed(finding(), { id: '7f3aqwer', plans, ...more });

/** An incident with something that can be done about it, in each of its states. */
export const PLAN_CASES: Record<string, Incident> = {
  'plan-offered': withPlans([plan()]),
  'plan-high-risk': withPlans([
    plan({ risk: 'high', title: 'Cap orders-api at 20 requests a second for the whole fleet' }),
  ]),
  'plan-second-person': withPlans([plan({ risk: 'high', people: [DANA], awaitsSecond: true, version: 2 })]),
  'plan-running': withPlans([plan({ ...ON_ITS_WAY, state: 'running' })]),
  'plan-done': withPlans([plan({ ...DONE, state: 'done' })]),
  'plan-verified': withPlans([plan({ ...DONE, state: 'verified', effect: STOPPED })]),
  'plan-without-effect': withPlans([
    plan({ ...DONE, state: 'not-verified', effect: { ...STOPPED, verdict: 'none', refusedAfter: 305 } }),
    plan({ id: '7f3aqwer-2', title: 'Pause the background refresh of orders-api' }),
  ]),
  'plan-failed': withPlans([
    plan({
      ...ON_ITS_WAY,
      state: 'failed',
      failure: {
        message: 'App Configuration refused the change of client-policy/orders-api (403)',
        nextStep: 'Give the identity headroom-actor the role App Configuration Data Owner on appcs-levers.',
      },
    }),
  ]),
  'plan-rejected': withPlans([plan({ state: 'rejected', people: [DANA] })]),
  'plan-undone': withPlans([plan({ ...ON_ITS_WAY, state: 'undone', at: '2026-11-20T14:40:00.000Z' })]),
  'final-summary': withPlans([plan({ ...DONE, state: 'verified', effect: STOPPED })], {
    severity: 1,
    signals: [refusedSignal({ state: 'resolved', resolvedAt: '2026-11-20T14:26:00.000Z' })],
    lifecycle: { state: 'resolved', at: '2026-11-20T14:26:00.000Z', by: 'signals' },
    acknowledged: { at: '2026-11-20T14:20:00.000Z', by: 'Dana Scully' },
    escalated: [
      {
        key: 'pagerduty',
        step: 'resolve',
        count: 3,
        attempts: 0,
        calledAt: '2026-11-20T14:18:02.000Z',
        state: 'sent',
        at: '2026-11-20T14:26:02.000Z',
      },
    ],
  }),
};
