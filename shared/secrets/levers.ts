import type { Setting } from './configuration-source.ts';

/** What one process makes of the fleet-wide levers; a missing one is absent. */
export type Levers = {
  ttlMs?: Lever<number>;
  /** Requests a second of this process on one vault. */
  maxPerSecond?: Lever<number>;
  paused?: Lever<boolean>;
};

export type Lever<T> = { value: T /** Epoch ms. */; until: number; incident: string | undefined };

export type LeverName = 'ttlSeconds' | 'maxRequestsPerSecond' | 'paused';

export type IgnoredLever = { lever: LeverName; reason: string };

export const LEVER_NAMES: readonly LeverName[] = ['ttlSeconds', 'maxRequestsPerSecond', 'paused'];

const MAX_LIFE_MS = 4 * 3_600_000;
const MIN_TTL_MS = 60_000;
const MAX_TTL_MS = 24 * 3_600_000;
const MIN_PER_SECOND = 0.01;

export function leverKey(app: string, name: LeverName): string {
  return `headroom:${app}:secrets:${name}`;
}

/**
 * Reads the levers of one application out of the lever store's settings. What is not understood is ignored and named;
 * what is out of bounds is brought within them. A lever ends at `until`, at most 4 h after it was written.
 */
export function readLevers(
  settings: ReadonlyMap<string, Setting>,
  app: string,
  now: number,
  fleetSize: number | undefined,
): { levers: Levers; ignored: IgnoredLever[] } {
  const levers: Levers = {};
  const ignored: IgnoredLever[] = [];
  for (const name of LEVER_NAMES) {
    const setting = settings.get(leverKey(app, name));
    if (setting === undefined) continue;
    const problem = readLever(levers, name, setting, now, fleetSize);
    if (problem !== null) ignored.push({ lever: name, reason: problem });
  }
  return { levers, ignored };
}

function readLever(
  levers: Levers,
  name: LeverName,
  setting: Setting,
  now: number,
  fleetSize: number | undefined,
): string | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(setting.value);
  } catch {
    return 'its value is not JSON';
  }
  if (typeof parsed !== 'object' || parsed === null) return 'its value is not an object';
  const lever: object = parsed;
  const read = (field: string): unknown => Reflect.get(lever, field);
  const untilText = read('until');
  const stated = typeof untilText === 'string' ? Date.parse(untilText) : Number.NaN;
  if (Number.isNaN(stated)) return 'until is missing or is no time';
  const until = Math.min(stated, (setting.lastModified ?? now) + MAX_LIFE_MS, now + MAX_LIFE_MS);
  if (until <= now) return 'it has ended';
  const incidentText = read('incident');
  const incident = typeof incidentText === 'string' ? incidentText.slice(0, 64) : undefined;
  const value = read('value');

  if (name === 'paused') {
    if (typeof value !== 'boolean') return 'value is not true or false';
    levers.paused = { value, until, incident };
    return null;
  }
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) return 'value is not a number above 0';
  if (name === 'ttlSeconds') {
    levers.ttlMs = { value: Math.min(MAX_TTL_MS, Math.max(MIN_TTL_MS, value * 1_000)), until, incident };
    return null;
  }
  const stateSize = read('fleetSize');
  const size = typeof stateSize === 'number' && Number.isFinite(stateSize) && stateSize >= 1 ? stateSize : fleetSize;
  // Without the size of the fleet each process would take the whole rate.
  if (size === undefined) return 'fleetSize is missing';
  levers.maxPerSecond = { value: Math.max(MIN_PER_SECOND, value / size), until, incident };
  return null;
}
