import type { Field, Incident, Message, PlanView } from '../model.ts';
import { effectWords } from './lead.ts';
import type { Mask } from './privacy.ts';
import { clockWords, numberWords } from './words.ts';

type Group = NonNullable<Message['groups']>[number];
type Button = Omit<Message['actions'][number], 'value'>;

/** Plans that a message shows: what is being done or was, and what is offered. */
const SHOWN_MAX = 4;
const DIFF_MAX = 200;
const LABEL_MAX = 70;

/** What is offered, is being done and has come of it, as a part of the incident's message; nothing where no plan is. */
export function planGroups(incident: Incident, mask: Mask): Group[] {
  const plans = shownPlans(incident);
  if (plans.length === 0) return [];
  return [{ title: 'What can be done, and what was', fields: plans.map((plan) => fieldOf(plan, incident, mask)) }];
}

/** What has changed its mind, or nobody wanted, is no longer shown. */
function shownPlans({ plans = [] }: Incident): PlanView[] {
  return plans.filter(({ state }) => state !== 'expired' && state !== 'rejected').slice(-SHOWN_MAX);
}

function fieldOf(plan: PlanView, incident: Incident, mask: Mask): Field {
  const parts = [
    mask.text(plan.diff, DIFF_MAX),
    predictedWords(plan),
    outcomeWords(plan, incident, mask),
    plan.failure?.nextStep === undefined ? undefined : mask.text(plan.failure.nextStep, DIFF_MAX),
  ].filter((part) => part !== undefined && part !== '');
  return { label: `${mask.text(plan.title, 100)} (${plan.id})`, value: parts.join(' · ') };
}

function predictedWords({ predicted }: PlanView): string | undefined {
  const words = effectWords({ id: '', title: '', invasiveness: 1, ...(predicted ? { predicted } : {}) });
  return words === undefined ? undefined : `predicted ${words}`;
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

/** `429s stopped 40 s after, from 310 to 0 refused a minute; predicted were 97 % fewer`. */
export function happenedWords({ effect, predicted }: Pick<PlanView, 'effect' | 'predicted'>): string {
  if (!effect) return 'its effect is being looked at';
  const { verdict, refusedBefore, refusedAfter, stoppedAfterSeconds = 0, nextStep } = effect;
  const rates = `${numberWords(refusedBefore)} → ${numberWords(refusedAfter)} refused a minute`;
  const aside = predictedShare(predicted);
  switch (verdict) {
    case 'stopped':
      return `429s stopped ${numberWords(stoppedAfterSeconds)} s after, ${rates}${aside}`;
    case 'fell':
    case 'none':
      return `${rates}${aside}`;
    case 'unreadable':
      return `it could not be told${nextStep === undefined ? '' : `: ${nextStep}`}`;
  }
}

function predictedShare(predicted: PlanView['predicted']): string {
  if (!predicted || predicted.throttledBefore === 0) return '';
  const share = Math.round((1 - predicted.throttledAfter / predicted.throttledBefore) * 100);
  return ` (predicted ${share} % fewer)`;
}

function peopleWords({ people }: PlanView, mask: Mask): string {
  const names = people.flatMap((name) => mask.person(name) ?? []);
  return names.length === 0 ? '' : ` by ${names.join(' and ')}`;
}

/** The buttons of plans: the first that waits is to be approved or rejected, the last that was done can be taken back. */
export function planButtons(incident: Incident): Message['actions'] {
  const plans = incident.plans ?? [];
  const isOpen = incident.lifecycle.state === 'open';
  const waiting = isOpen ? plans.find(({ state }) => state === 'planned') : undefined;
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
