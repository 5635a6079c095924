import type { Time } from '../model.ts';

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
