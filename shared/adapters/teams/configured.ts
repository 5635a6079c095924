import type { ChatSender, Clock, Random, TeamsDesk, TeamsPlace } from '../../ports.ts';
import { guardCredential, type TokenCredential } from '../../secrets/token.ts';
import { teamsBot, teamsBotKey } from './bot.ts';
import { teamsConnector } from './connector.ts';
import { teamsDesk } from './desk.ts';
import { botSecretCredential, botTokens } from './tokens.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The part of the configuration that makes a Teams bot. */
export type TeamsChoices = {
  teamsAppId: string | undefined;
  teamsAppPassword: { reveal(): string } | undefined;
  teamsTenantId: string | undefined;
  settings: { routes: readonly { to: readonly (string | { destination: string })[] }[] };
  /** Base URLs in place of the services' own. */
  endpoints: { ENTRA?: string | undefined };
};

export type TeamsReach = {
  /** Of the cloud's table. */
  hosts: { authority: string; botFramework: { scope: string } };
  clock: Clock;
  random: Random;
  /** Of the process, where its managed identity is looked for. */
  environment: Environment;
  /** How a channel or chat is reached; null: the one that the app was added to last. */
  place(conversationId: string | null): Promise<TeamsPlace | null>;
};

export type ConfiguredTeams = { teams: TeamsDesk; senders: readonly ChatSender[] };

const NAMED = /^teams-bot:(19:[^\s|]{1,300})$/;

/**
 * The Teams bot of an installation; undefined where none is configured. It posts to the channels and chats that routes name
 * (`teams-bot:19:…`), or, where they name none, where its app was added last (`teams-bot`).
 */
export function configuredTeams(choices: TeamsChoices, reach: TeamsReach): ConfiguredTeams | undefined {
  const { teamsAppId: appId, teamsTenantId: tenantId } = choices;
  if (appId === undefined || tenantId === undefined) return undefined;
  const connector = teamsConnector(tokensOf(choices, appId, tenantId, reach));
  return {
    teams: teamsDesk(connector),
    senders: conversationsOf(choices).map((conversationId) =>
      teamsBot({ conversationId, connector, place: () => reach.place(conversationId) }),
    ),
  };
}

/** Keys of the bot's destinations, for whoever only wants to know where messages would go; none where no bot is configured. */
export function teamsBotKeys(choices: Pick<TeamsChoices, 'teamsAppId' | 'teamsTenantId' | 'settings'>): string[] {
  if (choices.teamsAppId === undefined || choices.teamsTenantId === undefined) return [];
  return conversationsOf(choices).map(teamsBotKey);
}

/** Null: where its app was added last. */
function conversationsOf({ settings }: Pick<TeamsChoices, 'settings'>): readonly (string | null)[] {
  const destinations = settings.routes.flatMap(({ to }) =>
    to.map((stop) => (typeof stop === 'string' ? stop : stop.destination)),
  );
  const named = [...new Set(destinations.flatMap((name) => NAMED.exec(name)?.[1] ?? []))];
  return named.length === 0 ? [null] : named;
}

/** By a client secret where there is one, else as the user-assigned identity that the bot was made with. */
function tokensOf(
  { teamsAppPassword, endpoints }: TeamsChoices,
  appId: string,
  tenantId: string,
  { hosts, clock, random, environment }: TeamsReach,
): () => Promise<string> {
  const { scope } = hosts.botFramework;
  const now = () => clock.now();
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> => clock.sleep(ms, signal).catch(() => undefined);
  const timing = { now, sleep, idle: sleep };
  if (teamsAppPassword === undefined) {
    const identity = managedIdentity({ ...environment, AZURE_CLIENT_ID: appId }, { clock, random });
    return botTokens(guardCredential(identity, timing, random), scope);
  }
  const authority = endpoints.ENTRA ?? hosts.authority;
  const secret = botSecretCredential({ authority, tenantId, appId, password: teamsAppPassword.reveal() }, now);
  return botTokens(guardCredential(secret, timing, random), scope, secret.refusal);
}

/** Loaded at the first token: what finds identities is large, and a bot with a secret needs none of it. */
function managedIdentity(environment: Environment, timing: { clock: Clock; random: Random }): TokenCredential {
  let loading: Promise<TokenCredential> | undefined;
  return {
    async getToken(scopes, options) {
      loading ??= import('../azure/identity.ts').then(({ processIdentity }) => processIdentity(environment, timing));
      return (await loading).getToken(scopes, options);
    },
  };
}
