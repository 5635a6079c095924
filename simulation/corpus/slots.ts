import { fixedPause, givesUp, unpaced } from '../callers/retry.ts';
import { between, logarithmic, type Random, whole } from '../random.ts';
import type { CorpusKind, DrawPart, NamedRetry } from './part.ts';
import { drawEnumeration } from './parts/enumeration.ts';
import { drawFailingLoop } from './parts/failing-loop.ts';
import { drawIdentityOutage } from './parts/identity-outage.ts';
import { drawClientPerCall, drawMissingCache } from './parts/missing-cache.ts';
import { drawNoisyNeighbour } from './parts/noisy-neighbour.ts';
import { drawOrganicGrowth } from './parts/organic-growth.ts';
import { drawPolling } from './parts/polling.ts';
import { drawRestartLoop } from './parts/restart-loop.ts';
import { drawKeyTypeLimit, drawServiceCaller } from './parts/service-caller.ts';
import { drawStartupStampede } from './parts/startup-stampede.ts';
import { drawSubscriptionLimit } from './parts/subscription-limit.ts';
import { drawTransient } from './parts/transient.ts';
import { drawWritePressure } from './parts/write-pressure.ts';

export type Amplifier = 'retry-storm' | 'unpaced-retries';

/** What a case is meant to be: its parts in order of onset, and how hard they press. */
export type Slot = {
  name: string;
  parts: readonly DrawPart[];
  /** Of each part at its peak, in multiples of the limit that it meets. */
  demand: readonly [number, number];
  /** What the first part's retries are meant to make of it. */
  amplifier: Amplifier | null;
  isHealthy: boolean;
  /** Between two behaviours: each of these is an acceptable answer, null is none at all. */
  accepts?: readonly (CorpusKind | null)[];
  /** The day before is in the files whatever is drawn. */
  needsDayBefore?: boolean;
};

const TRIGGERS: readonly [string, DrawPart][] = [
  ['missing-cache', drawMissingCache],
  ['startup-stampede', drawStartupStampede],
  ['restart-loop', drawRestartLoop],
  ['polling', drawPolling],
  ['failing-loop', drawFailingLoop],
  ['enumeration', drawEnumeration],
  ['client-per-call', drawClientPerCall],
  ['write-pressure', drawWritePressure],
];
const OTHERS: readonly [string, DrawPart][] = [
  ['service-caller', drawServiceCaller],
  ['key-type-limit', drawKeyTypeLimit],
  ['noisy-neighbour', drawNoisyNeighbour],
];

const asTrigger =
  (draw: DrawPart): DrawPart =>
  (options) =>
    draw({ ...options, isLong: true });
const cache = asTrigger(drawMissingCache);
const polls: DrawPart = (options) => drawPolling(options, { isSteady: false });

function single(name: string, draw: DrawPart, demand: readonly [number, number] = [1.25, 2.4]): Slot {
  return { name, parts: [draw], demand, amplifier: null, isHealthy: false };
}

function busy(name: string, draw: DrawPart): Slot {
  return { name: `busy ${name}`, parts: [draw], demand: [0.6, 0.86], amplifier: null, isHealthy: true };
}

function amplified(amplifier: Amplifier, name: string, ...parts: DrawPart[]): Slot {
  const demand = amplifier === 'retry-storm' ? ([1.3, 2.4] as const) : ([1.15, 1.5] as const);
  return {
    name: `${name}, ${amplifier}`,
    parts,
    demand: parts.length > 1 ? [0.9, 1.5] : demand,
    amplifier,
    isHealthy: false,
  };
}

function pair(name: string, first: DrawPart, second: DrawPart): Slot {
  return { name, parts: [first, second], demand: [0.8, 1.4], amplifier: null, isHealthy: false };
}

function between2(
  name: string,
  draw: DrawPart,
  accepts: Slot['accepts'],
  demand: readonly [number, number] = [1.2, 2],
): Slot {
  return { name: `between: ${name}`, parts: [draw], demand, amplifier: null, isHealthy: false, accepts: accepts ?? [] };
}

