/** What the outside must provide. Each port has one contract suite in `test/contract/`, run against every implementation. */
import type {
  ControlState,
  ControlTarget,
  EscalationStep,
  Link,
  QueueMessage,
  Reading,
  RecordKey,
  Resource,
  Severity,
  Time,
  Window,
} from './model.ts';

/** Opaque; compare-and-set token of one record. */
export type Revision = string;

export type Stored<T> = { id: string; value: T; revision: Revision };

/**
 * Everything durable: small records in partitions, compare-and-set on a single record only.
 * A record is at most 256 KiB of JSON (larger: `HeadroomError` kind `too-large`). Store down: kind `unavailable`.
 */
export interface Records {
  get<T>(key: RecordKey): Promise<Stored<T> | null>;
  /** Resolves only once the write is durable. `expected` is the revision read, or `absent`. */
  put<T>(key: RecordKey, value: T, expected: Revision | 'absent'): Promise<Revision | 'conflict'>;
  /** Ascending by id, strictly after `after`; `limit` 1..1000, default 100. */
  list<T>(partition: string, options?: { after?: string; limit?: number }): Promise<Stored<T>[]>;
  /** A missing record is no error and answers `conflict` only if another revision stands there. */
  delete(key: RecordKey, expected: Revision): Promise<'deleted' | 'conflict'>;
}

export type QueueDelivery = {
  message: QueueMessage;
  /** 1 on first delivery. */
  attempts: number;
  ack(): Promise<void>;
  /** Gives it back, visible again after `delayMs`. It still counts as delivered: to wait without that, send anew and ack. */
  retry(delayMs: number): Promise<void>;
  /** Moves it to the dead letters with a reason. */
  bury(reason: string): Promise<void>;
};

/** A message that was buried, or delivered too often without an ack (5 times unless configured). */
export type DeadLetter = {
  message: QueueMessage;
  attempts: number;
  /** At most 1,000 characters. */
  reason: string;
  diedAt: Time;
  /** Forgets it. To replay it, send its message anew first. */
  remove(): Promise<void>;
};

/** At-least-once; a received message not acked within `visibilityMs` comes again. Carries ids, never payloads (48 KB at most). */
export interface Queue {
  send(message: QueueMessage, options?: { delayMs?: number }): Promise<void>;
  /**
   * At once with what is visible, at most `max` (1..32); empty when nothing is. A message whose visibility has run out may
   * be someone else's by now: then `ack`, `retry` and `bury` of the old delivery change nothing.
   */
  receive(options: { max: number; visibilityMs: number }): Promise<QueueDelivery[]>;
  /** Visible and invisible messages, dead ones apart. */
  depth(): Promise<{ waiting: number; dead: number }>;
  /** Dead letters, oldest first, at most `limit` (1..1000). */
  dead(limit: number): Promise<DeadLetter[]>;
}

/** Larger things: payloads, evidence. Bytes in, bytes out; the adapter gzips at rest. */
export interface PayloadStore {
  put(id: string, bytes: Uint8Array): Promise<void>;
  get(id: string): Promise<Uint8Array | null>;
  delete(id: string): Promise<void>;
  /** Ids older than the time, at most `limit`. */
  olderThan(time: Time, limit: number): Promise<string[]>;
}

/** One composed question to a store, as its language file says it: text and parameters; the adapter knows no kind. */
export type ComposedQuery = {
  /** Statements that take in everything first, for a store that reads files anew; what has been taken in needs them no more. */
  intake?: readonly string[];
  /** Statements run before the others, in order, whose rows are not read; they replace what an earlier question left. */
  setup: readonly string[];
  /**
   * `window` is the one that the rows are of; absent: the request's. `keepMs`: how long an answer may be given again to the
   * very same text; absent: it is asked anew.
   */
  statements: readonly { kind: string; text: string; window?: Window; keepMs?: number }[];
  /** One text that answers all statements in one go, for a store that is asked once: rows `{ kind, window, row }`. */
  together?: string;
  /** Gives one number, after the intake: how many lines the store could not take in, for which it may look again. */
  unreadable?: string;
  parameters: Readonly<Record<string, string | number>>;
};

export type EvidenceRequest = {
  resource: Resource;
  from: Time;
  /** Exclusive. */
  to: Time;
  window: Window;
  query: ComposedQuery;
};

/** What `evidence/languages/` speaks: the query language of a store, over the tables that it holds. */
export type Language =
  | 'sql'
  | 'kql'
  | 'sign-ins'
  | 'configuration-requests'
  | 'resource-graph'
  | 'azure-metrics'
  | 'cloudwatch-metrics'
  | 'logs-insights'
  | 'opensearch'
  | 'promql';

