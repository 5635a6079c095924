/** What a payload becomes: the first stage, and the words that all later ones use. Imports nothing. */

/** `YYYY-MM-DDTHH:mm:ss.sssZ`, normalised at the edge, so that string order is time order. */
export type Time = string;

export type Cloud = 'azure' | 'aws' | 'other';

export type Resource = {
  cloud: Cloud;
  /** Lower-cased ARM id without trailing slash, or the ARN; with no target `<cloud>:<scope>:<rule>`. */
  id: string;
  name: string;
  /** `microsoft.keyvault/vaults`, `AWS::Lambda::Function`, …; `unknown` when the payload does not say. */
  type: string;
  /** Subscription id, account id, or `unknown`. */
  scope: string;
  region?: string;
};

export type Link = { label: string; url: string };

/** Where the raw payload of an alert is kept: inside its inbox record, or in the payload store. */
export type PayloadRef = { hash: string; bytes: number; inbox?: RecordKey; stored?: string; truncated?: boolean };

export type RecordKey = { partition: string; id: string };

export type Signal = {
  metric: string;
  namespace?: string;
  operator?: string;
  threshold?: number;
  value?: number;
  aggregation?: string;
  windowSeconds?: number;
  dimensions: Record<string, string>;
};

export type Severity = 0 | 1 | 2 | 3 | 4;

export type Alert = {
  /** Same on redelivery and in every envelope of one change; differs between Fired and Resolved. */
  id: string;
  /** Same for the Fired and the Resolved of one episode of one rule on one resource. */
  instance: string;
  source: string;
  rule: string;
  ruleId?: string;
  /** What the cloud calls this alert in its own store, by which it can be read back: id of the alert, ARN of the alarm. */
  reference?: string;
  severity: Severity;
  firedAt: Time;
  receivedAt: Time;
  resource: Resource;
  /** What the payload says of itself in a sentence, as sent; escaped only when rendered. */
  description?: string;
  signals: Signal[];
  links: Link[];
  custom: Record<string, string>;
  /** What kind of alert the sender says it is: `metric`, `log`, `activity`, `service-health`, `composite`, … */
  category: string;
  payload: PayloadRef;
  synthetic?: 'test' | 'canary';
} & ({ state: 'fired' | 'no-data' } | { state: 'resolved'; resolvedAt: Time });

export type ParseResult = { ok: true; alerts: Alert[] } | { ok: false; error: string; path: string };

export type Source = {
  name: string;
  /** Cheap shape test used to tell envelopes apart; never throws. */
  recognises(body: unknown): boolean;
  parse(body: unknown, receivedAt: Time): ParseResult;
};
