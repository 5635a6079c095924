type Attributes = Record<string, string>;
type Instrument = { unit?: string; description?: string; advice?: { explicitBucketBoundaries?: number[] } };
type Result = { observe(value: number, attributes?: Attributes): void };
type Observable = {
  addCallback(callback: (result: Result) => void): void;
  removeCallback(callback: (result: Result) => void): void;
};

/** What is used of the `Meter` of @opentelemetry/api, structurally: users without OpenTelemetry need no package for a type. */
export type Meter = {
  createUpDownCounter(name: string, options?: Instrument): { add(value: number, attributes?: Attributes): void };
  createHistogram(name: string, options?: Instrument): { record(value: number, attributes?: Attributes): void };
  createObservableCounter(name: string, options?: Instrument): Observable;
  createObservableGauge(name: string, options?: Instrument): Observable;
};
