import type { Mention } from '../model.ts';
import type { Config } from './assemble.ts';
import type { ConfigProblem } from './reader.ts';

type Choices = Pick<
  Config,
  'slackBotToken' | 'slackChannel' | 'slackWebhookUrl' | 'teamsWorkflowUrl' | 'teamsAppId' | 'settings'
>;

/** What destinations there are at all; a route may name one that is not configured only where no chat is. */
const KINDS = ['slack-bot', 'slack-webhook', 'teams-bot', 'teams-workflow', 'terminal'];

/**
 * Names in `routes` that lead to no configured destination, each with its path: a misspelt one would silence its route. And
 * mentions that their destination cannot make, which would call nobody.
 */
export function routeProblems(config: Choices): ConfigProblem[] {
  const configured = configuredKinds(config);
  return config.settings.routes.flatMap(({ to }, route) =>
    to.flatMap((stop, index) => {
      const path = `routes[${route}].to[${index}]`;
      if (typeof stop === 'string') return isKnown(stop, configured) ? [] : [problemOf(path, configured)];
      if (!isKnown(stop.destination, configured)) return [problemOf(`${path}.destination`, configured)];
      return stop.mention === undefined || canMention(stop.destination, stop.mention)
        ? []
        : [mentionProblem(`${path}.mention`, stop.destination)];
    }),
  );
}

/** Behind `*` each destination takes what it can. */
function canMention(destination: string, mention: Mention): boolean {
  if (mention === 'none' || destination === '*') return true;
  const platform = typeof mention === 'object' && 'id' in mention ? 'teams' : 'slack';
  return destination.startsWith(`${platform}-`);
}

function mentionProblem(path: string, destination: string): ConfigProblem {
  const isTeams = destination.startsWith('teams-');
  return {
    name: 'HEADROOM_SETTINGS',
    problem: `${path} calls somebody whom its destination cannot mention`,
    nextStep: isTeams
      ? 'On Teams name a person: { "id": "<Entra object id or address>", "name": "<as it is shown>" }, or none.'
      : destination.startsWith('slack-')
        ? 'On Slack name here, channel, { "user": "U…" }, { "userGroup": "S…" } or none.'
        : 'Leave it out: nobody is mentioned there.',
  };
}

function configuredKinds({ slackBotToken, slackChannel, slackWebhookUrl, teamsWorkflowUrl, teamsAppId }: Choices) {
  return [
    ...(slackBotToken !== undefined && slackChannel !== undefined ? [`slack-bot:${slackChannel}`] : []),
    ...(slackWebhookUrl === undefined ? [] : ['slack-webhook']),
    ...(teamsAppId === undefined ? [] : ['teams-bot']),
    ...(teamsWorkflowUrl === undefined ? [] : ['teams-workflow']),
  ];
}

/** A bot of Teams learns its channels when it is added to them: their names are not known here. */
function isKnown(name: string, configured: readonly string[]): boolean {
  if (name === '*') return true;
  const kind = name.split(':', 1)[0] ?? '';
  if (configured.length === 0) return KINDS.includes(kind);
  return configured.some((key) => key === name || key.startsWith(`${name}:`) || (kind === 'teams-bot' && key === kind));
}

function problemOf(path: string, configured: readonly string[]): ConfigProblem {
  const known = configured.length === 0 ? KINDS : configured;
  return {
    name: 'HEADROOM_SETTINGS',
    problem: `${path} names no destination that is configured`,
    nextStep: `Name one of ${known.join(', ')}, or *.`,
  };
}