/** Reads rows from one store. Expected failures come back as `unavailable` readings, never as exceptions. */
export interface EvidenceReader {
  store: string;
  /** Which of `evidence/languages/` this store speaks. */
  language: Language;
  /** Whether this store can hold records of the resource. */
  covers(resource: Resource): boolean;
  /** One reading for each statement asked. */
  read(request: EvidenceRequest, signal?: AbortSignal): Promise<Reading[]>;
}

/** How exported files are taken in once and looked over, as the language file says it; the adapter knows no log format. */
export type ArchiveQuery = {
  /** Statements run once over the files, in order. */
  intake: readonly string[];
  /** Rows `{ id, requests, throttled, fromUs, toUs }`, most throttled first. */
  resources: string;
  /** Rows of the same shape: what the files hold beside what was asked for. Asked only where `resources` is empty. */
  others: string;
  /** Rows `{ name, records }`. */
  foreign: string;
  /** One number: lines that could not be taken in. */
  unreadable: string;
  parameters: Readonly<Record<string, string | number>>;
};

export type SurveyedResource = {
  /** Resource id, lower-cased. */
  id: string;
  requests: number;
  /** Answered 429. */
  throttled: number;
  /** Of the first request. */
  from: Time;
  /** Exclusive: the first full second after the last request. */
  to: Time;
};

export type LogSurvey = {
  /** Files that were read, wholly or in part. */
  files: number;
  /** Every resource with requests in the time and among the vaults asked for, most throttled first, then most requests. */
  resources: SurveyedResource[];
  /** What the files hold in other vaults or at other times; looked up only where `resources` is empty. */
  others: SurveyedResource[];
  skipped: {
    /** Lines that are no record. */
    lines: number;
    /** Files that could not be read, or only in part; `error` in words, without their content. */
    files: { path: string; error: string }[];
  };
  /** Records of other services or categories, by what they are, most frequent first. */
  foreign: { name: string; records: number }[];
};

/**
 * Exported logs, read once, then asked for one resource after another without reading the files again. Ask it like any
 * other reader; questions asked at once are answered one after the other.
 */
export interface LogArchive extends EvidenceReader {
  survey: LogSurvey;
  /** Lets go of the memory and the temporary files. */
  close(): Promise<void>;
}

/** How far the work is; `done` never shrinks within a phase. */
export type ArchiveProgress = {
  /** `rewriting`: files that the database cannot read as they are; `reading`: the one pass over all; `asking`: of one resource. */
  phase: 'rewriting' | 'reading' | 'asking';
  done: number;
  total: number;
  unit: 'bytes' | 'steps';
};

/**
 * `no-match`: no path leads to a file. `unreadable`: files, but no record of any kind could be read from them. `foreign`:
 * only other services' logs, named in `foreign`. Files without any content are a valid archive without resources.
 */
export type OpenedLogArchive =
  | { ok: true; archive: LogArchive }
  | {
      ok: false;
      why: 'no-match' | 'unreadable' | 'foreign' | 'denied' | 'timed-out' | 'over-budget' | 'not-configured';
      /** What failed, and what to do about it: sentences without full stop. */
      message: string;
      nextStep: string;
      skipped: LogSurvey['skipped'];
      foreign: LogSurvey['foreign'];
    };

/** A message rendered for one platform by `chat/<platform>/`: the adapter sends it as it is. */
export type Rendered = {
  incidentId: string;
  revision: number;
  /** Hash of `body`, by which a repeat of the same content is told. */
  hash: string;
  /** Block Kit payload, Adaptive Card, or terminal text. */
  body: unknown;
};

export type SendResult = {
  /** What `edit` needs later; null where nothing can be edited. */
  ref: string | null;
};

/**
 * One destination for incident messages.
 * Failures are `HeadroomError`s: `throttled` with `retryAfterMs`, `unavailable`, `timed-out`, `denied`, `invalid`;
 * `edit` also `not-found` when the message is gone.
 */
export interface ChatSender {
  /** Stable name of the destination, used as the effect's key: `slack-bot:C123`, `teams-workflow`, `terminal`. */
  key: string;
  platform: 'slack' | 'teams' | 'text';
  canEdit: boolean;
  post(rendered: Rendered, signal?: AbortSignal): Promise<SendResult>;
  /** Replaces what stands at `ref`. Only called when `canEdit`. */
  edit(ref: string, rendered: Rendered, signal?: AbortSignal): Promise<SendResult>;
  /** Answers below the message at `ref`, with what a thread renderer made; absent where there are no threads. */
  reply?(ref: string, body: unknown, signal?: AbortSignal): Promise<void>;
  /**
   * Asks the platform whether a post for this incident stands there (after a crash between sending and recording).
   * `cannot-ask` where the platform offers no way.
   */
  find(incidentId: string, since: Time, signal?: AbortSignal): Promise<{ ref: string } | 'absent' | 'cannot-ask'>;
  /** Whether it is reached, without posting; answers what that shows. Absent where its platform is asked otherwise. */
  probe?(signal?: AbortSignal): Promise<string>;
}

