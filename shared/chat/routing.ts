import type { Incident, Privacy, Route } from '../model.ts';
import { DEFAULT_PRIVACY } from './privacy.ts';

/** Where an incident goes: destination keys, and what they may show. An empty `to` means that it is routed nowhere. */
export type Routing = { to: string[]; privacy: Privacy };

/**
 * The destinations of an incident among those configured, in configured order.
 *
 * The first route whose `match` holds decides. Without routes, and when none matches, all configured destinations get
 * it: only a route with an empty `to` keeps an incident from everyone. Keys that are not configured are skipped.
 */
export function routeIncident(incident: Incident, routes: readonly Route[], configured: readonly string[]): Routing {
  const route = routes.find((candidate) => matches(incident, candidate.match ?? {}));
  if (!route) return { to: [...configured], privacy: DEFAULT_PRIVACY };
  return {
    to: configured.filter((key) => route.to.some((name) => names(name, key))),
    privacy: route.privacy ?? DEFAULT_PRIVACY,
  };
}

const STRICTNESS: readonly Privacy[] = ['full', 'masked', 'minimal'];

/**
 * What may be shown at a destination to who asks there: what all incidents routed to it may show, the strictest of its
 * routes; the default where no route names it.
 */
export function privacyAt(routes: readonly Route[], key: string): Privacy {
  const levels = routes
    .filter(({ to }) => to.some((name) => names(name, key)))
    .map(({ privacy }) => STRICTNESS.indexOf(privacy ?? DEFAULT_PRIVACY));
  return levels.length === 0 ? DEFAULT_PRIVACY : (STRICTNESS[Math.max(...levels)] ?? DEFAULT_PRIVACY);
}

/** Names in routes that stand for no configured destination, each once: a misspelt key would silence its route. */
export function unknownDestinations(routes: readonly Route[], configured: readonly string[]): string[] {
  const unknown = routes.flatMap((route) => route.to).filter((name) => !configured.some((key) => names(name, key)));
  return [...new Set(unknown)];
}

function names(name: string, key: string): boolean {
  return name === '*' || name === key || key.startsWith(`${name}:`);
}

function matches(incident: Incident, match: NonNullable<Route['match']>): boolean {
  if (match.family !== undefined && match.family !== incident.family) return false;
  if (match.resource !== undefined && !matchesGlob(match.resource, incident.resource.id)) return false;
  if (match.scope !== undefined && match.scope.toLowerCase() !== incident.resource.scope.toLowerCase()) return false;
  if (match.severityAtMost !== undefined && incident.severity > match.severityAtMost) return false;
  return match.team === undefined || teamsOf(incident).includes(match.team.toLowerCase());
}

function teamsOf(incident: Incident): string[] {
  return incident.signals.flatMap((signal) =>
    Object.entries(signal.custom)
      .filter(([name]) => name.toLowerCase() === 'team')
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
