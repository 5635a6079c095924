import type { ActionContext, ActionRule } from '../actions/action.ts';
import type { Entitled } from '../chat/entitlement.ts';
import type { ThreadEntry } from '../chat/thread.ts';
import type { Destination } from '../incidents/effects.ts';
import type { LimitProfile } from '../limits.ts';
import type { Incident, Mention, Message, Privacy, RecordKey, Resource, Source, Time } from '../model.ts';
import type {
  AlertReadBack,
  ChatSender,
  Clock,
  ControlPlane,
  Escalation,
  EvidenceReader,
  FirstRegion,
  Log,
  PayloadStore,
  Queue,
  Random,
  Records,
  TeamsDesk,
} from '../ports.ts';
import type { NameCaller } from './aliases.ts';
import type { Objective } from './error-budget.ts';
import type { Levels } from './levels.ts';
import type { Worked } from './work.ts';

/** What the receive path needs; nothing here loads a vault, a log store or chat. */
export type ReceiveDeps = {
  records: Records;
  queue: Queue;
  payloads: PayloadStore;
  clock: Clock;
  random: Random;
  log: Log;
};

/** Each platform's way to say a message, from `chat/<platform>/`. */
type Renderers = Readonly<
  Record<ChatSender['platform'], (message: Message, sender: ChatSender, whom?: Mention) => unknown>
>;

/** Each platform's way to say an entry of a thread. */
type ThreadRenderers = Readonly<Record<ChatSender['platform'], (entry: ThreadEntry, whom?: Mention) => unknown>>;

/** Rules of this installation, from its configuration. */
export type Policy = {
  /** Whether the resource lies in a configured scope. */
  verifies(resource: Resource): boolean;
  /** Whether evidence about the resource may be asked for (field-notes 32). */
  mayRead(resource: Resource): boolean;
  inMaintenance(resource: Resource, now: Time): boolean;
  /** Which of the destinations get this incident; empty: none is meant to. */
  route(incident: Incident, destinations: readonly Destination[]): readonly Destination[];
  /** What these destinations may show of it; of several, what the most trusted one may. */
  privacyOf(incident: Incident, destinations: readonly string[]): Privacy;
  /** Whom the destination calls where people are mentioned; undefined: as its platform does where nothing is said. */
  mentionOf(incident: Incident, destination: string): Mention | undefined;
  /** When the quiet hours end that hold at the time, in which no one is mentioned; null where none do. */
  quietUntil(at: Time): Time | null;
  /** IANA zone by whose clocks people's week begins. */
  timeZone: string;
  /** Until when the incident is not told to whom it was not told yet; null: at once. */
  heldUntil(incident: Incident, now: Time): Time | null;
  /** New incidents a minute and destination above which they are told in one summary (settings `storm.perMinute`); null: never. */
  stormPerMinute: number | null;
  /** Queries of logs and metrics that one incident may cost in all. */
  queriesPerIncident: number;
  /** Refused ÷ all requests above which an incident is severe (settings `severity.share`). */
  severeShare: number | undefined;
  limits: LimitProfile;
  /** What the settings hold the resource to; null where they say nothing. */
  objectiveOf(resource: Resource): Objective | null;
  /** The caller by the name that the settings give it (`aliases`). */
  nameCaller: NameCaller;
};

export type WorkDeps = ReceiveDeps & {
  sources: readonly Source[];
  senders: readonly ChatSender[];
  renderers: Renderers;
  threadRenderers: ThreadRenderers;
  readers: readonly EvidenceReader[];
  /** Clouds that can be asked whether they know an alert; without one, what lies in scope is believed. */
  readBacks?: readonly AlertReadBack[];
  /** Present in a second region alone: what the first works on is left to it. */
  firstRegion?: FirstRegion;
  policy: Policy;
  /** How much at once, and how often, is asked of what this process depends on. */
  levels: Levels;
  /** Unique to this process, so that it knows its own claims. */
  worker: string;
  timing: Timing;
  /** Who is called when nobody acknowledges an incident; absent: nobody. */
  escalation?: { afterMs: number; targets: readonly Escalation[] };
  /** What can be done outside; absent where actions are off, and nothing is offered then. */
  actions?: ActionDeps;
  /** Answers people on Teams; absent where there is no bot. */
  teams?: TeamsDesk;
  /** Buttons on messages at a destination; none where absent. */
  buttonsAt?(sender: ChatSender): readonly Omit<Message['actions'][number], 'value'>[];
  /** Answers a question from chat whose record stands there; absent where no chat is served. */
  answerChat?(job: RecordKey): Promise<Worked>;
};

export type ActionDeps = {
  /** Those that can be carried out here. */
  rules: readonly ActionRule[];
  /** Each with the identity of the actor. */
  planes: readonly ControlPlane[];
  context: ActionContext;
  /** Whether the person may have it done there, by the list of approvers. */
  mayAct(personId: string, action: string, resource: Pick<Resource, 'id'>): Entitled;
};

export type Timing = {
  /** How long a claim on sending or diagnosing holds when its owner dies. */
  leaseMs: number;
  /** Age at which `watch` takes up what a dead process left behind. */
  sweepAfterMs: number;
};

/** @see design §5: inbox records and pending effects older than 60 s are re-queued. */
export const DEFAULT_TIMING: Timing = { leaseMs: 30_000, sweepAfterMs: 60_000 };

export function timeNow(clock: Clock): Time {
  return new Date(clock.now()).toISOString();
}
