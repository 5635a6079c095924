import { createConfigurationPace } from '../../shared/secrets/configuration-pace.ts';
import { createGate } from '../../simulation/limit.ts';
import { seededRandom } from '../../simulation/random.ts';
import { createSchedule } from '../../simulation/schedule.ts';

const HOUR_MS = 3_600_000;

/** App Configuration requests of one hour (from 1), sent and refused, of a fleet that looks for changes. Standard quota. */
export function storeRequestsAnHour(
  instances: number,
  interval: 'ours' | 'ours with fleetSize' | 'provider',
  hour = 6,
): { sent: number; refused: number } {
  const schedule = createSchedule(0);
  const admits = createGate({ requests: 30_000, windowMs: HOUR_MS, shape: 'sliding', countsRefused: false });
  let sent = 0;
  let refused = 0;
  for (let i = 0; i < instances; i++) {
    const random = seededRandom(1, `store ${interval} ${i}`);
    const pace = createConfigurationPace({
      random,
      refreshIntervalMs: undefined,
      fleetSize: interval === 'ours with fleetSize' ? instances : undefined,
    });
    const ask = (): void => {
      const counted = schedule.now() >= (hour - 1) * HOUR_MS;
      const ok = admits(schedule.now());
      if (counted) sent++;
      if (counted && !ok) refused++;
      if (ok) pace.succeeded(1, schedule.now());
      else pace.throttled(null, schedule.now());
      // The provider asks every 30 s, and backs an endpoint off for 30 s to 10 min when it fails; without that this is its floor.
      schedule.at(schedule.now() + (interval === 'provider' ? 30_000 : pace.nextMs()), ask);
    };
    schedule.at(random() * 30_000, ask);
  }
  schedule.playUntil(hour * HOUR_MS);
  return { sent, refused };
}
