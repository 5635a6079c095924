import type { IncidentRecord } from '../incidents/record.ts';
import type { ControlTarget, Plan, Predicted, Risk, Time } from '../model.ts';
import type { MarkRule } from './mark.ts';

/** An application that obeys levers, by the name under which it does. */
type ObedientApp = { app: string; fleetSize?: number };

/** What is configured of the outside. */
export type ActionContext = {
  /** Null for a caller of which nobody has said that it obeys levers. */
  appOf(caller: { id: string; objectId?: string; appId?: string; arn?: string }): ObedientApp | null;
  /** What stands elsewhere of a resource: the project that its issues go to. */
  projectOf(resourceId: string): string | null;
  /** The incident looked back on, in Markdown, with people, addresses and secret names masked. */
  report(incident: IncidentRecord): { title: string; text: string };
};

/** What an action could do about an incident, before anything is known of how it stands outside. */
export type Draft = {
  title: string;
  params: unknown;
  target: ControlTarget;
  risk: Risk;
  predicted?: Predicted;
};

export type Desired = { value: unknown; endsAt?: Time };

/**
 * One thing that Headroom can do outside, as data: what it offers, what it asks for, how that is taken back. Pure; a
 * `ControlPlane` of its `touches` carries it out.
 */
export type ActionRule = {
  /** It is offered as a plan, and done once as many people as its risk asks for have approved it. */
  needs: 'approval';
  id: string;
  /** In the words of docs and lists. */
  summary: string;
  /** The one kind of target that it may change. */
  touches: string;
  /** While the incident is open, while it is open and silenced, or once it is over. */
  when: 'open' | 'silenced' | 'over';
  /** Whether what it does shows in the refused requests. */
  hasEffect: boolean;
  /** What it offers for the incident; nothing where it would not help. Only asked of verified ones, and when it is time. */
  drafts(incident: IncidentRecord, context: ActionContext): Draft[];
  /** Whether there is anything to do, as it stands; always where absent. */
  applies?(shown: unknown): boolean;
  /** What changes, in words, from how it stands. */
  diff(params: unknown, before: unknown): string;
  /** How the target is to stand; `endsAt` where it ends by itself. */
  desired(plan: Plan, at: { now: Time; incident: IncidentRecord; context: ActionContext }): Desired;
  /** Whether it stands as desired already; by value where absent. */
  holds?(value: unknown, desired: unknown): boolean;
  /** Whether it can be taken back. */
  undoable: boolean;
};

/** Everything that people can have done: outside on approval, or with the incident itself at once. */
export type Action = ActionRule | MarkRule;

/** Whether it is time for the rule. */
export function isTimeFor({ when }: ActionRule, { lifecycle, silencedUntil }: IncidentRecord, now: Time): boolean {
  if (when === 'over') return lifecycle.state === 'resolved';
  if (lifecycle.state === 'resolved') return false;
  return when === 'open' || (silencedUntil !== undefined && silencedUntil > now);
}