const HEALTHY: readonly Slot[] = [
  ...Array.from(
    { length: 6 },
    (): Slot => ({ name: 'quiet', parts: [], demand: [0, 0], amplifier: null, isHealthy: true }),
  ),
  ...[...TRIGGERS, ...OTHERS].map(([name, draw]) => busy(name, draw)),
  busy('missing-cache', drawMissingCache),
  busy('startup-stampede', drawStartupStampede),
  busy('job', (draw) => drawNoisyNeighbour(draw, { isJob: true })),
  busy('identity-outage', drawIdentityOutage),
  { ...busy('organic-growth', drawOrganicGrowth), needsDayBefore: true },
];

const SINGLE: readonly Slot[] = [
  ...[...TRIGGERS, ...OTHERS].flatMap(([name, draw]) => Array.from({ length: 3 }, () => single(name, draw))),
  ...Array.from({ length: 3 }, () => single('identity-outage', drawIdentityOutage)),
  ...Array.from({ length: 3 }, () => ({
    ...single('organic-growth', drawOrganicGrowth, [1.03, 1.16]),
    needsDayBefore: true,
  })),
  ...Array.from({ length: 3 }, () => single('transient', drawTransient, [1.02, 1.18])),
  ...Array.from({ length: 3 }, () => single('subscription-limit', drawSubscriptionLimit)),
];

const MIXES: readonly Slot[] = [
  amplified('retry-storm', 'startup-stampede', drawStartupStampede),
  amplified('retry-storm', 'startup-stampede', drawStartupStampede),
  amplified('retry-storm', 'missing-cache', cache),
  amplified('retry-storm', 'client-per-call', drawClientPerCall),
  amplified('retry-storm', 'enumeration', drawEnumeration),
  amplified('unpaced-retries', 'startup-stampede', drawStartupStampede),
  amplified('unpaced-retries', 'missing-cache', cache),
  amplified('unpaced-retries', 'client-per-call', drawClientPerCall),
  amplified('unpaced-retries', 'polling', polls),
  amplified('unpaced-retries', 'service-caller', asTrigger(drawServiceCaller)),
  pair('missing-cache and startup-stampede', cache, drawStartupStampede),
  pair('failing-loop and polling', drawFailingLoop, polls),
  pair('enumeration and client-per-call', drawEnumeration, drawClientPerCall),
  pair('restart-loop and missing-cache', drawRestartLoop, cache),
  amplified('retry-storm', 'startup-stampede and missing-cache', drawStartupStampede, cache),
  amplified('unpaced-retries', 'client-per-call and startup-stampede', drawClientPerCall, drawStartupStampede),
];

