import { formatSecretId, type SecretId } from './reference.ts';

/** One secret in memory. A settled promise is kept, so that a hit allocates nothing. */
export type Slot = {
  readonly id: SecretId;
  readonly secretId: string;
  held: { promise: Promise<string>; value: string; contentType: string | undefined; fetchedAt: number } | null;
  /** The held promise as long as it is fresh: a hit need not ask what time it is, which costs more than all the rest of it. */
  hot: Promise<string> | null;
  /** Epoch ms; -Infinity while nothing is held. */
  freshUntil: number;
  staleUntil: number;
  refreshAt: number;
  /** When the regular refresh is or was due, epoch ms; null when the next one is out of turn. */
  dueAt: number | null;
  failedRefreshes: number;
  flight: Promise<string> | null;
};

export type SlotTable = {
  /** The slot of a secret that something refers to; kept until `retain` leaves it out. */
  of(id: SecretId): Slot;
  /** The slot of a secret that a caller names; beyond the bound the one longest not named makes room. */
  named(id: SecretId): Slot;
  /** Forgets what neither is among these nor was named by a caller. */
  retain(referenced: ReadonlySet<Slot>): void;
  all(): Iterable<Slot>;
};

/** Names come from callers: without a bound, whoever makes them up fills the memory. */
const MAX_NAMED = 10_000;

export function createSlotTable(maxNamed = MAX_NAMED): SlotTable {
  const slots = new Map<string, Slot>();
  const named = new Map<string, Slot>(); // the one longest not named comes first
  let referenced: ReadonlySet<Slot> = new Set();

  const of = (id: SecretId): Slot => {
    const secretId = formatSecretId(id);
    const present = slots.get(secretId);
    if (present !== undefined) return present;
    const slot = createSlot(id, secretId);
    slots.set(secretId, slot);
    return slot;
  };

  return {
    of,
    named(id) {
      const slot = of(id);
      named.delete(slot.secretId);
      named.set(slot.secretId, slot);
      const [oldest] = named.values();
      if (named.size > maxNamed && oldest !== undefined) {
        named.delete(oldest.secretId);
        if (!referenced.has(oldest)) slots.delete(oldest.secretId);
      }
      return slot;
    },
    retain(next) {
      referenced = next;
      for (const slot of slots.values())
        if (!referenced.has(slot) && !named.has(slot.secretId)) slots.delete(slot.secretId);
    },
    all: () => slots.values(),
  };
}

function createSlot(id: SecretId, secretId: string): Slot {
  const never = Number.NEGATIVE_INFINITY;
  return {
    id,
    secretId,
    held: null,
    hot: null,
    freshUntil: never,
    staleUntil: never,
    refreshAt: Number.POSITIVE_INFINITY,
    dueAt: null,
    failedRefreshes: 0,
    flight: null,
  };
}
