import type { Config } from '../config.ts';
import { type CanaryRules, DEFAULT_LATE_AFTER_MS } from './canary.ts';
import type { WatchDeps } from './watch.ts';

/** What the configuration says of the minute's watch. */
export function watchRulesOf(config: Config): Pick<WatchDeps, 'retention' | 'ours' | 'canary'> {
  const { ours } = config.settings;
  const canary = canaryRulesOf(config);
  return {
    retention: { evidenceDays: config.retentionDays },
    ...(ours === undefined ? {} : { ours }),
    ...(canary === undefined ? {} : { canary }),
  };
}

/** Undefined: no canary is expected. */
export function canaryRulesOf({ settings }: Config): CanaryRules | undefined {
  return settings.canary && { lateAfterMs: settings.canary.lateAfterMs ?? DEFAULT_LATE_AFTER_MS };
}

/** What may be listed in Azure Resource Manager: the scopes of the settings that lie there. */
export function armScopesOf({ settings }: Config): string[] {
  return settings.scopes.filter((scope) => scope.startsWith('/'));
}
