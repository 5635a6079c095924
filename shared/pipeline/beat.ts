import { isHeadroomError } from '../errors.ts';
import { readCanaryState } from './canary.ts';
import type { WatchDeps } from './watch.ts';

/**
 * One log event a minute by which an alert outside Headroom can tell that it lives (field-notes 20): `heartbeat` while all is
 * well. It stays away, and `heartbeat-withheld` says why, while a job fails or the canary is late; a dead process says nothing
 * either. So that alert has to watch for one thing only: no `heartbeat`.
 */
export async function beat(deps: WatchDeps, failed: readonly string[]): Promise<void> {
  const canary = await canaryNow(deps);
  const fields = { canary: canary.state, canaryAgeMs: canary.ageMs };
  if (failed.length === 0 && canary.state !== 'late' && canary.state !== 'unknown') deps.log.info('heartbeat', fields);
  else deps.log.warn('heartbeat-withheld', { ...fields, failed: failed.join(' ') });
}

async function canaryNow(deps: WatchDeps) {
  try {
    return await readCanaryState(deps, deps.canary);
  } catch (error) {
    const why = isHeadroomError(error) ? error.message : 'unknown';
    deps.log.error('canary-unreadable', { error: why });
    return { state: 'unknown' as const, ageMs: null };
  }
}
