/** What is to be done outside, from its plan to the proof that it worked. Data alone, as everything between stages. */
import type { Time } from './alert.ts';

/** What an action changes: a key of the lever store, an alert, an issue. `kind` says who can change it. */
export type ControlTarget = {
  kind: string;
  /** Name within its kind: the key of a lever, the id of an alert. */
  id: string;
  /** Id of the resource on whose behalf it is changed: it has to lie in the configured scopes. */
  resource: string;
};

/** What stands at a target. */
export type ControlState = {
  /** Opaque; null where nothing stands. */
  revision: string | null;
  /** As the target's kind writes it; null where nothing stands. */
  value: unknown;
};

export type Risk = 'low' | 'high';

/** Somebody on whose word a plan is run. `identities`: what links them to themselves on other platforms. */
export type Approval = { at: Time; id: string; name: string; identities: readonly string[] };

type PlanState =
  | 'planned'
  | 'approved'
  | 'rejected'
  | 'expired'
  | 'running'
  | 'done'
  | 'failed'
  | 'verified'
  | 'not-verified'
  | 'undone';

/** What was seen of the effect; rates are refused requests a minute. */
export type PlanEffect = {
  verdict: 'stopped' | 'fell' | 'none' | 'unreadable';
  /** Up to when there is evidence. */
  seenUntil: Time;
  refusedBefore: number;
  refusedAfter: number;
  /** From the action to the last refusal; only of `stopped`. */
  stoppedAfterSeconds?: number;
  /** Why it could not be told, for a person. */
  nextStep?: string;
};

/** Of what an action does, or of taking it back. */
export type Direction = 'do' | 'undo';

export type PlanPhase =
  /** Waits for the word of as many people as its risk asks for. */
  | { state: 'planned' }
  | { state: 'approved'; direction: Direction; at: Time }
  | { state: 'rejected'; at: Time }
  /** `changed`: another plan took its place. `over`: the incident was. */
  | { state: 'expired'; at: Time; why: 'time' | 'changed' | 'over' }
  /** Its worker has until then; whoever comes later looks at the target first. */
  | { state: 'running'; direction: Direction; worker: string; until: Time; attempts: number }
  /** `checkAt`: when its effect is looked at; absent where it has none. */
  | { state: 'done'; checkAt?: Time }
  | { state: 'failed'; at: Time; direction: Direction; kind: string; message: string; nextStep?: string }
  | { state: 'verified' | 'not-verified'; at: Time; effect: PlanEffect }
  | { state: 'undone'; at: Time };

/** One step of a plan's life; `by` is absent where nobody but Headroom took it. */
export type PlanStep = {
  /** The plan's `version` that it led to: no two steps have the same. */
  nth: number;
  at: Time;
  to: PlanState | 'awaits-second';
  direction: Direction;
  by?: { id: string; name: string };
  detail?: string;
};

/** How the load would have been without, and with, the fix that the action carries out. */
export type Predicted = {
  throttledBefore: number;
  throttledAfter: number;
  peakUtilisationBefore: number;
  peakUtilisationAfter: number;
};

/** `incident/<id>` `plan~<n>`: everything from the offer to the proof. What its hash covers never changes. */
export type Plan = {
  v: 1;
  /** `<incident>-<n>` */
  id: string;
  incidentId: string;
  action: string;
  title: string;
  params: unknown;
  target: ControlTarget;
  /** What stood at the target when it was planned. */
  shown: unknown;
  /** What changes, in words. */
  diff: string;
  /** Of all that is above, as it was shown. */
  hash: string;
  risk: Risk;
  /** Whether it can be taken back. */
  undoable: boolean;
  plannedAt: Time;
  /** After this nobody can approve it any more. */
  expiresAt: Time;
  predicted?: Predicted;
  approvals: Approval[];
  /** From the moment it may have been done: how it stood before, and how it was to stand. */
  performed?: { at: Time; before: ControlState; desired: unknown; endsAt?: Time };
  /** What was seen once it had been done. */
  effect?: PlanEffect;
  phase: PlanPhase;
  /** Grows with every change. */
  version: number;
  /** Its latest steps, oldest first; all of them are in the audit. */
  trail: PlanStep[];
};

/** What an incident says of one of its plans. */
export type PlanView = Pick<
  Plan,
  'id' | 'action' | 'title' | 'diff' | 'hash' | 'risk' | 'expiresAt' | 'predicted' | 'effect'
> & {
  state: PlanState;
  /** Of the plan that this shows: an older view never takes the place of a newer one. */
  version: number;
  at: Time;
  /** Who approved or rejected it, or had it undone. */
  people: { id: string; name: string }[];
  /** A first word of two was given. */
  awaitsSecond?: true;
  failure?: { message: string; nextStep?: string };
  /** By when there is something to do about it; absent once nothing is left to do. */
  lookAt?: Time;
  canUndo?: true;
};
