import type { QueueMessage } from '../../model.ts';
import type { Clock, DeadLetter, Queue, QueueDelivery } from '../../ports.ts';
import {
  checkDelayMs,
  checkLimit,
  checkReceive,
  DEFAULT_MAX_ATTEMPTS,
  deadReason,
  encodeMessage,
  neverAcknowledged,
} from '../bounds.ts';

type Waiting = { sequence: number; body: string; visibleAtMs: number; attempts: number; receipt: number };
type Dead = { body: string; attempts: number; reason: string; diedAtMs: number };

/**
 * A queue that ends with the process. Delivers by the time a message became visible, then in the order it was sent.
 *
 * @param options.maxAttempts deliveries before a message is a dead letter, default 5
 */
export function createMemoryQueue(options: { clock: Clock; maxAttempts?: number }): Queue {
  const { clock, maxAttempts = DEFAULT_MAX_ATTEMPTS } = options;
  const waiting = new Set<Waiting>();
  const dead = new Set<Dead>();
  let sequences = 0;
  let receipts = 0;

  function layAside(entry: Waiting, reason: string): void {
    waiting.delete(entry);
    dead.add({ body: entry.body, attempts: entry.attempts, reason, diedAtMs: clock.now() });
  }

  function deliver(entry: Waiting, visibleAtMs: number): QueueDelivery {
    receipts += 1;
    const receipt = receipts;
    Object.assign(entry, { visibleAtMs, receipt, attempts: entry.attempts + 1 });
    const ours = (): boolean => waiting.has(entry) && entry.receipt === receipt;
    return {
      message: messageOf(entry),
      attempts: entry.attempts,
      async ack() {
        if (ours()) waiting.delete(entry);
      },
      async retry(delayMs) {
        const againAtMs = clock.now() + checkDelayMs(delayMs);
        if (ours()) Object.assign(entry, { visibleAtMs: againAtMs, receipt: 0 });
      },
      async bury(reason) {
        if (ours()) layAside(entry, deadReason(reason));
      },
    };
  }

  return {
    async send(message, { delayMs = 0 } = {}) {
      const body = encodeMessage(message);
      const visibleAtMs = clock.now() + checkDelayMs(delayMs);
      sequences += 1;
      waiting.add({ sequence: sequences, body, visibleAtMs, attempts: 0, receipt: 0 });
    },

    async receive({ max, visibilityMs }) {
      checkReceive(max, visibilityMs);
      const nowMs = clock.now();
      const visible = [...waiting].filter((entry) => entry.visibleAtMs <= nowMs).sort(byVisibility);
      const deliveries: QueueDelivery[] = [];
      for (const entry of visible) {
        if (deliveries.length === max) break;
        if (entry.attempts >= maxAttempts) layAside(entry, neverAcknowledged(maxAttempts));
        else deliveries.push(deliver(entry, nowMs + visibilityMs));
      }
      return deliveries;
    },

    async depth() {
      return { waiting: waiting.size, dead: dead.size };
    },

    async dead(limit) {
      checkLimit(limit);
      return [...dead].slice(0, limit).map(
        (entry): DeadLetter => ({
          message: messageOf(entry),
          attempts: entry.attempts,
          reason: entry.reason,
          diedAt: new Date(entry.diedAtMs).toISOString(),
          remove: async () => {
            dead.delete(entry);
          },
        }),
      );
    },
  };
}

function byVisibility(left: Waiting, right: Waiting): number {
  return left.visibleAtMs - right.visibleAtMs || left.sequence - right.sequence;
}

function messageOf({ body }: { body: string }): QueueMessage {
  const message: QueueMessage = JSON.parse(body);
  return message;
}
