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
