/**
 * The stages' types: what flows from a payload to a message.
 *
 * In this file kinds of sources, evidence and findings are plain strings; `registry.ts` derives the exact unions.
 * Everything here is data: no functions, no classes, nothing that cannot be written as JSON.
 */
import type { Link, RecordKey, Resource, Severity, Signal, Time } from './model/alert.ts';
import type { PlanView, Predicted } from './model/plan.ts';

export type * from './model/alert.ts';
export type * from './model/analysis.ts';
export type * from './model/plan.ts';

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

export type Mark = { at: Time; by: string };

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
  lifecycle: { state: 'open' } | { state: 'resolved'; at: Time; by: 'signals' | 'metric' | 'person' };
  acknowledged?: Mark;
  assigned?: Mark & { to: string };
  silencedUntil?: Time;
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

/** Many incidents that opened within a short time, as one destination is told of them. */
export type StormSummary = {
  destination: string;
  /** New incidents a minute above which they are told together. */
  perMinute: number;
  /** Since when new incidents have been taken in. */
  since: Time;
  /** When new incidents began to be told one by one again; absent while it goes on. */
  overAt?: Time;
  incidents: number;
  open: number;
  resources: number;
  /** By signal family and by kind of resource, most frequent first. */
  families: StormCount[];
  types: StormCount[];
  /** Open ones before resolved ones, most severe first. */
  worst: StormLine[];
};

export type StormCount = { name: string; incidents: number; open: number };

export type StormLine = {
  incidentId: string;
  resource: Pick<Resource, 'id' | 'name' | 'type'>;
  family: Family;
  severity: Severity;
  openedAt: Time;
  resolvedAt?: Time;
};

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

export type Caller = {
  id: string;
  kind: 'application' | 'user' | 'role' | 'unknown';
  appId?: string;
  objectId?: string;
  arn?: string;
  displayName?: string;
  owner?: string;
  team?: string;
  /** Most frequent client library string of this caller. */
  client?: string;
  /** Distinct network addresses; a lower bound on nothing (NAT merges instances, one instance may show several). */
  addresses: number;
};

export type Cell = string | number | boolean | null | number[];
export type Row = Record<string, Cell>;

/** `hour-before` is the hour before the onset, where the store holds neither the day nor the week before. */
export type Window = 'incident' | 'day-before' | 'week-before' | 'hour-before';

export type Reading = { kind: string; store: string; window: Window; readAt: Time } & (
  | { state: 'read'; rows: Row[]; truncated: boolean /** 0..1, null when unknown. */; completeness: number | null }
  | {
      state: 'unavailable';
      why: 'not-configured' | 'denied' | 'throttled' | 'timed-out' | 'unreachable' | 'unsupported' | 'over-budget';
      nextStep: string;
      /** How long the store asked to be left alone. */
      retryAfterMs?: number;
    }
);

export type Evidence = { resource: Resource; from: Time /** Exclusive. */; to: Time; readings: Reading[] };

export type Fact = {
  label: string;
  value: number | string;
  unit?: string;
  from: { kind: string; column: string; row?: string; window: Window };
};

export type Verdict = 'confirmed' | 'likely' | 'inconclusive' | 'ruled-out';
export type Role = 'trigger' | 'amplifier' | 'condition';

export type Cause = {
  kind: string;
  verdict: Verdict;
  role: Role;
  /** 0..1 */
  confidence: number;
  /** 0..1: share of the refused requests that would not have been refused without this cause (field-notes 9). */
  explains: number;
  onset?: Time;
  caller?: Caller;
  victims: Caller[];
  facts: Fact[];
  /** The cause in words, one sentence, without the resource's name. */
  summary: string;
};

export type Finding = Cause & { fixes: Fix[] };

export type Impact = {
  callersRefused: number;
  requestsFailed: number;
  minutesOver: number;
  pattern: 'intermittent' | 'persistent';
  dependents: Caller[];
  errorBudgetBurn: number | null;
};

export type Fix = {
  id: string;
  title: string;
  /** 1 configuration, 2 client change, 3 cache, 4 architecture, 5 limit increase. */
  invasiveness: 1 | 2 | 3 | 4 | 5;
  snippet?: { language: string; text: string };
  /** Requests in the window, and peak use as a share of the limit (1 = at the limit; may pass 1). */
  predicted?: Predicted;
  /** What would carry it out without a deployment, where its caller obeys it. */
  action?: { id: string; params: unknown };
};