/** Parameters between two behaviours, where either answer is right. */
const BETWEEN: readonly Slot[] = [
  between2(
    'a start and its only repeat',
    (d) => drawRestartLoop(d, { rounds: 2, gapSeconds: between(d.random, 20, 120) }),
    ['startup-stampede', 'restart-loop'],
  ),
  between2(
    'a start and a rolling update',
    (d) => drawStartupStampede(d, { withinSeconds: between(d.random, 60, 150) }),
    ['startup-stampede', 'noisy-neighbour', 'missing-cache'],
    [1.15, 1.6],
  ),
  between2('a poll and work', (d) => drawPolling(d, { jitterShare: between(d.random, 0.15, 0.45) }), [
    'polling',
    'missing-cache',
  ]),
  between2(
    'a cache that forgets at once',
    (d) => drawMissingCache(d, { keepSeconds: logarithmic(d.random, 4, 20), isSteady: false }),
    ['missing-cache', 'polling', 'noisy-neighbour'],
  ),
  between2('a client for some calls', (d) => drawClientPerCall(d, { freshClientShare: between(d.random, 0.3, 0.65) }), [
    'client-per-call',
    'missing-cache',
  ]),
  between2('a loop of which half fails', (d) => drawFailingLoop(d, { failingShare: between(d.random, 0.4, 0.6) }), [
    'failing-loop',
    'missing-cache',
  ]),
  {
    ...between2('retries that nearly pace', drawStartupStampede, ['startup-stampede']),
    amplifier: 'unpaced-retries',
    demand: [1.3, 2.2],
  },
  { ...between2('retries that nearly storm', cache, ['missing-cache']), amplifier: 'retry-storm', demand: [1.2, 1.6] },
  between2(
    'a coincidence with a large part',
    (d) => drawTransient(d, { dominantShare: between(d.random, 0.4, 0.65) }),
    ['transient', 'startup-stampede', 'noisy-neighbour', 'polling'],
    [1.03, 1.16],
  ),
  between2(
    'tenants who come back',
    (d) => drawNoisyNeighbour(d, { isJob: false, readsEach: between(d.random, 4, 12) }),
    ['noisy-neighbour', 'missing-cache'],
    [1.2, 1.8],
  ),
  {
    ...between2(
      'growth of one',
      (d) => drawOrganicGrowth(d, { dominantShare: between(d.random, 0.4, 0.6) }),
      ['organic-growth', 'noisy-neighbour', 'polling', 'missing-cache'],
      [1.1, 1.5],
    ),
    needsDayBefore: true,
  },
  between2('a listing at each start', (d) => drawEnumeration(d, { atStart: true }), [
    'enumeration',
    'startup-stampede',
  ]),
  between2('a light key under an older limit', drawServiceCaller, ['service-caller', 'key-type-limit']),
  between2(
    'an outage that half the callers feel',
    (d) => drawIdentityOutage(d, { lostShare: between(d.random, 0.4, 0.65) }),
    ['identity-outage', 'startup-stampede'],
  ),
  between2('hardly refused', cache, ['missing-cache', 'transient', null], [0.98, 1.04]),
  between2('a restart as regular as a poll', (d) => drawRestartLoop(d, { gapSeconds: between(d.random, 30, 120) }), [
    'restart-loop',
    'polling',
  ]),
  between2('a poll with a client for each round', (d) => drawPolling(d, { freshClient: true, isSteady: false }), [
    'polling',
    'restart-loop',
  ]),
];

/** One hundred kinds of cases: any hundred consecutive seeds play each of them once. */
export const SLOTS: readonly Slot[] = [...HEALTHY, ...SINGLE, ...MIXES, ...BETWEEN];

/** Consecutive seeds land far apart in the list, so that a short run is a fair sample. */
const STRIDE = 37;

export function slotOf(seed: number): Slot {
  const slot = SLOTS[((seed % SLOTS.length) * STRIDE) % SLOTS.length];
  if (slot === undefined) throw new RangeError(`seed must be a whole number from 0: ${seed}`);
  return slot;
}

/** How the first part's callers retry, where the case is about that. */
export function drawAmplifier(random: Random, amplifier: Amplifier, isBetween: boolean): NamedRetry {
  if (isBetween) {
    const pauseMs = between(random, 500, 1_500);
    return named(`pause ${Math.round(pauseMs)} ms, 5 retries`, fixedPause(pauseMs, 5));
  }
  if (amplifier === 'retry-storm') {
    const pauseMs = logarithmic(random, 60, 500);
    // Some loops never end; others end with the time that their caller allows.
    if (random() < 0.4) return named(`pause ${Math.round(pauseMs)} ms, no end`, unpaced(pauseMs));
    const retriesMax = whole(random, 8, 40);
    return named(`pause ${Math.round(pauseMs)} ms, ${retriesMax} retries`, fixedPause(pauseMs, retriesMax));
  }
  if (random() < 0.3) return named('gives up at once', givesUp);
  const pauseMs = logarithmic(random, 60, 1_000);
  const retriesMax = whole(random, 3, 6);
  return named(`pause ${Math.round(pauseMs)} ms, ${retriesMax} retries`, fixedPause(pauseMs, retriesMax));
}

function named(name: string, retry: NamedRetry['retry']): NamedRetry {
  return { name, retry };
}
