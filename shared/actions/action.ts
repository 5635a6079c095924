import type { ControlTarget, Incident, Plan, Predicted, Risk, Time } from '../model.ts';

/** An application that obeys levers, by the name under which it does. */
export type ObedientApp = { app: string; fleetSize?: number };

/** What is configured of the outside. */
export type ActionContext = {
  /** Null for a caller of which nobody has said that it obeys levers. */
  appOf(caller: { id: string; objectId?: string; appId?: string; arn?: string }): ObedientApp | null;
  /** What stands elsewhere of a resource: the project that its issues go to. */
  projectOf(resourceId: string): string | null;
};

/** What an action could do about an incident, before anything is known of how it stands outside. */
export type Draft = {
  title: string;
  params: unknown;
  target: ControlTarget;
  risk: Risk;
  predicted?: Predicted;
};

/**
 * One thing that Headroom can do outside, as data: what it offers, what it asks for, how that is taken back. Pure; a
 * `ControlPlane` of its `touches` carries it out.
 */
export type ActionRule = {
  id: string;
  /** In the words of docs and lists. */
  summary: string;
  /** The one kind of target that it may change. */
  touches: string;
  /** Whether what it does shows in the refused requests. */
  hasEffect: boolean;
  /** What it offers for the incident; nothing where it would not help. Only asked of verified ones that are not over. */
  drafts(incident: Incident, context: ActionContext): Draft[];
  /** What changes, in words, from how it stands. */
  diff(params: unknown, before: unknown): string;
  /** How the target is to stand; `endsAt` where it ends by itself. */
  desired(plan: Plan, now: Time): { value: unknown; endsAt?: Time };
  /** Whether it stands as desired already; by value where absent. */
  holds?(value: unknown, desired: unknown): boolean;
  /** Whether it can be taken back. */
  undoable: boolean;
};
