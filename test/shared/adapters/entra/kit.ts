import { createActionGroupVerifier, type EntraTenant } from '../../../../shared/adapters/entra/verifiers.ts';
import type { TokenVerifier } from '../../../../shared/ports.ts';
import type { OpenIdServer } from '../../../../simulation/servers/openid.ts';
import { collectingLog, type FakeClock, fakeClock } from '../../../kit.ts';

export const TENANT = '72f988bf-86f1-41af-91ab-2d7cd011db47';
export const AUDIENCE = '0a1b2c3d-1111-4222-8333-444455556666';
export const ACTION_GROUPS = '461e8683-5575-4561-ac7f-899cc907d62a';
export const ISSUERS = { v1: 'https://sts.windows.net', v2: 'https://login.microsoftonline.com' };

export function tenantAt(server: OpenIdServer): EntraTenant {
  return { tenantId: TENANT, authority: server.origin, issuers: ISSUERS };
}

export type Checked = { verifier: TokenVerifier; clock: FakeClock; log: ReturnType<typeof collectingLog> };

/** What checks action groups, by the keys of the server. */
export function checkAlerts(server: OpenIdServer, audiences: readonly string[] = [`api://${AUDIENCE}`]): Checked {
  const clock = fakeClock();
  const log = collectingLog();
  const verifier = createActionGroupVerifier(tenantAt(server), { audiences, appId: ACTION_GROUPS }, { clock, log });
  return { verifier, clock, log };
}

/** What Entra says of the action group service in a token of version 2, an hour of which is left. */
export function alertClaims(
  clock: Pick<FakeClock, 'now'>,
  change: Record<string, unknown> = {},
): Record<string, unknown> {
  const now = Math.floor(clock.now() / 1_000);
  return {
    aud: AUDIENCE,
    iss: `${ISSUERS.v2}/${TENANT}/v2.0`,
    iat: now - 5,
    nbf: now - 5,
    exp: now + 3_600,
    azp: ACTION_GROUPS,
    azpacr: '2',
    oid: '99999999-aaaa-4bbb-8ccc-dddddddddddd',
    roles: ['ActionGroupsSecureWebhook'],
    sub: '99999999-aaaa-4bbb-8ccc-dddddddddddd',
    tid: TENANT,
    ver: '2.0',
    ...change,
  };
}

/** The same in a token of version 1. */
export function oldAlertClaims(
  clock: Pick<FakeClock, 'now'>,
  change: Record<string, unknown> = {},
): Record<string, unknown> {
  const { azp: _azp, azpacr: _azpacr, ...claims } = alertClaims(clock);
  return {
    ...claims,
    aud: `api://${AUDIENCE}`,
    iss: `${ISSUERS.v1}/${TENANT}/`,
    appid: ACTION_GROUPS,
    appidacr: '2',
    idp: `${ISSUERS.v1}/${TENANT}/`,
    ver: '1.0',
    ...change,
  };
}