/** What a service that calls people is told of one incident. */
export type EscalationEvent = {
  step: EscalationStep;
  /** What it deduplicates by. */
  incidentId: string;
  /** Of this event alone; the same when it is sent again. */
  id: string;
  at: Time;
  severity: Severity;
  /** One line: resource and cause. */
  summary: string;
  resource: Pick<Resource, 'id' | 'name' | 'type'>;
  /** Label and value of what is known. */
  details: Readonly<Record<string, string>>;
  links: readonly Link[];
  /** It may have been taken before, since its answer was lost. */
  possibleRepeat: boolean;
};

/** A service that calls people when nobody acknowledges an incident. */
export interface Escalation {
  /** Stable name: `pagerduty`, `webhook`. */
  key: string;
  /** @throws HeadroomError `throttled` with `retryAfterMs`, `unavailable`, `timed-out`, `denied`, `invalid` */
  send(event: EscalationEvent, signal?: AbortSignal): Promise<void>;
  /**
   * Whether it is reached, without calling anybody; answers what that shows.
   *
   * @throws HeadroomError as `send`, and `configuration` for a key that cannot be one
   */
  probe(signal?: AbortSignal): Promise<string>;
}

/**
 * Changes one kind of thing outside, with the identity of the actor alone. It takes requests as data, and only for targets
 * whose names it knows to be its own.
 */
export interface ControlPlane {
  /** Of the targets that it takes: `lever`, `alert`. */
  kind: string;
  /**
   * What stands there now.
   *
   * @throws HeadroomError `throttled`, `unavailable`, `timed-out`, `invalid` for a target that is none of its own; `denied`
   * with the role that is missing and the command that grants it as `nextStep`
   */
  read(target: ControlTarget, signal?: AbortSignal): Promise<ControlState>;
  /**
   * Brings it to stand as desired (null: not at all), unless something else stands there than `expected`: then nothing is
   * done, and the answer is `changed`. Done twice it is done once.
   *
   * @throws HeadroomError as `read`
   */
  write(
    target: ControlTarget,
    desired: unknown,
    expected: ControlState['revision'],
    signal?: AbortSignal,
  ): Promise<ControlState | 'changed'>;
}

/** What the SNS endpoint asks of AWS: both calls go to a URL that was checked to be one of SNS's own. */
export interface SnsAuthority {
  /** The signing certificate, PEM; kept in memory. `HeadroomError` kind `unavailable` or `timed-out` when it cannot be read. */
  certificate(url: string): Promise<string>;
  /** Confirms a subscription by its SubscribeURL. */
  confirm(url: string): Promise<void>;
}

/** Who a token speaks for, once its signature, issuer, audience and times were checked. */
export type TokenCaller = {
  /** Entra tenant; absent where the issuer is not Entra. */
  tenantId?: string;
  /** Application that asked for the token: `azp`, or `appid` in older tokens. */
  appId?: string;
  objectId?: string;
  roles: readonly string[];
  /** Bot Framework: where replies to the activity go. An activity that names another place is not believed. */
  serviceUrl?: string;
  /** Bot Framework: channels that the signing key may speak for. */
  endorsements: readonly string[];
};

/** `why` is for the log alone: whoever sent the token is told nothing. */
export type TokenVerdict = { ok: true; caller: TokenCaller } | { ok: false; why: string };

/** Checks the bearer tokens of one kind of caller. */
export interface TokenVerifier {
  /**
   * Never throws for what a token holds.
   *
   * @throws HeadroomError `unavailable` while the issuer's keys cannot be read and nobody can be told apart: answer 503
   */
  verify(token: string): Promise<TokenVerdict>;
}

/** An alert that its cloud says is firing now. */
export type FiringAlert = {
  /** Name of the source that reads `body`. */
  source: string;
  /** What its sender would have sent, as far as the cloud keeps it: the source makes the same alert ids of it. */
  body: unknown;
  rule: string;
  firedAt: Time;
  /** Whom its rule notifies: ids of action groups, lower-cased, or ARNs of alarm actions. */
  notifies: readonly string[];
  /** Why nobody was to be notified, in words; absent where somebody was. */
  suppressed?: string;
};

