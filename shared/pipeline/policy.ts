import { routeIncident } from '../chat/routing.ts';
import { inMaintenance } from '../config/maintenance.ts';
import { inScope, scopeOf } from '../config/scope.ts';
import type { Config } from '../config.ts';
import { DEFAULT_SEVERE_SHARE } from '../incidents/severity.ts';
import type { LimitProfile } from '../limits.ts';
import { nameCallerBy } from './aliases.ts';
import type { Policy } from './deps.ts';

/** The rules of an installation, from its configuration. */
export function policyOf(config: Config, limits: LimitProfile): Policy {
  const { settings, runtime } = config;
  const where = runtime === 'local' ? 'local' : 'cloud';
  return {
    verifies: (resource) => scopeOf(settings, resource) === 'verified',
    mayRead: (resource) => inScope(settings, resource, where),
    inMaintenance: (resource, now) => inMaintenance(settings.maintenance, resource.id, now),
    route(incident, destinations) {
      const { to } = routeIncident(
        incident,
        settings.routes,
        destinations.map(({ key }) => key),
      );
      return destinations.filter(({ key }) => to.includes(key));
    },
    privacyOf: (incident) => routeIncident(incident, settings.routes, []).privacy,
    stormPerMinute: settings.storm.perMinute,
    queriesPerIncident: config.queriesPerIncident,
    severeShare: settings.severity.share ?? DEFAULT_SEVERE_SHARE,
    limits,
    objectiveOf: ({ id }) => settings.slos.find((slo) => slo.resource === id) ?? null,
    nameCaller: nameCallerBy(settings.aliases),
  };
}
