import { type AwsService, awsFailure } from './failure.ts';

/** One call of a service, with the tries that the client makes for it. The signal ends it. */
export type AwsCall = <T>(what: string, run: (abortSignal: AbortSignal) => Promise<T>) => Promise<T>;

export type CallLimits = {
  /** Of one try, from its start to the head of its answer. */
  tryMs?: number;
  /** Of all tries and the waits between them. */
  budgetMs?: number;
};

/** An alert must be answered within 10 s. @see shared/routes/alerts.ts */
const BUDGET_MS = 8_000;

/** @throws HeadroomError from every call, by kind */
export function createAwsCalls(service: AwsService, { budgetMs = BUDGET_MS }: CallLimits): AwsCall {
  return async (what, run) => {
    try {
      return await withinTime(budgetMs, run);
    } catch (error) {
      throw awsFailure(error, service, what, Date.now());
    }
  };
}

/** Also ends what does not listen to the signal: a wait between two tries, and the search for credentials. */
function withinTime<T>(ms: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(ms);
  // First, for what throws at once leaves nobody behind to hear that it would have been late.
  const running = run(signal);
  const late = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([running, late]);
}
