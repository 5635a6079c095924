import { lognormal, seededRandom } from '../../simulation/random.ts';
import type { Schedule } from '../../simulation/schedule.ts';
import type { FleetCase } from './virtual.ts';
import { PIECE_MS } from './work-meter.ts';

/**
 * Takes one request to the vault and its answer back: `arrive` runs when the vault decides, what it gives back when the
 * client hears of it. A `challenged` request is first turned away with a 401, which no limit counts.
 */
export type Transport = (challenged: boolean, arrive: () => () => void) => void;

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

  /** Half an exchange waits its turn, and takes as long as one took in this piece of the run. */
  const queue = (halfMs: readonly number[]): ((then: () => void) => void) => {
    let freeAt = 0;
    return (then) => {
      freeAt = Math.max(freeAt, schedule.now());
      freeAt += halfMs[Math.min(Math.floor(freeAt / PIECE_MS), halfMs.length - 1)] ?? 0;
      schedule.at(freeAt, then);
    };
  };
  const client = queue(machine.clientHalfMs);
  const vault = queue(machine.vaultHalfMs);
  /** The vault server waits before it decides, and answers at once. */
  const exchange = (arrive: () => () => void): void =>
    client(() =>
      vault(() =>
        schedule.at(schedule.now() + latencyMs(1), () =>
          vault(() => {
            const answer = arrive();
            client(answer);
          }),
        ),
      ),
    );
  return (challenged, arrive) => exchange(challenged ? () => () => exchange(arrive) : arrive);
}
