import type { Incident, Mention, Privacy, Route } from '../model.ts';
import { hoursEndAt } from './hours.ts';
import { DEFAULT_PRIVACY } from './privacy.ts';

/** Where an incident goes, and what each destination may show. An empty `to` means that it is routed nowhere. */
export type Routing = {
  /** Index of the route that decided; null where none matched, and it goes everywhere. */
  route: number | null;
  to: { key: string; privacy: Privacy; mention?: Mention }[];
  /** Whether the route holds back what would be told in quiet hours. */
  held: boolean;
};

/** What routes look at beside the incident itself. */
export type RoutingRules = {
  routes: readonly Route[];
  /** IANA name; for hours that name none. */
  timeZone: string;
  /** Who owns the resource by the settings. */
  ownerOf?(resourceId: string): string | undefined;
};

/**
 * The destinations of an incident among those configured, in configured order.
 *
 * The first route whose `match` holds decides. Without routes, and when none matches, all configured destinations get
 * it: only a route with an empty `to` keeps an incident from everyone. Keys that are not configured are skipped.
 */
export function routeIncident(incident: Incident, rules: RoutingRules, configured: readonly string[]): Routing {
  const { routes } = rules;
  const index = routes.findIndex((candidate) => mismatch(incident, candidate.match ?? {}, rules) === null);
  const route = routes[index];
  if (!route) return { route: null, to: configured.map((key) => ({ key, privacy: DEFAULT_PRIVACY })), held: false };
  const to = configured
    .filter((key) => reaches(route, key))
    .map((key) => {
      const mention = exactStop(route, key)?.mention;
      return { key, privacy: privacyIn(route, key), ...(mention === undefined ? {} : { mention }) };
    });
  return { route: index, to, held: route.quiet === 'held' };
}

/** For each route up to the one that decided: why it did not match; null for that one. */
export function judgeRoutes(incident: Incident, rules: RoutingRules): (string | null)[] {
  const judged: (string | null)[] = [];
  for (const { match } of rules.routes) {
    const why = mismatch(incident, match ?? {}, rules);
    judged.push(why);
    if (why === null) break;
  }
  return judged;
}

const STRICTNESS: readonly Privacy[] = ['full', 'masked', 'minimal'];

/** The most that any of these may show. */
export function loosest(levels: readonly Privacy[]): Privacy {
  return STRICTNESS.find((level) => levels.includes(level)) ?? DEFAULT_PRIVACY;
}

/**
 * What may be shown at a destination to who asks there: what all incidents routed to it may show, the strictest of its
 * routes; the default where no route names it.
 */
export function privacyAt(routes: readonly Route[], key: string): Privacy {
  const levels = routes.filter((route) => reaches(route, key)).map((route) => privacyIn(route, key));
  return STRICTNESS.findLast((level) => levels.includes(level)) ?? DEFAULT_PRIVACY;
}

/** What names of destinations in routes stand for no configured one, and where: a misspelt key would silence its route. */
export function unknownDestinations(
  routes: readonly Route[],
  configured: readonly string[],
): { path: string; name: string }[] {
  return routes.flatMap(({ to }, route) =>
    to.flatMap((stop, index) => {
      const name = nameOf(stop);
      if (configured.some((key) => names(name, key)) || name === '*') return [];
      const path = `routes[${route}].to[${index}]${typeof stop === 'string' ? '' : '.destination'}`;
      return [{ path, name }];
    }),
  );
}

type Stop = Route['to'][number];

function nameOf(stop: Stop): string {
  return typeof stop === 'string' ? stop : stop.destination;
}

function names(name: string, key: string): boolean {
  return name === '*' || name === key || key.startsWith(`${name}:`);
}

function reaches({ to }: Route, key: string): boolean {
  return to.some((stop) => names(nameOf(stop), key));
}

function privacyIn(route: Route, key: string): Privacy {
  return exactStop(route, key)?.privacy ?? route.privacy ?? DEFAULT_PRIVACY;
}

/** Of what the route says of the key, the most exact counts: its own name before its kind, its kind before `*`. */
function exactStop(route: Route, key: string): Exclude<Stop, string> | undefined {
  const stops = route.to.filter((stop) => names(nameOf(stop), key));
  const exact = stops.toSorted((a, b) => nameOf(b).length - nameOf(a).length)[0];
  return typeof exact === 'object' ? exact : undefined;
}

/** The first part of `match` that does not hold, in words; null where all do. */
function mismatch(incident: Incident, match: NonNullable<Route['match']>, rules: RoutingRules): string | null {
  const { resource, family, severity, openedAt } = incident;
  if (match.family !== undefined && match.family !== family) return `its family is ${family}`;
  if (match.resource !== undefined && !matchesGlob(match.resource, resource.id)) return 'its resource is another';
  if (match.scope !== undefined && match.scope.toLowerCase() !== resource.scope.toLowerCase())
    return 'it is of another subscription or account';
  if (match.severityAtMost !== undefined && severity > match.severityAtMost) return `its severity is ${severity}`;
  if (match.team !== undefined && !customOf(incident, 'team').includes(match.team.toLowerCase()))
    return `its team is not ${match.team}`;
  if (match.owner !== undefined && !ownersOf(incident, rules).includes(match.owner.toLowerCase()))
    return `its owner is not ${match.owner}`;
  for (const [name, glob] of Object.entries(match.custom ?? {}))
    if (!customOf(incident, name).some((value) => matchesGlob(glob, value)))
      return `${name} of its alerts is not ${glob}`;
  if (match.hours !== undefined && hoursEndAt(match.hours, openedAt, rules.timeZone) === null)
    return `it opened outside ${match.hours.from} to ${match.hours.to}`;
  return null;
}

function ownersOf(incident: Incident, { ownerOf }: RoutingRules): string[] {
  const known = ownerOf?.(incident.resource.id);
  return [...(known === undefined ? [] : [known.toLowerCase()]), ...customOf(incident, 'owner')];
}

/** Values of a custom property or label, lower-cased. */
function customOf(incident: Incident, wanted: string): string[] {
  return incident.signals.flatMap((signal) =>
    Object.entries(signal.custom)
      .filter(([name]) => name.toLowerCase() === wanted.toLowerCase())
      .map(([, value]) => value.trim().toLowerCase()),
  );
}

/** `*` any run of characters (also `/`), `?` any one; case is ignored. Linear in pattern × text at worst, so no pattern can stall it. */
export function matchesGlob(pattern: string, text: string): boolean {
  const glob = [...pattern.toLowerCase()];
  const subject = [...text.toLowerCase()];
  let g = 0;
  let s = 0;
  let star = -1;
  let resume = 0;
  while (s < subject.length) {
    if (glob[g] === '*') {
      star = g++;
      resume = s;
    } else if (g < glob.length && (glob[g] === '?' || glob[g] === subject[s])) {
      g++;
      s++;
    } else if (star >= 0) {
      g = star + 1;
      s = ++resume;
    } else return false;
  }
  while (glob[g] === '*') g++;
  return g === glob.length;
}
