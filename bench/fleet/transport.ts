import { lognormal, seededRandom } from '../../simulation/random.ts';
import type { Schedule } from '../../simulation/schedule.ts';
import type { FleetCase } from './virtual.ts';

/**
 * Takes one request to the vault and its answer back: `arrive` runs when the vault decides, what it gives back when the
 * client hears of it. A `challenged` request is first turned away with a 401, which no limit counts.
 */
export type Transport = (challenged: boolean, arrive: () => () => void) => void;

/** A real run is measured in pieces of this length: a fleet in step works in bursts of half a second. */
export const PIECE_MS = 250;

const LATENCY_SIGMA = 0.3; // as in the vault server

export function createTransport(fleet: FleetCase, schedule: Schedule): Transport {
  const random = seededRandom(fleet.seed, 'latency');
  const latencyMs = (part: number): number => lognormal(random, fleet.latencyMs * part, LATENCY_SIGMA);
  const { machine } = fleet;
  if (machine === undefined) {
    return (_challenged, arrive) => {
      schedule.at(schedule.now() + latencyMs(0.5), () => {
        const answer = arrive();
        schedule.at(schedule.now() + latencyMs(0.5), answer);
      });
    };
  }

  const queue = (): ((costMs: number, then: () => void) => void) => {
    let freeAt = 0;
    return (costMs, then) => {
      freeAt = Math.max(freeAt, schedule.now()) + costMs;
      schedule.at(freeAt, then);
    };
  };
  const client = queue();
  const vault = queue();
  /** Half an exchange: the sending, or the answer. */
  const halfMs = (): number => {
    const piece = Math.min(Math.floor(schedule.now() / PIECE_MS), machine.exchangeMs.length - 1);
    return (machine.exchangeMs[piece] ?? 0) / 2;
  };
  /** The vault server waits before it decides, and answers at once. */
  const exchange = (arrive: () => () => void): void =>
    client(halfMs(), () =>
      vault(machine.requestMs / 2, () =>
        schedule.at(schedule.now() + latencyMs(1), () =>
          vault(machine.requestMs / 2, () => {
            const answer = arrive();
            client(halfMs(), answer);
          }),
        ),
      ),
    );
  return (challenged, arrive) => exchange(challenged ? () => () => exchange(arrive) : arrive);
}
