import type { Config } from './assemble.ts';
import { routeProblems } from './destinations.ts';
import { NAMES } from './names.ts';
import { type ConfigProblem, type GivenValues, isGiven } from './reader.ts';
import { environmentName, type Setting } from './setting.ts';

/** One name that makes sense only beside others. */
type Rule = {
  setting: Setting<unknown>;
  broken(
    given: (setting: Setting<unknown>) => boolean,
    config: Config,
    environment: GivenValues['environment'],
  ): boolean;
  problem: string;
  nextStep: string;
};

function needs(setting: Setting<unknown>, other: Setting<unknown>, why: string): Rule {
  return {
    setting,
    broken: (given) => given(setting) && !given(other),
    problem: `is set, but ${environmentName(other.name)} is not`,
    nextStep: `${why} Set both or neither.`,
  };
}

function durable(setting: Setting<unknown>, choices: string): Rule {
  return {
    setting,
    broken: (given, config) => config.runtime !== 'local' && !given(setting),
    problem: 'is not set, and in a cloud the local disk does not outlive the process',
    nextStep: `Choose one: ${choices}.`,
  };
}

const RULES: readonly Rule[] = [
  durable(NAMES.records, 'table:<url>, dynamodb:<table>; sqlite or memory only for a trial'),
  durable(NAMES.queue, 'storage:<url>, sqs:<url>; sqlite or memory only for a trial'),
  durable(NAMES.payloads, 'blob:<url>, s3:<bucket>; file or memory only for a trial'),
  needs(NAMES.alertAudience, NAMES.tenantId, 'Tokens are believed of one tenant alone.'),
  needs(NAMES.readAudience, NAMES.tenantId, 'Tokens are believed of one tenant alone.'),
  needs(NAMES.slackBotToken, NAMES.slackChannel, 'A bot posts to a channel.'),
  needs(NAMES.slackChannel, NAMES.slackBotToken, 'An incoming webhook always posts to its own channel.'),
  needs(NAMES.teamsAppId, NAMES.teamsTenantId, 'A bot belongs to one tenant.'),
  needs(NAMES.teamsAppPassword, NAMES.teamsAppId, 'The password is that of an application.'),
  needs(NAMES.watchedAccounts, NAMES.watchedExternalId, 'Their roles let nobody in without it.'),
  needs(NAMES.watchedExternalId, NAMES.watchedAccounts, 'It is shown to the roles of those alone.'),
  needs(NAMES.gitlabToken, NAMES.gitlabUrl, 'A token goes only to the host it is meant for.'),
  {
    setting: NAMES.actions,
    broken: (given, config) => config.runtime === 'azure' && config.actions === 'on' && !given(NAMES.actorClientId),
    problem: 'is on, but HEADROOM_ACTOR_CLIENT_ID is not set',
    nextStep: 'Name the identity that performs actions; it is never the one that reads.',
  },
  {
    setting: NAMES.actions,
    broken: (given, { runtime, actions }) =>
      runtime === 'aws' && actions === 'on' && !given(NAMES.actorRole) && !given(NAMES.actorClientId),
    problem: 'is on, but neither HEADROOM_ACTOR_ROLE nor HEADROOM_ACTOR_CLIENT_ID is set',
    nextStep: 'Name who performs actions: a role for AWS, an identity for Azure, or both; never the one that reads.',
  },
  {
    // The name of the SDKs: the identity that the process reads with.
    setting: NAMES.actorClientId,
    broken: (_, { actions, actorClientId }, { AZURE_CLIENT_ID: reader }) =>
      actions === 'on' && actorClientId !== undefined && actorClientId.toLowerCase() === reader?.trim().toLowerCase(),
    problem: 'is AZURE_CLIENT_ID as well, the identity that reads',
    nextStep: 'Give actions an identity of their own, so that nothing that only reads can change anything.',
  },
  {
    setting: NAMES.leversEndpoint,
    broken: (_, { leversEndpoint, appConfigurationEndpoints }) =>
      leversEndpoint !== undefined && appConfigurationEndpoints.includes(leversEndpoint),
    problem: 'is one of HEADROOM_APP_CONFIGURATION_ENDPOINTS',
    nextStep: 'Give levers a store of their own: the right to write them covers a whole store.',
  },
  {
    setting: NAMES.settings,
    broken: (given, { settings }) =>
      settings.escalation !== undefined &&
      settings.escalation.webhook === undefined &&
      !given(NAMES.pagerdutyRoutingKey),
    problem: 'has escalation, but no one to call',
    nextStep: 'Set HEADROOM_PAGERDUTY_ROUTING_KEY, or escalation.webhook in the settings.',
  },
  {
    setting: NAMES.settings,
    broken: (_, { runtime, settings }) =>
      runtime !== 'aws' &&
      (settings.ours?.actionGroups.length ?? 0) > 0 &&
      !settings.scopes.some((scope) => scope.startsWith('/')),
    problem: 'has ours.actionGroups, but no scope in Azure to list alerts in',
    nextStep: 'Name the subscriptions in scopes.',
  },
];

/** What is wrong between names that are right one by one. */
export function combinationProblems(given: GivenValues, config: Config): ConfigProblem[] {
  const broken = RULES.filter((rule) =>
    rule.broken((setting) => isGiven(given, setting), config, given.environment),
  ).map(({ setting, problem, nextStep }) => ({ name: environmentName(setting.name), problem, nextStep }));
  return [...broken, ...routeProblems(config)];
}
