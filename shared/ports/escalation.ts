import type { EscalationStep, Link, Resource, Severity, Time } from '../model.ts';

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
