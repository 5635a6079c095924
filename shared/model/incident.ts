import type { Link, Resource, Severity, Signal, Time } from './alert.ts';
import type { DigestSummary } from './digest.ts';
import type { Finding, Impact } from './finding.ts';
import type { Chart, Note } from './message.ts';
import type { PlanView } from './plan.ts';
import type { StormSummary } from './storm.ts';

export type Family = string;

export type SignalState = {
  /** The latest alert instance of this rule. */
  instance: string;
  rule: string;
  ruleId?: string;
  source: string;
  category: string;
  severity: Severity;
  state: 'fired' | 'resolved' | 'no-data';
  firedAt?: Time;
  resolvedAt?: Time;
  description?: string;
  signals: Signal[];
  links: Link[];
  custom: Record<string, string>;
};

type Mark = { at: Time; by: string };

/** What became of an accepted alert; each ends in exactly one. */
export type Outcome = 'posted' | 'joined' | 'silenced' | 'summarised' | 'routed-nowhere';

export type Delivery = 'received' | 'claimed' | 'posted' | 'diagnosed';

/** Why a message is (re)sent; destinations that cannot edit get each but `update` once. */
export type EffectReason = 'post' | 'finding' | 'update' | 'resolve';

/** One message to one destination, as desired, and how far it has got. Effects are data; `pipeline/post.ts` alone sends. */
export type Effect = {
  /** The destination: `slack-bot:<channel>`, `slack-webhook:…`, `teams-workflow:…`, `terminal`. */
  key: string;
  /** Revision of the message that should stand there. */
  revision: number;
  reason: EffectReason;
  /** What is known to stand at the destination. */
  delivered?: { ref: string | null; revision: number; hash: string; at: Time; reasons: EffectReason[] };
  attempts: number;
  /** How an earlier send ended without its end being known: the platform is asked before anything is sent again. */
  unsure?: 'crash' | 'timed-out' | 'unavailable';
  /** What was sent for and may or may not have arrived: sent for again, it may be a repeat, whatever was sent in between. */
  doubted?: EffectReason[];
  /** A send whose end is not known and that the platform could not be asked about was repeated. */
  possibleRepeat?: boolean;
} & (
  | {
      state: 'pending';
      notBefore?: Time;
      /** A queue message comes for it then. */
      awaited?: true;
      /** `notBefore` is the end of quiet hours. */
      held?: true;
    }
  | {
      state: 'sending';
      worker: string;
      until: Time;
      /** Revision and reason that are on their way. */
      of: number;
      why: EffectReason;
      /** A queue message comes then, in case its sender has died. */
      awaited?: true;
    }
  | { state: 'sent'; ref: string | null; hash: string }
  | { state: 'failed'; kind: string; message: string }
);

export type LedgerEntry = {
  at: Time;
  step: Delivery | 'edited' | 'resolved' | 'reopened' | 'unsilenced' | 'failed';
  note?: string;
};

export type Incident = {
  v: 1;
  id: string;
  /** Revision of the desired message: grows only when the content changes. */
  revision: number;
  fingerprint: string;
  family: Family;
  resource: Resource;
  openedAt: Time;
  severity: Severity;
  synthetic?: 'test' | 'canary';
  /**
   * The resource lies in a configured scope, and its cloud knows the alert where it can be asked; unverified incidents are
   * marked and carry no buttons.
   */
  verified: boolean;
  /** Absent where no cloud can be asked, and out of scope. */
  readBack?: ReadBack;
  /** It is worked on in the second region, since the first did not; absent in the first region and where there is but one. */
  secondRegion?: SecondRegion;
  signals: SignalState[];
  /** `merge`: the first region tells of it from then on. */
  lifecycle: { state: 'open' } | { state: 'resolved'; at: Time; by: 'signals' | 'metric' | 'person' | 'merge' };
  acknowledged?: Mark;
  assigned?: Mark & { to: string };
  silencedUntil?: Time;
  /** Somebody ended its silence before its time. */
  unsilencedAt?: Time;
  flaps: number;
  findings: Finding[];
  impact?: Impact;
  /** What was seen, folded to what a platform can draw (at most 120 points a series). */
  chart?: Chart;
  /** What could not be read, with the next step; how complete the answer is. */
  notes: Note[];
  /** Events of the provider (service or resource health) that came while this was open. */
  related?: RelatedEvent[];
  /** When the answer was last worked out; absent before the first diagnosis. */
  diagnosedAt?: Time;
  effects: Effect[];
  /** Who was called because nobody acknowledged it; absent before anyone was. */
  escalated?: Escalated[];
  /** What is offered to be done, is being done or was done about it, oldest first; absent where nothing is. */
  plans?: PlanView[];
  /** Why something is not offered that would help. */
  planNotes?: Note[];
  /** Of family `storm`: what one message tells of many incidents that opened at once. */
  storm?: StormSummary;
  /** Of family `digest`: what one message tells of a week. */
  digest?: DigestSummary;
  /** By destination, the storm in whose message this incident is told there, instead of in one of its own. */
  summarisedIn?: Record<string, string>;
};

/** Why the second region works on an incident, and the incident of the first that it was merged into since. */
export type SecondRegion = { why: 'not-taken-up' | 'no-answer'; mergedInto?: string };

/** What a service that calls people is told: call, somebody has it, it is over. */
export type EscalationStep = 'trigger' | 'acknowledge' | 'resolve';

/** How far a service that calls people was told of the incident; effects are data, `pipeline/escalate.ts` alone sends. */
export type Escalated = {
  /** The service: `pagerduty`, `webhook`. */
  key: string;
  step: EscalationStep;
  /** How many different steps it was told of, this one among them. */
  count: number;
  attempts: number;
  /** An earlier send of this step ended without its end being known. */
  unsure?: true;
  /** When it was told to call; absent before. */
  calledAt?: Time;
} & (
  | { state: 'pending'; notBefore?: Time }
  | { state: 'sending'; worker: string; until: Time }
  | { state: 'sent'; at: Time }
  | { state: 'failed'; kind: string; message: string }
);

/** What became of asking the cloud whether it knows the alert; a payload is a claim (field-notes 32). */
export type ReadBack = { tries: number } & (
  | { state: 'awaited' }
  | { state: 'confirmed'; at: Time }
  /** The cloud knows none of these alerts (ids of at most 16). */
  | { state: 'unknown'; at: Time; alerts: string[] }
  /** It could not be asked, and is asked again. */
  | { state: 'unreadable'; at: Time; againAt: Time; why: string; nextStep?: string }
);

/** `facts`: what the event says of itself, as service, region, stage and tracking id; absent in older records. */
export type RelatedEvent = { alertId: string; at: Time; text: string; facts?: Record<string, string> };
