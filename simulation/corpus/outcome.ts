import type { VaultRequest } from '../audit-record.ts';
import type { CorpusCase } from './case.ts';
import { type Day, LINES_MAX, playDay } from './days.ts';
import type { CorpusKind, CorpusRole } from './part.ts';

type TrueCause = { kind: CorpusKind; role: CorpusRole; appId: string | null; onsetMs: number };

/** What a case came out as: its true causes, the first one first; null when it is not what it was meant to be. */
export type Outcome = { causes: TrueCause[]; refusedShare: number } | null;

/** Fewer refusals than this are no incident to tell a cause of. */
const REFUSED_MIN = 25;
/** Seconds over which a share of the load is taken. */
const BIN_MS = 10_000;
/** Most of the load, and not, with room between them that only boundary cases may fall into. */
const STORM_SHARE = 0.55;
const NO_STORM_SHARE = 0.45;
/** Without a second trigger at least this share of the refusals must be gone, or it was none. */
const TRIGGER_SHARE = 0.2;
const TRANSIENT_MS = 10_000;

/** Judges what was played by the log itself, whatever was drawn. */
export function judge(drawn: CorpusCase, day: Day): Outcome {
  const refusals = day.log.filter(({ status, timeMs }) => status === 429 && timeMs >= drawn.windowFromMs);
  const refusedShare = shareRefused(day.log);
  if (day.log.length > LINES_MAX) return null;
  if (drawn.slot.isHealthy) return refusals.length === 0 ? { causes: [], refusedShare } : null;
  const isHardly = drawn.slot.accepts?.includes(null) === true;
  const isTransient = drawn.kinds[0] === 'transient';
  if (refusals.length < (isHardly ? 1 : isTransient ? 3 : REFUSED_MIN)) return null;
  if (day.log.some(({ status, timeMs }) => status === 429 && timeMs < drawn.windowFromMs)) return null;
  if (isTransient && !drawn.isBoundary && !wasTransient(day.log, refusals)) return null;
  const parts = day.parts.map(({ appId, onsetMs }, index): TrueCause => {
    const part = drawn.parts[index];
    return { kind: part?.kind ?? 'transient', role: part?.role ?? 'condition', appId, onsetMs };
  });
  if (parts.length > 1 && !parts.every((_, index) => matters(drawn, index, refusals.length))) return null;
  if (drawn.slot.amplifier === null) return { causes: parts, refusedShare };
  const amplifier = amplifierOf(drawn, parts[0], refusals, refusedShare);
  return amplifier === null ? null : { causes: [...parts, amplifier], refusedShare };
}

/** Of the load in the ten-second bins in which anything was refused; challenges are no load. */
export function shareRefused(log: readonly VaultRequest[]): number {
  const bins = new Map<number, { all: number; refused: number }>();
  for (const { timeMs, status } of log) {
    if (status === 401) continue;
    const key = Math.floor(timeMs / BIN_MS);
    const bin = bins.get(key) ?? { all: 0, refused: 0 };
    bins.set(key, bin);
    bin.all++;
    if (status === 429) bin.refused++;
  }
  const hit = [...bins.values()].filter(({ refused }) => refused > 0);
  const all = hit.reduce((sum, bin) => sum + bin.all, 0);
  return all === 0 ? 0 : hit.reduce((sum, bin) => sum + bin.refused, 0) / all;
}

function wasTransient(log: readonly VaultRequest[], refusals: readonly VaultRequest[]): boolean {
  const [first] = refusals;
  const last = refusals[refusals.length - 1];
  if (first === undefined || last === undefined || last.timeMs - first.timeMs > TRANSIENT_MS) return false;
  const needs = (request: VaultRequest): string => `${request.identity?.appId} ${request.address} ${request.path}`;
  const waiting = new Set(refusals.map(needs));
  for (const request of log)
    if (request.status === 200 && request.timeMs > first.timeMs) waiting.delete(needs(request));
  return waiting.size === 0;
}

/** Plays the day without one part: a cause is what the refusals go away with. */
function matters(drawn: CorpusCase, index: number, refused: number): boolean {
  const { log } = playDay(drawn, { without: index });
  const left = log.filter(({ status }) => status === 429).length;
  return left <= (1 - TRIGGER_SHARE) * refused;
}

function amplifierOf(
  drawn: CorpusCase,
  first: TrueCause | undefined,
  refusals: readonly VaultRequest[],
  refusedShare: number,
): TrueCause | null {
  const appId = first?.appId ?? null;
  const own = refusals.filter(({ identity }) => identity?.appId === appId);
  const isClear = refusedShare >= STORM_SHARE || refusedShare <= NO_STORM_SHARE;
  const kind = refusedShare > (STORM_SHARE + NO_STORM_SHARE) / 2 ? 'retry-storm' : 'unpaced-retries';
  const [earliest] = own;
  if (earliest === undefined || own.length < REFUSED_MIN) return null;
  if (!drawn.isBoundary && (!isClear || kind !== drawn.slot.amplifier)) return null;
  return { kind, role: 'amplifier', appId, onsetMs: earliest.timeMs };
}
