import * as z from 'zod/mini';
import { HeadroomError } from '../../errors.ts';
import type { GuardedCredential, TokenCredential } from '../../secrets/token.ts';

export type BotSecretOptions = {
  /** Of Entra's cloud: `https://login.microsoftonline.com`. */
  authority: string;
  tenantId: string;
  appId: string;
  /** HEADROOM_TEAMS_APP_PASSWORD, a secret. */
  password: string;
};

/** `refusal`: what Entra said last, where it said no; whoever keeps tokens does not pass it on. */
export type BotSecretCredential = TokenCredential & { refusal(): HeadroomError | null };

const TIMEOUT_MS = 5_000;
const TOKEN = z.object({ access_token: z.string().check(z.minLength(1)), expires_in: z.number() });
const REFUSED = z.object({ error: z.string().check(z.regex(/^[a-z_]{1,60}$/)) });

/**
 * A single-tenant bot with a client secret: the client-credentials grant at its own tenant. Wrap it in `guardCredential`,
 * which keeps the token.
 *
 * @see https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 */
export function botSecretCredential(options: BotSecretOptions, now: () => number): BotSecretCredential {
  const { authority, tenantId, appId, password } = options;
  let refusal: HeadroomError | null = null;
  return {
    refusal: () => refusal,
    async getToken(scopes, { abortSignal } = {}) {
      const timeout = AbortSignal.timeout(TIMEOUT_MS);
      const response = await fetch(`${authority}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: appId,
          client_secret: password,
          scope: [scopes].flat().join(' '),
        }),
        redirect: 'error',
        signal: abortSignal ? AbortSignal.any([abortSignal, timeout]) : timeout,
      });
      const body: unknown = await response.json().catch(() => undefined);
      refusal = response.status === 400 || response.status === 401 ? refused(body) : null;
      if (refusal) throw refusal;
      const token = z.safeParse(TOKEN, body);
      if (!response.ok || !token.success)
        throw new HeadroomError('unavailable', `Entra answered ${response.status} to the bot's request for a token`);
      const { access_token, expires_in } = token.data;
      return { token: access_token, expiresOnTimestamp: now() + expires_in * 1_000 };
    },
  };
}

function refused(body: unknown): HeadroomError {
  const code = z.safeParse(REFUSED, body);
  return new HeadroomError('denied', `Entra refuses the bot a token${code.success ? `: ${code.data.error}` : ''}`, {
    nextStep:
      'Check HEADROOM_TEAMS_APP_ID and HEADROOM_TEAMS_TENANT_ID, and put a new client secret of that application into HEADROOM_TEAMS_APP_PASSWORD.',
  });
}

/**
 * The bot's token for each call; from memory while it is good.
 *
 * @param refusal what Entra said, which a person has to mend
 */
export function botTokens(
  credential: Pick<GuardedCredential, 'getToken'>,
  scope: string,
  refusal: BotSecretCredential['refusal'] = () => null,
): () => Promise<string> {
  return async () => {
    try {
      return (await credential.getToken(scope)).token;
    } catch (error) {
      throw refusal() ?? unavailable(error);
    }
  };
}

function unavailable(cause: unknown): HeadroomError {
  return new HeadroomError('unavailable', 'no token could be had for the Teams bot', {
    cause,
    nextStep: 'Check that this host reaches Entra, or that the managed identity of the bot is assigned to it.',
  });
}
