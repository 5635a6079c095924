import { type Alarm, createAlarm, type Timing } from './clock.ts';
import type { ConfigurationPace } from './configuration-pace.ts';
import type { ConfigurationSource, Setting } from './configuration-source.ts';
import { LEVER_NAMES, type Lever, type LeverName, type Levers, readLevers } from './levers.ts';
import type { Telemetry } from './telemetry.ts';

/**
 * Keeps the levers of one application applied: asks the lever store at its pace, ends each lever at its time, and holds on
 * to the last ones while the store is down.
 */
export function applyLevers(context: {
  source: ConfigurationSource;
  pace: ConfigurationPace;
  app: string;
  fleetSize: number | undefined;
  timing: Timing;
  telemetry: Telemetry;
  apply(levers: Levers): void;
}): { start(): Promise<void>; stop(): void } {
  const { source, pace, app, fleetSize, timing, telemetry, apply } = context;
  let settings: ReadonlyMap<string, Setting> = new Map();
  let told = new Map<LeverName, string>();
  let stopped = false;
  const asking: Alarm = createAlarm(timing.now, timing.idle, () => void ask());
  const ending: Alarm = createAlarm(timing.now, timing.idle, () => evaluate());

  const evaluate = (): void => {
    if (stopped) return;
    const now = timing.now();
    const { levers, ignored } = readLevers(settings, app, now, fleetSize);
    const present: Record<LeverName, Lever<number | boolean> | undefined> = {
      ttlSeconds: levers.ttlMs,
      maxRequestsPerSecond: levers.maxPerSecond,
      paused: levers.paused,
    };
    const next = new Map<LeverName, string>();
    for (const lever of LEVER_NAMES) {
      const held = present[lever];
      const reason = ignored.find((one) => one.lever === lever)?.reason;
      if (held !== undefined) {
        next.set(lever, `applied ${held.value} ${held.until}`);
        ending.setAtMost(held.until);
      } else if (reason !== undefined) next.set(lever, `ignored ${reason}`);
      if (told.get(lever) === next.get(lever)) continue;
      const incident = held?.incident === undefined ? {} : { incident: held.incident };
      if (held !== undefined) telemetry.emit({ type: 'lever', at: now, lever, state: 'applied', ...incident });
      else if (reason !== undefined && reason !== 'it has ended')
        telemetry.emit({ type: 'lever', at: now, lever, state: 'ignored', reason });
      else if (told.get(lever)?.startsWith('applied'))
        telemetry.emit({ type: 'lever', at: now, lever, state: 'ended' });
    }
    told = next;
    apply(levers);
  };

  const ask = async (): Promise<void> => {
    const result = await source.load();
    if (stopped) return;
    if (result.kind === 'loaded') {
      pace.succeeded(result.requests, timing.now());
      settings = result.settings;
      evaluate();
    } else if (result.kind === 'throttled') pace.throttled(result.retryAfterMs, timing.now());
    else pace.failed();
    asking.setAtMost(timing.now() + pace.nextMs());
  };

  return {
    start: ask,
    stop() {
      stopped = true;
      asking.cancel();
      ending.cancel();
    },
  };
}
