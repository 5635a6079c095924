import { type Breaker, type BreakerOptions, type BreakerState, createBreaker } from '../pacing/breaker.ts';
import type { Telemetry } from '../ports.ts';

const LEVELS: Readonly<Record<BreakerState, number>> = { closed: 0, 'half-open': 1, open: 2 };

/** A breaker whose changes of state are measured, under the name of what it stands before. */
export function createToldBreaker(dependency: string, options: BreakerOptions, telemetry?: Telemetry): Breaker {
  const breaker = createBreaker(options);
  let told: BreakerState = 'closed';
  const tell = (now: number): void => {
    const state = breaker.state(now);
    if (state === told) return;
    told = state;
    telemetry?.note({
      kind: 'level',
      name: 'headroom.breaker.state',
      value: LEVELS[state],
      attributes: { dependency },
    });
  };
  return {
    ...breaker,
    ask(now) {
      const asked = breaker.ask(now);
      tell(now);
      return asked;
    },
    succeeded(now) {
      breaker.succeeded(now);
      tell(now);
    },
    failed(now) {
      breaker.failed(now);
      tell(now);
    },
  };
}
