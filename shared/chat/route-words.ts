import type { Incident, Mention, Note } from '../model.ts';
import { judgeRoutes, type RoutingRules, routeIncident } from './routing.ts';
import { timeWords } from './words.ts';

const ROUTES_MAX = 6;

/**
 * Why the incident goes where it goes, in words for a person who wrote the routes: which one decided, why those before it
 * did not, what each destination may show. Nothing where there are no routes.
 *
 * @param quiet.until end of the quiet hours that hold now; null where none do
 */
export function explainRouting(
  incident: Incident,
  rules: RoutingRules,
  destinations: readonly string[],
  quiet: { until: string | null; maintenance: boolean },
): Note[] {
  if (quiet.maintenance)
    return [{ text: 'It is kept and told to no one: a maintenance window of the settings covers its resource.' }];
  const notes: Note[] = [];
  if (rules.routes.length > 0)
    notes.push({ text: `${decisionOf(incident, rules, destinations)}${missedOf(incident, rules)}` });
  if (quiet.until !== null) {
    const { held } = routeIncident(incident, rules, destinations);
    const until = timeWords(quiet.until);
    notes.push({
      text: held
        ? `Quiet hours: it is held back until ${until}, as its route says.`
        : `Quiet hours until ${until}: no one is mentioned.`,
    });
  }
  return notes;
}

function decisionOf(incident: Incident, rules: RoutingRules, destinations: readonly string[]): string {
  const { route, to } = routeIncident(incident, rules, destinations);
  const where =
    to.length === 0
      ? 'nowhere'
      : `to ${to.map(({ key, privacy, mention }) => `${key} (${privacy}${mention === undefined ? '' : `, ${mentionWords(mention)}`})`).join(', ')}`;
  return route === null ? `It goes ${where}: no route matches.` : `It goes ${where} by routes[${route}].`;
}

/** Whom it calls where people are mentioned. */
function mentionWords(mention: Mention): string {
  if (mention === 'none') return 'mentions nobody';
  if (typeof mention === 'string') return `mentions @${mention}`;
  if ('user' in mention) return `mentions the person ${mention.user}`;
  return 'userGroup' in mention ? `mentions the group ${mention.userGroup}` : `mentions ${mention.name}`;
}

/** Why the routes before did not match. */
function missedOf(incident: Incident, rules: RoutingRules): string {
  const missed = judgeRoutes(incident, rules).flatMap((why, index) =>
    why === null ? [] : [`routes[${index}]: ${why}`],
  );
  if (missed.length === 0) return '';
  const more = missed.length > ROUTES_MAX ? `; and ${missed.length - ROUTES_MAX} more` : '';
  return ` Not by ${missed.slice(0, ROUTES_MAX).join('; ')}${more}.`;
}
