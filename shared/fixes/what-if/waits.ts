import type { Pacing } from '../../diagnoses/retrying.ts';
import { type ClientLanguage, RETRY_DEFAULTS } from '../../evidence/client-language.ts';
import type { LoadRow } from '../../evidence/load.ts';
import type { Random } from '../../ports.ts';
import { type Need, usualGapsMs } from './chains.ts';

/** How long a client waits before its n-th retry of one need, and how often it then gives up instead. */
export type Waits = {
  /** Mean milliseconds from the n-th refusal (1 is the first) to the next try. */
  meanMs(refusals: number): number;
  /** Waits lie between these multiples of the mean. */
  jitter: { low: number; high: number };
  /** Share of the needs refused n times that are given up then. */
  quitShare(refusals: number): number;
};

/** Milliseconds to the next try, or null when the need is given up. */
export function drawWait(waits: Waits, refusals: number, random: Random): number | null {
  if (random() < waits.quitShare(refusals)) return null;
  const { low, high } = waits.jitter;
  return waits.meanMs(refusals) * (low + (high - low) * random());
}

/** Key Vault's advice, 1, 2, 4, 8, 16 s, with full jitter; it goes on at the last step. @see overview-throttling */
export const advisedWaits: Waits = {
  meanMs: (refusals) => 500 * 2 ** Math.min(refusals - 1, 4),
  jitter: { low: 0, high: 2 },
  quitShare: () => 0,
};

/** Waits are drawn this far around what was seen: clients jitter, and a median hides it. */
const SEEN_JITTER = { low: 0.8, high: 1.2 };

/** Above this share of needs whose tries cannot be told apart, the few others do not speak for them. */
export const HOT_SHARE = 0.2;

/** The n-th wait as seen; none is shorter than the one before it: where it looks so, the tries of another need came between. */
function seenMeans(gaps: readonly number[]): (refusals: number) => number {
  const means: number[] = [];
  for (const gap of gaps) means.push(Math.max(gap, means.at(-1) ?? 0));
  return (refusals) => means[Math.min(refusals, means.length) - 1] ?? 0;
}

/** As the caller was seen to wait and to give up; where its tries cannot be told apart, as its library does by default. */
export function observedWaits(row: LoadRow, language: ClientLanguage | null): Waits {
  const gaps = [row.gap1Ms, row.gap2Ms, row.gap3Ms, row.gap4Ms, row.gap5Ms].filter((gap) => gap !== null);
  if (gaps.length === 0 || row.hotShare > HOT_SHARE) return unseenWaits(row, language ?? 'net');
  const quits = giveUpShares(row);
  return {
    meanMs: seenMeans(gaps),
    jitter: SEEN_JITTER,
    quitShare: (refusals) => quits[Math.min(refusals, quits.length) - 1] ?? 0,
  };
}

/** Fewer needs that were refused say nothing of how a caller waits. */
const REFUSED_MIN = 5;

/** As each need was seen to wait and to end; null where hardly any was refused. */
export function seenWaits(needs: readonly Need[]): Waits | null {
  const gaps = usualGapsMs(needs);
  const refused: number[] = [];
  const quit: number[] = [];
  for (const { gapsMs, status } of needs) {
    for (let count = 0; count < gapsMs.length; count++) refused[count] = (refused[count] ?? 0) + 1;
    if (status !== 429) continue;
    refused[gapsMs.length] = (refused[gapsMs.length] ?? 0) + 1;
    quit[gapsMs.length] = (quit[gapsMs.length] ?? 0) + 1;
  }
  if ((refused[0] ?? 0) < REFUSED_MIN) return null;
  const quitShares = refused.map((count, index) => (quit[index] ?? 0) / count);
  return {
    meanMs: seenMeans(gaps),
    jitter: SEEN_JITTER,
    quitShare: (refusals) => quitShares[Math.min(refusals, quitShares.length) - 1] ?? 0,
  };
}

/** Pauses of hand-written loops that a caller may wait between its tries, where they cannot be told apart. */
const LOOP_PAUSES_MS = [60, 125, 250, 500, 1000] as const;

/** Loops that are seen end after as many retries as one of these, or never: the longer, the fewer needs explain the same tries. */
const LOOP_RETRIES = [Number.POSITIVE_INFINITY, 40, 20, 10, 5, 3] as const;

/**
 * Ways in which a caller may wait whose tries cannot be told apart, likeliest first: as what comes back after refusals shows
 * it, where it does; else as libraries do, or as loops around them.
 */
export function possibleWaits(language: ClientLanguage | null, pacing: Pacing | null): Waits[] {
  if (pacing?.way === 'gives-up') return [libraryWaits([])];
  if (pacing?.way === 'loops' && pacing.waitMs !== null) {
    const { waitMs } = pacing;
    return LOOP_RETRIES.map((retries) => ({
      meanMs: () => waitMs,
      jitter: SEEN_JITTER,
      quitShare: (refusals) => (refusals > retries ? 1 : 0),
    }));
  }
  // One that never retries explains no retries.
  const libraries = (language === null ? (['net', 'python'] as const) : [language]).filter(
    (library) => RETRY_DEFAULTS[library].waitsMs.length > 0,
  );
  return [
    ...libraries.map((library) => libraryWaits(RETRY_DEFAULTS[library].waitsMs)),
    ...LOOP_PAUSES_MS.map((pauseMs): Waits => ({ meanMs: () => pauseMs, jitter: SEEN_JITTER, quitShare: () => 0 })),
  ];
}

/** A client that hands the first refusal back. */
export const givesUp: Waits = { meanMs: () => 0, jitter: SEEN_JITTER, quitShare: () => 1 };

function libraryWaits(waitsMs: readonly number[]): Waits {
  return {
    meanMs: (refusals) => waitsMs[refusals - 1] ?? 0,
    jitter: SEEN_JITTER,
    quitShare: (refusals) => (refusals > waitsMs.length ? 1 : 0),
  };
}

/** A library that never retries a 429 does not explain retries: then a loop stands around it. */
const RETRIED_SHARE = 0.2;
const LOOP_WAIT_MS = { low: 50, high: 5_000 };

function unseenWaits(row: LoadRow, language: ClientLanguage): Waits {
  const { waitsMs } = RETRY_DEFAULTS[language];
  const retries = total(row.retry);
  if (waitsMs.length === 0 && retries > RETRIED_SHARE * (retries + total(row.first))) return loopWaits(row, retries);
  return libraryWaits(waitsMs);
}

/** As if every instance had been in a loop for as long as refusals lasted: no loop that did more is as patient. */
function loopWaits(row: LoadRow, retries: number): Waits {
  const refusedSeconds = row.refused.filter((count) => count > 0).length;
  const waitMs = (1000 * refusedSeconds * Math.max(row.addresses, row.challenges)) / retries;
  const boundedMs = Math.min(LOOP_WAIT_MS.high, Math.max(LOOP_WAIT_MS.low, waitMs));
  return { meanMs: () => boundedMs, jitter: SEEN_JITTER, quitShare: () => 0 };
}

function total(perSecond: readonly number[]): number {
  return perSecond.reduce((sum, count) => sum + count, 0);
}

/** Of the needs refused n times, the share that was then given up. */
function giveUpShares({ chainLengths, gaveUpLengths }: LoadRow): number[] {
  let longer = chainLengths.reduce((sum, count) => sum + count, 0);
  return gaveUpLengths.map((gaveUp, index) => {
    longer -= chainLengths[index] ?? 0;
    const refusedThen = longer + gaveUp;
    return refusedThen === 0 ? 0 : gaveUp / refusedThen;
  });
}
