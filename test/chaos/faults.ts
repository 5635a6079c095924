import type { Random } from '../../shared/ports.ts';

/** What can happen to one call of a port. */
export type FaultKind =
  /** The process dies before, or after, the call has taken effect; nobody hears of it. */
  | 'kill before'
  | 'kill after'
  /** 5xx: refused, without effect. */
  | 'unavailable'
  /** 429, without and with Retry-After. */
  | 'throttled'
  | 'throttled for a time'
  /** It takes effect, and the answer is lost. */
  | 'lost answer'
  /** It takes effect, and the connection breaks: where nobody can be asked, adapters say that it may have arrived. */
  | 'reset'
  | 'slow'
  /** Taken, and never answered until the caller's deadline, or the adapter's own; with or without effect. */
  | 'half-open'
  | 'half-open with effect'
  /** Someone else writes the same record in between. */
  | 'conflict'
  /** A queue delivers twice, late (and so in another order), or again while the message is still worked on. */
  | 'duplicate'
  | 'late'
  | 'short visibility'
  /** What SQLite says on a full disk. */
  | 'full disk';

/** A fault meets the nth call of a method, counted over all processes, or every call of a port for a time. */
export type Fault = { kind: FaultKind; amountMs: number } & (
  | { target: string; nth: number }
  | { port: string; fromMs: number; toMs: number }
);

/** The methods that are struck, with how many calls of each a story makes, roughly. */
const CALLS: readonly [string, number][] = [
  ['records.get', 400],
  ['records.put', 160],
  ['records.list', 60],
  ['queue.send', 60],
  ['queue.receive', 120],
  ['delivery.ack', 40],
  ['payloads.put', 12],
  ['bot.post', 4],
  ['bot.edit', 14],
  ['bot.find', 3],
  ['webhook.post', 8],
  ['logs.read', 14],
  ['plane.read', 6],
  ['plane.write', 2],
];

const OF_ANY: readonly FaultKind[] = [
  'kill before',
  'kill after',
  'unavailable',
  'throttled',
  'throttled for a time',
  'lost answer',
  'slow',
  'half-open',
  'half-open with effect',
  'reset',
];

const OF_METHOD: Readonly<Record<string, readonly FaultKind[]>> = {
  'records.put': ['conflict', 'conflict', 'conflict', 'full disk'],
  'queue.send': ['duplicate', 'duplicate', 'late', 'late', 'full disk'],
  'queue.receive': ['short visibility', 'short visibility', 'short visibility'],
};

const OUTAGES: readonly [string, readonly FaultKind[]][] = [
  ['records', ['unavailable', 'throttled', 'full disk', 'half-open']],
  ['records', ['conflict']],
  ['queue', ['unavailable', 'throttled for a time', 'full disk', 'half-open']],
  ['queue', ['duplicate', 'late', 'short visibility']],
  ['payloads', ['unavailable', 'throttled']],
  ['bot', ['unavailable', 'throttled', 'throttled for a time', 'half-open', 'lost answer']],
  ['webhook', ['unavailable', 'throttled', 'throttled for a time', 'half-open', 'lost answer']],
  ['logs', ['unavailable', 'throttled', 'half-open', 'slow']],
  ['plane', ['unavailable', 'throttled', 'lost answer', 'half-open with effect']],
];

const MOST_CALLS_STRUCK = 12;
const MOST_OUTAGES = 3;
const LONGEST_OUTAGE_MS = 90_000;

/** The faults of one story: a few calls that are struck, and at times a dependency that is out for a while. */
export function drawFaults(random: Random, storyMs: number): Fault[] {
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const struck = Array.from({ length: 1 + Math.floor(random() * MOST_CALLS_STRUCK) }, (): Fault => {
    const [target, calls] = pick(CALLS);
    const kind = pick([...OF_ANY, ...(OF_METHOD[target] ?? [])]);
    return { target, nth: 1 + Math.floor(random() * calls), kind, amountMs: amountOf(kind, random()) };
  });
  const outages = Array.from({ length: Math.floor(random() * (MOST_OUTAGES + 1)) }, (): Fault => {
    const [port, kinds] = pick(OUTAGES);
    const kind = pick(kinds);
    const fromMs = Math.floor(random() * storyMs);
    const toMs = Math.min(storyMs, fromMs + 5_000 + Math.floor(random() * LONGEST_OUTAGE_MS));
    return { port, fromMs, toMs, kind, amountMs: amountOf(kind, random()) };
  });
  return [...struck, ...outages];
}

/** How long is waited, or asked to wait, where the kind has such a time. */
function amountOf(kind: FaultKind, share: number): number {
  const [leastMs, mostMs] = RANGES_MS[kind] ?? [0, 0];
  return leastMs + Math.floor(share * (mostMs - leastMs));
}

const RANGES_MS: Partial<Record<FaultKind, [number, number]>> = {
  slow: [500, 25_000],
  // An adapter's own time-out, all its tries together.
  'half-open': [5_000, 30_000],
  'half-open with effect': [5_000, 30_000],
  'throttled for a time': [1_000, 60_000],
  late: [1_000, 60_000],
  'short visibility': [1, 20_000],
};

/** Every kind that is drawn: a run of many seeds in which one of them never struck has not tested it. */
export const KINDS: readonly FaultKind[] = [...new Set([...OF_ANY, ...Object.values(OF_METHOD).flat()])];

export type FaultDesk = {
  /** What the next call of a method meets, at this time of the story. */
  next(target: string, elapsedMs: number): Fault | undefined;
  /** How often each kind has struck. */
  struck: Map<FaultKind, number>;
};

export function createFaultDesk(faults: readonly Fault[], untilMs: number): FaultDesk {
  const calls = new Map<string, number>();
  const struck = new Map<FaultKind, number>();
  return {
    struck,
    next(target, elapsedMs) {
      const nth = (calls.get(target) ?? 0) + 1;
      calls.set(target, nth);
      if (elapsedMs >= untilMs) return undefined;
      const fault = faults.find((one) =>
        'target' in one
          ? one.target === target && one.nth === nth
          : one.fromMs <= elapsedMs && elapsedMs < one.toMs && isHit(one.port, one.kind, target, nth),
      );
      if (fault) struck.set(fault.kind, (struck.get(fault.kind) ?? 0) + 1);
      return fault;
    },
  };
}

/** What of a port a kind of fault can meet: a full disk can still be read. */
const MEETS: Partial<Record<FaultKind, RegExp>> = {
  conflict: /^records\.put$/,
  duplicate: /^queue\.send$/,
  late: /^queue\.send$/,
  'short visibility': /^queue\.receive$/,
  'full disk': /^(records\.(put|delete)|queue\.(send|receive)|delivery\..*)$/,
};

/** Another writer gets in between now and then, and not each time. */
const CONFLICT_EVERY = 3;

function isHit(port: string, kind: FaultKind, target: string, nth: number): boolean {
  if (kind === 'conflict' && nth % CONFLICT_EVERY > 0) return false;
  const [struck] = target.split('.');
  return (struck === 'delivery' ? 'queue' : struck) === port && (MEETS[kind]?.test(target) ?? true);
}

/** As a line of a report. */
export function sayFault(fault: Fault): string {
  const amount = fault.amountMs > 0 ? ` (${fault.amountMs} ms)` : '';
  return 'target' in fault
    ? `${fault.kind}${amount} at call ${fault.nth} of ${fault.target}`
    : `${fault.kind}${amount} at every call of ${fault.port} from ${fault.fromMs / 1_000} s to ${fault.toMs / 1_000} s`;
}