/** Lists what fires now in one scope of a cloud, so that what never arrived can be found. */
export interface FiringAlerts {
  /** How far it was looked through is remembered under this name: `azure /subscriptions/…`, `aws`. */
  name: string;
  /**
   * Fired at or after `since`, oldest first, at most `limit` (1..1000); `complete` is false where more may fire than these.
   * `mark` stands among the custom properties of each body.
   *
   * @throws HeadroomError `throttled`, `unavailable`, `timed-out`, `denied` with the permission that is missing
   */
  list(
    request: { since: Time; limit: number; mark: { name: string; value: string } },
    signal?: AbortSignal,
  ): Promise<{ alerts: FiringAlert[]; complete: boolean }>;
}

/** Our own test alarm, where it does not fire by itself. */
export interface CanaryAlarm {
  /** @throws HeadroomError as other calls do */
  setOff(at: Time, signal?: AbortSignal): Promise<void>;
}

/** The installation of the first region, asked from the second whether it has taken an alert up (field-notes 25). */
export interface FirstRegion {
  /**
   * The incident that works on the alert there; null while none is shown to.
   *
   * @throws HeadroomError `throttled`, `unavailable`, `timed-out`, or `denied` where it does not let this installation read
   */
  findWorked(alertId: string, signal?: AbortSignal): Promise<{ incidentId: string } | null>;
}

/** What a cloud has on record of one alert. */
export type RecordedAlert = {
  /** What it is about, as the cloud says it: lower-cased ids; empty where it does not say. */
  resources: readonly string[];
  /** When its state last changed. */
  changedAt: Time;
};

/** Asks a cloud whether it knows an alert that a payload claims (field-notes 32). */
export interface AlertReadBack {
  /** Name of the source whose alerts it knows: `azure`, `cloudwatch`. */
  source: string;
  /**
   * The alert with this reference; null when the cloud knows none.
   *
   * @throws HeadroomError `throttled`, `unavailable`, `timed-out`, `denied` with the permission that is missing
   */
  read(reference: string, signal?: AbortSignal): Promise<RecordedAlert | null>;
}

/** Answers people on Slack, beside the messages of incidents. Failures are `HeadroomError`s as those of `ChatSender`. */
export interface SlackDesk {
  /** Opens a modal for whoever pressed, within 1.5 s: a trigger lives for 3. */
  openView(triggerId: string, view: unknown): Promise<void>;
  /** Posts to an address for answers (`response_url`), which the caller has checked to be Slack's. */
  respond(url: string, body: unknown): Promise<void>;
  /** Id of the workspace that the app is installed in; null without a token to ask with. Remembered. */
  team(): Promise<string | null>;
  /** What the token may do, by Slack's names of scopes; null without a token. */
  scopes(): Promise<readonly string[] | null>;
  /** Whether the app is in the channel; `unknown` where it may not ask. */
  isIn(channel: string): Promise<'yes' | 'no' | 'unknown'>;
}

/** A conversation of a Teams bot, and the service that it is reached by, which Teams says and which was checked. */
export type TeamsPlace = { serviceUrl: string; conversationId: string };

/** Answers people on Teams, beside the messages of incidents. Failures are `HeadroomError`s as those of `ChatSender`. */
export interface TeamsDesk {
  /** Posts into a conversation; into a thread where the conversation's id names one. */
  say(place: TeamsPlace, body: unknown): Promise<void>;
  /** Who a person is by Teams: lower-cased tenant and role (`user`, `guest`, …), empty where it does not say. Remembered. */
  member(place: TeamsPlace, userId: string): Promise<{ tenantId: string; role: string }>;
  /** Rejects with what stands in the way of a token. */
  probe(): Promise<void>;
}

/** Draws pictures where a platform or a file wants no SVG. */
export interface Rasteriser {
  /**
   * The SVG as PNG, so many pixels wide (1..4096).
   *
   * @throws HeadroomError `configuration` where what draws is not installed, `invalid` for what is no SVG
   */
  png(svg: string, options: { widthPixels: number }): Promise<Uint8Array>;
}

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Uniform in [0, 1). */
export type Random = () => number;

export type LogFields = Record<string, string | number | boolean | null | undefined>;

/** One event a line; fields, not text. Values pass redaction before they are written. */
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Something that was measured, as plain data: nothing of a telemetry SDK has to be loaded where it happens. */
export type Measurement = { name: string; attributes?: Attributes } & (
  | { kind: 'count'; by: number }
  /** Of what goes up and down. */
  | { kind: 'balance'; by: number }
  /** One value of a distribution. */
  | { kind: 'spread'; value: number; unit: 's'; boundaries?: readonly number[] }
  | { kind: 'level'; value: number }
  /** Epoch milliseconds; `failure` is an error's kind. */
  | { kind: 'span'; fromMs: number; toMs: number; failure?: string }
);

/** Takes measurements; costs next to nothing, never throws. */
export interface Telemetry {
  note(measurement: Measurement): void;
}
