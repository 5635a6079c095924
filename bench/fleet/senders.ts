import { createPacer, type Ticket } from '../../shared/pacing/pacer.ts';
import type { Random } from '../../simulation/random.ts';
import type { Sender } from './virtual.ts';

/** Ours: the pacer of `shared/pacing`, unchanged. */
export function pacedSender(random: Random, fleetSize?: number): Sender {
  const pacer = createPacer({ random, ...(fleetSize === undefined ? {} : { fleetSize }) });
  return {
    nextAt: pacer.nextAt,
    send: pacer.send,
    served: (ticket: Ticket, now) => pacer.served(ticket, now),
    refused(ticket: Ticket, now, retryAfterMs) {
      pacer.refused(ticket, now, retryAfterMs);
      return 'again';
    },
  };
}

const SCHEDULE_MS = [1_000, 2_000, 4_000, 8_000, 16_000];

/** The advised waits of 1, 2, 4, 8 and 16 s for each secret in turn, without jitter; the instance gives up after the last. */
export function scheduleSender(): Sender {
  let inFlight = false;
  let attempt = 0;
  let notBefore = 0;
  return {
    nextAt: () => (inFlight ? Number.POSITIVE_INFINITY : notBefore),
    send() {
      inFlight = true;
      return null;
    },
    served() {
      inFlight = false;
      attempt = 0;
    },
    refused(_ticket, now, retryAfterMs) {
      inFlight = false;
      const wait = retryAfterMs ?? SCHEDULE_MS[attempt];
      if (wait === undefined || attempt >= SCHEDULE_MS.length) return 'give-up';
      attempt++;
      notBefore = now + wait;
      return 'again';
    },
  };
}
