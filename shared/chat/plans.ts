import type { Field, Incident, Message, Note, PlanView } from '../model.ts';
import { effectWords, helpsLittle } from './effect.ts';
import type { Mask } from './privacy.ts';
import { capitalise, clockWords, numberWords, percentWords } from './words.ts';

type Group = NonNullable<Message['groups']>[number];
type Button = Omit<Message['actions'][number], 'value'>;

/** Plans that a message shows: what was done before what is offered. */
const SHOWN_MAX = 3;
const DIFF_MAX = 200;
const LABEL_MAX = 70;

/** What was done, is being done and is offered, as parts of the incident's message; nothing where no plan is. */
export function planGroups(incident: Incident, mask: Mask): Group[] {
  return shownPlans(incident).map((plan) => ({
    title: `${mask.text(plan.title, 100)} (${plan.id})`,
    fields: fieldsOf(plan, incident, mask),
  }));
}

/** What nobody wanted, or what came too late, is no longer shown. */
function shownPlans({ plans = [] }: Incident): PlanView[] {
  const shown = plans.filter(({ state }) => state !== 'expired' && state !== 'rejected');
  const isWaiting = ({ state }: PlanView) => state === 'planned';
  const done = shown.filter((plan) => !isWaiting(plan)).slice(-SHOWN_MAX);
  return [...done, ...shown.filter(isWaiting)].slice(0, SHOWN_MAX);
}

function fieldsOf(plan: PlanView, incident: Incident, mask: Mask): Field[] {
  const predicted = predictedWords(plan);
  return [
    { label: 'State', value: capitalise(outcomeWords(plan, incident, mask)) },
    { label: 'Change', value: mask.text(plan.diff, DIFF_MAX) },
    ...(predicted === undefined ? [] : [{ label: 'Predicted', value: predicted }]),
  ];
}

/** Plans that changed something outside, or were to. */
export function carriedOutOf({ plans = [] }: Pick<Incident, 'plans'>): PlanView[] {
  return plans.filter(({ state }) => !['planned', 'approved', 'running', 'rejected', 'expired'].includes(state));
}

/** The plan that a reader has to know of first: what waits for a word, else what was done last. */
export function leadingPlan(incident: Incident): PlanView | undefined {
  const plans = shownPlans(incident);
  return plans.find(({ state }) => state === 'planned') ?? plans.findLast(({ state }) => state !== 'planned');
}

/** What stands in the way of something that was approved. */
export function planNotes(incident: Incident, mask: Mask): Note[] {
  const failed = (incident.plans ?? []).filter(({ failure }) => failure !== undefined).slice(-SHOWN_MAX);
  return failed.flatMap(({ id, failure }) =>
    failure?.nextStep === undefined
      ? []
      : [{ text: `${id}: ${mask.text(failure.message, DIFF_MAX)}`, nextStep: failure.nextStep }],
  );
}

/** `97 % fewer: 1,240 → 35 refused, peak 152 → 61 % of the limit` */
function predictedWords(plan: PlanView): string | undefined {
  const words = effectWords(plan);
  if (!plan.predicted || words === undefined || helpsLittle(plan)) return words;
  const { throttledBefore, throttledAfter } = plan.predicted;
  return throttledBefore === 0 ? words : `${percentWords(1 - throttledAfter / throttledBefore)} fewer: ${words}`;
}

/** How it stands, in one part of a sentence. */
export function outcomeWords(plan: PlanView, { openedAt }: Pick<Incident, 'openedAt'>, mask: Mask): string {
  const by = peopleWords(plan, mask);
  switch (plan.state) {
    case 'planned':
      return plan.awaitsSecond
        ? `approved${by}, needs a second person until ${clockWords(plan.expiresAt, openedAt)}`
        : `waits for approval${plan.risk === 'high' ? ' by two people' : ''} until ${clockWords(plan.expiresAt, openedAt)}`;
    case 'approved':
    case 'running':
      return `approved${by}, being done`;
    case 'done':
      return `done${by} ${clockWords(plan.at, openedAt)}${plan.effect ? `, so far ${happenedWords(plan)}` : ''}`;
    case 'verified':
      return `worked: ${happenedWords(plan)}`;
    case 'not-verified':
      return plan.effect?.verdict === 'none'
        ? `no effect: ${happenedWords(plan)}${plan.canUndo ? '; undo?' : ''}`
        : `done, but not proved: ${happenedWords(plan)}`;
    case 'undone':
      return `undone${by} ${clockWords(plan.at, openedAt)}`;
    case 'failed':
      return `failed: ${mask.text(plan.failure?.message ?? 'for reasons unknown', DIFF_MAX)}`;
    case 'rejected':
      return `rejected${by}`;
    case 'expired':
      return 'expired';
  }
}

/** `429s stopped 40 s after; 310 → 0 refused a minute` */
function happenedWords({ effect }: Pick<PlanView, 'effect'>): string {
  if (!effect) return 'its effect is being looked at';
  const { verdict, refusedBefore, refusedAfter, stoppedAfterSeconds = 0, nextStep } = effect;
  const rates = `${numberWords(refusedBefore)} → ${numberWords(refusedAfter)} refused a minute`;
  switch (verdict) {
    case 'stopped':
      return `429s stopped ${numberWords(stoppedAfterSeconds)} s after; ${rates}`;
    case 'fell':
    case 'none':
      return rates;
    case 'unreadable':
      return `it could not be told${nextStep === undefined ? '' : `: ${nextStep}`}`;
  }
}

function peopleWords({ people }: PlanView, mask: Mask): string {
  const names = people.flatMap(({ name }) => mask.person(name) ?? []);
  return names.length === 0 ? '' : ` by ${names.join(' and ')}`;
}

/** The buttons of plans: the first that waits is to be approved or rejected, the last that was done can be taken back. */
export function planButtons(incident: Incident): Message['actions'] {
  const plans = incident.plans ?? [];
  const waiting = plans.find(({ state }) => state === 'planned');
  const done = plans.findLast(({ canUndo }) => canUndo);
  const of = (button: Button, { id }: PlanView) => ({ ...button, value: id });
  return [
    ...(waiting
      ? [
          of({ id: 'approve', label: shorten(`Approve: ${waiting.title}`), style: 'primary' }, waiting),
          of({ id: 'reject', label: 'Reject' }, waiting),
        ]
      : []),
    ...(done ? [of({ id: 'undo', label: shorten(`Undo: ${done.title}`), style: 'danger' }, done)] : []),
  ];
}

function shorten(label: string): string {
  return label.length <= LABEL_MAX ? label : `${label.slice(0, LABEL_MAX - 1)}…`;
}

/** When things were done, for the timeline. */
export function planEvents(incident: Incident, mask: Mask): Message['timeline'] {
  return (incident.plans ?? []).flatMap((plan) =>
    ['planned', 'expired', 'rejected', 'approved', 'running'].includes(plan.state)
      ? []
      : [{ at: plan.at, text: `${mask.text(plan.title, 80)}: ${outcomeWords(plan, incident, mask)}` }],
  );
}
