import { hoursEndAt } from '../chat/hours.ts';
import { loosest, privacyAt, type RoutingRules, routeIncident } from '../chat/routing.ts';
import { inMaintenance } from '../config/maintenance.ts';
import { inScope, scopeOf } from '../config/scope.ts';
import type { Config } from '../config.ts';
import { DEFAULT_SEVERE_SHARE } from '../incidents/severity.ts';
import type { LimitProfile } from '../limits.ts';
import type { Time } from '../model.ts';
import { nameCallerBy } from './aliases.ts';
import type { Policy } from './deps.ts';

/** What routes are judged by. */
export function routingRulesOf({ settings }: Pick<Config, 'settings'>): RoutingRules {
  const owners = new Map(Object.entries(settings.resources).map(([id, { owner }]) => [id.toLowerCase(), owner]));
  return { routes: settings.routes, timeZone: settings.timeZone, ownerOf: (id) => owners.get(id.toLowerCase()) };
}

/** The rules of an installation, from its configuration. */
export function policyOf(config: Config, limits: LimitProfile): Policy {
  const { settings, runtime } = config;
  const where = runtime === 'local' ? 'local' : 'cloud';
  const rules = routingRulesOf(config);
  const quietUntil = (at: Time) =>
    settings.quietHours ? hoursEndAt(settings.quietHours, at, settings.timeZone) : null;
  return {
    verifies: (resource) => scopeOf(settings, resource) === 'verified',
    mayRead: (resource) => inScope(settings, resource, where),
    inMaintenance: (resource, now) => inMaintenance(settings.maintenance, resource.id, now),
    route(incident, destinations) {
      const { to } = routeIncident(
        incident,
        rules,
        destinations.map(({ key }) => key),
      );
      return destinations.filter(({ key }) => to.some((stop) => stop.key === key));
    },
    privacyOf(incident, destinations) {
      const { to } = routeIncident(incident, rules, destinations);
      // Where it stands by a route that no longer holds, it shows what any route to there may show.
      return loosest(
        destinations.map((key) => to.find((stop) => stop.key === key)?.privacy ?? privacyAt(rules.routes, key)),
      );
    },
    mentionOf(incident, destination) {
      const { to } = routeIncident(incident, rules, [destination]);
      return to[0]?.mention;
    },
    quietUntil,
    timeZone: settings.timeZone,
    heldUntil: (incident, now) => (routeIncident(incident, rules, []).held ? quietUntil(now) : null),
    stormPerMinute: settings.storm.perMinute,
    queriesPerIncident: config.queriesPerIncident,
    severeShare: settings.severity.share ?? DEFAULT_SEVERE_SHARE,
    limits,
    objectiveOf: ({ id }) => settings.slos.find((slo) => slo.resource === id) ?? null,
    nameCaller: nameCallerBy(settings.aliases),
  };
}
