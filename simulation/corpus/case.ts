import type { VaultLimit } from '../limit.ts';
import { between, logarithmic, type Random, seededRandom } from '../random.ts';
import { type Background, drawBackground } from './background.ts';
import { type Defects, drawDefects } from './defects.ts';
import type { CorpusKind, Part } from './part.ts';
import { drawAmplifier, type Slot, slotOf } from './slots.ts';

/** One labelled log before it is played: all that was drawn for it. */
export type CorpusCase = {
  seed: number;
  /** How often it was drawn before it became what it was meant to be. */
  attempt: number;
  slot: Slot;
  /** What it is meant to be, the first cause first; empty when nothing is wrong. */
  kinds: readonly CorpusKind[];
  isBoundary: boolean;
  parts: readonly Part[];
  background: Background;
  limit: VaultLimit;
  /** What the files hold of the time before: the day before, the hour before, or nothing. */
  baseline: 'day' | 'hour' | 'none';
  defects: Defects;
  /** Of the records of the day; the window that is asked begins later where an hour before is held. */
  recordsFromMs: number;
  windowFromMs: number;
  onsetMs: number;
  toMs: number;
  parameters: Readonly<Record<string, unknown>>;
};

const MINUTE_MS = 60_000;
/** Days on which a log may begin. */
const FROM_MS = Date.parse('2026-02-02T00:00:00Z');
const DAYS = 240;
const NAMES = [
  'checkout',
  'orders',
  'search',
  'pricing',
  'identity-broker',
  'reports',
  'media',
  'ingest',
  'notify',
  'stock',
];
/** A drawn case that came out as something else is drawn again, a little nearer to what it was meant to be. */
const EASED = 0.96;

/** Draws the case of a seed, a whole number from 0. Pure: the same seed and attempt draw the same case. */
export function drawCase(seed: number, attempt = 0): CorpusCase {
  const slot = slotOf(seed);
  const random = seededRandom(Math.imul(seed + 1, 2654435761) ^ Math.imul(attempt, 40503), 'case');
  const limit = drawLimit(random);
  const drawn: CorpusCase['baseline'] = slot.needsDayBefore ? 'day' : drawBaseline(random);
  const instancesPerAddress = random() < 0.25 ? Math.round(logarithmic(random, 2, 200)) : 1;
  const parts = drawParts(slot, attempt, { random, limit, instancesPerAddress, isLong: drawn === 'hour' });
  const isSteady = parts.some((part) => part.isSteady);
  const baseline = isSteady && drawn === 'hour' ? 'none' : drawn;
  const leadMs = MINUTE_MS * (isSteady ? between(random, 1.5, 3) : between(random, 4, 12));
  const onsetMs = Math.round(FROM_MS + Math.floor(random() * DAYS) * 1440 * MINUTE_MS + random() * 1440 * MINUTE_MS);
  const lastsMs =
    parts.length === 0 ? MINUTE_MS * between(random, 5, 20) : Math.max(...parts.map((part) => part.lastsMs));
  const background = drawBackground(random, parts.length === 0 ? between(random, 4, 40) : between(random, 0.3, 4));
  const windowFromMs = Math.round(onsetMs - leadMs);
  return {
    ...{ seed, attempt, slot, isBoundary: slot.accepts !== undefined, parts, background, limit, baseline, onsetMs },
    kinds: slot.isHealthy
      ? []
      : [...parts.map(({ kind }) => kind), ...(slot.amplifier === null ? [] : [slot.amplifier])],
    windowFromMs,
    recordsFromMs: baseline === 'hour' ? onsetMs - 75 * MINUTE_MS : windowFromMs,
    // What goes on all day goes on at the end of the log as well.
    toMs: Math.round(onsetMs + lastsMs + MINUTE_MS * (isSteady ? between(random, 0.2, 0.7) : between(random, 1.5, 5))),
    defects: drawDefects(random),
    parameters: {
      ...{ slot: slot.name, baseline, instancesPerAddress, limit: `${limit.requests} ${limit.shape}` },
      ...{ countsRefused: limit.countsRefused, applications: background.members.length },
      parts: parts.map(({ kind, role, parameters }) => ({ kind, role, ...parameters })),
    },
  };
}

function drawLimit(random: Random): VaultLimit {
  return {
    requests: random() < 0.65 ? 4000 : 2000,
    windowMs: 10_000,
    shape: random() < 0.6 ? 'sliding' : 'fixed',
    countsRefused: random() < 0.3,
  };
}

function drawBaseline(random: Random): CorpusCase['baseline'] {
  const drawn = random();
  return drawn < 0.4 ? 'day' : drawn < 0.65 ? 'hour' : 'none';
}

type Context = { random: Random; limit: VaultLimit; instancesPerAddress: number; isLong: boolean };

function drawParts(slot: Slot, attempt: number, { random, limit, instancesPerAddress, isLong }: Context): Part[] {
  const isBetween = slot.accepts !== undefined;
  const first = Math.floor(random() * NAMES.length);
  let offsetMs = 0;
  return slot.parts.map((draw, index) => {
    const [low, high] = slot.demand;
    const ease = slot.isHealthy ? EASED ** attempt : 1;
    const part = draw({
      ...{ random, limit: limit.requests, instancesPerAddress, offsetMs },
      name: `${NAMES[(first + index) % NAMES.length]}-service`,
      demand: logarithmic(random, low, high) * ease,
      retry: index === 0 && slot.amplifier !== null ? drawAmplifier(random, slot.amplifier, isBetween) : null,
      // Callers that are on their own before the onset would drown each other.
      isLong: isLong || slot.parts.length > 1,
    });
    offsetMs += between(random, 15_000, 75_000);
    return part;
  });
}
