import { configuredTelemetry } from '../shared/adapters/telemetry/configured.ts';
import { observePorts } from '../shared/adapters/telemetry/observe.ts';
import type { Recorder } from '../shared/adapters/telemetry/recorder.ts';
import { tellWrite } from '../shared/pipeline/tell.ts';
import type { LocalDeps } from './deps.ts';

/** The telemetry that this process's environment asks for, and the ports measured for it; the same ports where it asks for none. */
export function observeLocal(deps: LocalDeps): { deps: LocalDeps; telemetry: Recorder } {
  const now = (): number => deps.clock.now();
  const telemetry = configuredTelemetry({
    environment: process.env,
    resource: { 'service.name': 'headroom', 'service.instance.id': deps.worker },
    now,
    log: deps.log,
  });
  if (!telemetry.on) return { telemetry, deps };
  const watching = { telemetry, now, tell: tellWrite };
  return { telemetry, deps: { ...observePorts(deps, watching), receiving: observePorts(deps.receiving, watching) } };
}
