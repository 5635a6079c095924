import { pacedSender } from '../../../bench/fleet/senders.ts';
import { type FleetCase, type FleetResult, limitOf, playFleet } from '../../../bench/fleet/virtual.ts';

/** 500 instances with 20 secrets each that start at once, and what is said otherwise. */
export function headline(over: Partial<FleetCase> & { counts?: boolean } = {}): FleetCase {
  return {
    instances: 500,
    secrets: 20,
    spreadMs: 0,
    limit: limitOf(2_000, over.counts ?? false),
    retryAfterMs: null,
    seed: 1,
    capMs: 180_000,
    latencyMs: 30,
    ...over,
  };
}

/** Plays it with our pacer, without a hint. */
export const playOurs = (fleet: FleetCase): FleetResult => playFleet(fleet, (random) => pacedSender(random));

export const refusedShare = ({ refused, served }: FleetResult): number => refused / (refused + served);
