import type { Clock, Log, TokenVerifier } from '../../ports.ts';
import type { EntraTenant } from './verifiers.ts';

/** The part of the configuration that says which tokens of Entra are believed. */
export type EntraChoices = {
  tenantId: string | undefined;
  alertAudience: readonly string[] | undefined;
  alertCaller: string;
  readAudience: readonly string[] | undefined;
  /** Base URLs in place of the services' own. */
  endpoints: { ENTRA?: string | undefined };
};

type Hosts = { authority: string; issuers: { v1: string; v2: string } };
type Deps = { clock: Clock; log: Log };

/** Checks the tokens of action groups; undefined unless an audience is configured. */
export function alertVerifier(choices: EntraChoices, hosts: Hosts, deps: Deps): TokenVerifier | undefined {
  const { alertAudience: audiences, alertCaller: appId } = choices;
  const tenant = tenantOf(choices, hosts);
  if (audiences === undefined || tenant === undefined) return undefined;
  return atFirstToken(({ createActionGroupVerifier }) => createActionGroupVerifier(tenant, { audiences, appId }, deps));
}

/** Checks the tokens of who reads incidents; undefined unless an audience is configured. */
export function readVerifier(choices: EntraChoices, hosts: Hosts, deps: Deps): TokenVerifier | undefined {
  const { readAudience: audiences } = choices;
  const tenant = tenantOf(choices, hosts);
  if (audiences === undefined || tenant === undefined) return undefined;
  return atFirstToken(({ createReaderVerifier }) => createReaderVerifier(tenant, { audiences }, deps));
}

/** Checks the tokens of the Bot Framework; undefined without a bot. With an endpoint for Teams, by the keys that it lists. */
export function botVerifier(
  { teamsAppId: appId, endpoints }: { teamsAppId: string | undefined; endpoints: { TEAMS?: string | undefined } },
  { botFramework }: { botFramework: { issuer: string; keysUrl: string } },
  deps: Deps,
): TokenVerifier | undefined {
  if (appId === undefined) return undefined;
  const { issuer, keysUrl } = botFramework;
  const url = endpoints.TEAMS === undefined ? keysUrl : `${endpoints.TEAMS}${new URL(keysUrl).pathname}`;
  return atFirstToken(({ createBotVerifier }) => createBotVerifier({ appId, issuer, keysUrl: url }, deps));
}

/** What checks signatures is a bundle of its own: no start waits for it, and most installations never need it. */
function atFirstToken(make: (verifiers: typeof import('./verifiers.ts')) => TokenVerifier): TokenVerifier {
  let made: Promise<TokenVerifier> | undefined;
  return {
    async verify(token) {
      made ??= import('./verifiers.ts').then(make);
      return (await made).verify(token);
    },
  };
}

function tenantOf({ tenantId, endpoints }: EntraChoices, { authority, issuers }: Hosts): EntraTenant | undefined {
  return tenantId === undefined ? undefined : { tenantId, authority: endpoints.ENTRA ?? authority, issuers };
}
