import type { Clock, Log, TokenVerifier } from '../../ports.ts';
import { createSigningKeys } from './signing-keys.ts';
import { createTokenVerifier } from './verify-token.ts';

type Deps = { clock: Clock; log: Log };

/** One Entra tenant, in the words of its cloud. */
export type EntraTenant = {
  /** Lower case. */
  tenantId: string;
  /** Where metadata are read: `https://login.microsoftonline.com`, or an emulator. */
  authority: string;
  /** What `iss` begins with, in tokens of version 1 and 2; they name the cloud, wherever the metadata are read. */
  issuers: { v1: string; v2: string };
};

/** Role that an action group's secured webhook is given. @see https://learn.microsoft.com/azure/azure-monitor/alerts/action-groups#configure-authentication-for-secure-webhook */
const ALERT_ROLE = 'ActionGroupsSecureWebhook';
/** Role of those who may read incidents over HTTP. Without one, any application of the tenant could ask for a token. */
export const READ_ROLE = 'Headroom.Read';

/** Lets in Azure Monitor's action groups, whose secured webhooks carry a token of the tenant. */
export function createActionGroupVerifier(
  tenant: EntraTenant,
  options: { audiences: readonly string[] /** The action group service, lower case. */; appId: string },
  deps: Deps,
): TokenVerifier {
  return entraVerifier(tenant, { audiences: options.audiences, appId: options.appId, role: ALERT_ROLE }, deps);
}

/** Lets in people and applications of the tenant that have the role `Headroom.Read`. */
export function createReaderVerifier(
  tenant: EntraTenant,
  options: { audiences: readonly string[] },
  deps: Deps,
): TokenVerifier {
  return entraVerifier(tenant, { audiences: options.audiences, role: READ_ROLE }, deps);
}

function entraVerifier(
  tenant: EntraTenant,
  rules: { audiences: readonly string[]; appId?: string; role: string },
  deps: Deps,
): TokenVerifier {
  const { tenantId, authority, issuers } = tenant;
  const metadataUrl = `${authority}/${tenantId}/v2.0/.well-known/openid-configuration`;
  return createTokenVerifier(
    {
      ...rules,
      audiences: rules.audiences.flatMap(namesOfAudience),
      keys: createSigningKeys({ metadataUrl }, deps),
      issuers: [`${issuers.v1}/${tenantId}/`, `${issuers.v2}/${tenantId}/v2.0`],
      tenantId,
    },
    deps.clock,
  );
}

/** Version 2 tokens name an application by its id alone, version 1 tokens by the URI that was asked for. */
function namesOfAudience(audience: string): string[] {
  const id = /^(?:api:\/\/)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.exec(audience)?.[1];
  return id === undefined ? [audience] : [audience, id, `api://${id}`];
}

/** Lets in the Bot Framework, which delivers what people say to the bot. The route has to look at what the activity itself says. */
export function createBotVerifier(
  options: { /** Of the bot, lower case. */ appId: string; issuer: string; keysUrl: string },
  deps: Deps,
): TokenVerifier {
  const { appId, issuer, keysUrl } = options;
  return createTokenVerifier(
    {
      keys: createSigningKeys({ keysUrl }, deps),
      issuers: [issuer],
      audiences: [appId, `api://${appId}`, `api://botid-${appId}`],
    },
    deps.clock,
  );
}