/** A series chart in neutral form; each platform draws it natively or as text. */
export type Chart = {
  title: string;
  /** Unit of the values: `requests per 10 s`. */
  unit: string;
  from: Time;
  /** Exclusive. */
  to: Time;
  stepSeconds: number;
  series: { name: string; role: 'served' | 'refused' | 'total' | 'caller'; values: (number | null)[] }[];
  /** Horizontal line, in the same unit. */
  limit?: { label: string; value: number };
  markers: { at: Time; label: string }[];
};

export type Note = { text: string; nextStep?: string };

export type Field = { label: string; value: string };

/** What a destination may show: everything · user names, addresses and secret names masked (default) · none of them (field-notes 36). */
export type Privacy = 'full' | 'masked' | 'minimal';

/** Hours of a day by the clocks of a zone; `to` at or before `from` is of the next day. */
export type Hours = {
  /** `22:00`; first minute that counts. */
  from: string;
  /** First minute that does not. */
  to: string;
  /** Days on which they begin; all when absent. */
  days?: ('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[];
  /** IANA name; that of the settings when absent. */
  timeZone?: string;
};

/** Which destinations an incident goes to. Routes are read in order, the first whose `match` holds wins; an empty `to` sends it nowhere. */
export type Route = {
  match?: {
    family?: Family;
    /** Glob on the resource id: `*` any run of characters, `?` any one. */
    resource?: string;
    /** Subscription or account id. */
    scope?: string;
    /** Most severe is 0: 2 lets 0, 1 and 2 through. */
    severityAtMost?: Severity;
    /** Value of the alert's custom property or label `team`. */
    team?: string;
    /** Who owns the resource: by the settings, or by the custom property or label `owner`. */
    owner?: string;
    /** Globs on custom properties or labels, all of which must hold. */
    custom?: Record<string, string>;
    /** Whether it opened in these hours. */
    hours?: Hours;
  };
  /** Keys of destinations (`slack-bot:C123`), their kind (`slack-bot`), or `*` for all; each may have a privacy of its own. */
  to: (string | { destination: string; privacy: Privacy })[];
  privacy?: Privacy;
  /** In quiet hours: posted, and no one mentioned (default), or held back until they end. */
  quiet?: 'unmentioned' | 'held';
};

/** A finding as the reader sees it: sentences and numbers, nothing to compute. */
export type FindingView = {
  kind: string;
  verdict: Verdict;
  role: Role;
  summary: string;
  caller?: string;
  victims: string[];
  explainsPercent: number;
  facts: Field[];
  fixes: { title: string; effect?: string; snippet?: { language: string; text: string } }[];
};

/**
 * The whole desired content of one incident's message: a pure function of the incident, never a patch.
 * All strings are plain text as they came; each renderer escapes for its platform.
 */
export type Message = {
  incidentId: string;
  revision: number;
  state: 'open' | 'resolved';
  severity: Severity;
  /** A short line that names resource and cause, for notifications and headers. */
  title: string;
  /** At most three lines of 80 columns: resource and cause in words; caller and share explained; first fix with its predicted effect. */
  lead: string[];
  /** Severity, state, since when, who has it: one line. */
  status: string;
  resource: Resource;
  synthetic?: 'test' | 'canary';
  verified: boolean;
  /** Whether a person is to be mentioned (field-notes 17). */
  mention: boolean;
  facts: Field[];
  /** What stands in the place of a finding where many incidents are told together. */
  groups?: { title: string; fields: Field[] }[];
  chart?: Chart;
  findings: FindingView[];
  impact?: Field[];
  /** What could not be read, how complete the answer is, possible repeats. */
  notes: Note[];
  timeline: { at: Time; text: string }[];
  links: Link[];
  actions: { id: string; label: string; style?: 'primary' | 'danger'; value: string }[];
};

/** What a command answers with when it is not about one incident. */
export type Answer = { title: string; lines: string[]; table?: { columns: string[]; rows: string[][] }; notes: Note[] };

/** Work on one incident. */
export type IncidentMessage = {
  v: 1;
  incidentId: string;
  /** The inbox record whose alerts are to be taken in. */
  inbox?: RecordKey;
  /** Minutes after opening for which this late-log run was planned. */
  runMinutes?: number;
};

/** A question from chat that is answered later than the platform waits; the record says what and to where. */
type ChatMessage = { v: 1; chat: RecordKey; incidentId?: never };

export type QueueMessage = IncidentMessage | ChatMessage;
