import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import * as z from 'zod/mini';
import type { Clock, TokenCaller, TokenVerdict, TokenVerifier } from '../../ports.ts';
import type { SigningKeys } from './signing-keys.ts';

/** What a token of one kind of caller must say. All names are compared whole; GUIDs are in lower case. */
export type TokenRules = {
  keys: SigningKeys;
  issuers: readonly string[];
  audiences: readonly string[];
  tenantId?: string;
  /** The only application that may call. */
  appId?: string;
  /** A role that the caller was given. */
  role?: string;
};

/** Entra's tokens are 2 to 4 kB, with many groups three times that; servers take 16 kB of headers. */
const TOKEN_CHARACTERS = 16_384;
/** The one algorithm: neither `none`, nor HS256 with the public key as its secret. */
const ALGORITHM = 'RS256';
/** How far the issuer's clock may be from this one. @see https://learn.microsoft.com/entra/identity-platform/access-tokens */
const CLOCK_SKEW_SECONDS = 300;

const short = z.string().check(z.maxLength(1_000));
const HEADER = z.object({ alg: z.string(), kid: z.string().check(z.minLength(1), z.maxLength(256)) });
const CLAIMS = z.object({
  iss: short,
  aud: short,
  tid: z.optional(short),
  ver: z.optional(short),
  azp: z.optional(short),
  appid: z.optional(short),
  oid: z.optional(short),
  roles: z.optional(z.array(short).check(z.maxLength(1_000))),
  serviceurl: z.optional(short),
});
type Claims = z.infer<typeof CLAIMS>;

/**
 * Checks tokens locally, by the keys of their issuer. What a token claims is looked at before its key, so that nothing but a
 * token for this very audience makes anyone ask the issuer.
 */
export function createTokenVerifier(rules: TokenRules, clock: Clock): TokenVerifier {
  return {
    async verify(token) {
      const claimed = readUnverified(token);
      if (!claimed.ok) return claimed;
      const wrong = refusal(rules, claimed.claims);
      if (wrong !== null) return { ok: false, why: wrong };
      const found = await rules.keys.find(claimed.kid);
      if (!found) return { ok: false, why: 'it is signed by no key of its issuer' };
      try {
        const { payload } = await jwtVerify(token, found.key, {
          algorithms: [ALGORITHM],
          issuer: [...rules.issuers],
          audience: [...rules.audiences],
          requiredClaims: ['exp'],
          clockTolerance: CLOCK_SKEW_SECONDS,
          currentDate: new Date(clock.now()),
        });
        return judge(rules, payload, found.endorsements);
      } catch (error) {
        return { ok: false, why: reasonOf(error) };
      }
    },
  };
}

function judge(rules: TokenRules, payload: unknown, endorsements: readonly string[]): TokenVerdict {
  const claims = z.safeParse(CLAIMS, payload);
  if (!claims.success) return { ok: false, why: MALFORMED };
  const wrong = refusal(rules, claims.data);
  return wrong === null ? { ok: true, caller: callerOf(claims.data, endorsements) } : { ok: false, why: wrong };
}

const MALFORMED = 'it is no token of the known form';

function readUnverified(token: string): { ok: true; kid: string; claims: Claims } | { ok: false; why: string } {
  if (token.length > TOKEN_CHARACTERS) return { ok: false, why: `it is longer than ${TOKEN_CHARACTERS} characters` };
  try {
    const header = z.safeParse(HEADER, decodeProtectedHeader(token));
    const claims = z.safeParse(CLAIMS, decodeJwt(token));
    if (!header.success || !claims.success) return { ok: false, why: MALFORMED };
    if (header.data.alg !== ALGORITHM) return { ok: false, why: `it is not signed with ${ALGORITHM}` };
    return { ok: true, kid: header.data.kid, claims: claims.data };
  } catch {
    return { ok: false, why: MALFORMED };
  }
}

function refusal(rules: TokenRules, claims: Claims): string | null {
  if (!rules.issuers.includes(claims.iss)) return 'it is of another issuer';
  if (!rules.audiences.includes(claims.aud)) return 'it is for another audience';
  if (rules.tenantId !== undefined && claims.tid?.toLowerCase() !== rules.tenantId) return 'it is of another tenant';
  if (rules.appId !== undefined && appOf(claims)?.toLowerCase() !== rules.appId) return 'it is of another application';
  if (rules.role !== undefined && !claims.roles?.includes(rules.role)) return `it lacks the role ${rules.role}`;
  return null;
}

/** Version 1 tokens say it as `appid`, version 2 tokens as `azp`; neither is believed in the other's place. */
function appOf({ ver, appid, azp }: Claims): string | undefined {
  return ver === '2.0' ? azp : appid;
}

function callerOf(claims: Claims, endorsements: readonly string[]): TokenCaller {
  const { tid, oid, roles = [], serviceurl } = claims;
  const appId = appOf(claims);
  return {
    ...(tid === undefined ? {} : { tenantId: tid.toLowerCase() }),
    ...(appId === undefined ? {} : { appId: appId.toLowerCase() }),
    ...(oid === undefined ? {} : { objectId: oid.toLowerCase() }),
    ...(serviceurl === undefined ? {} : { serviceUrl: serviceurl }),
    roles,
    endorsements,
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JWTClaimValidationFailed)
    return error.claim === 'nbf' ? 'it is not valid yet' : `its ${error.claim} is missing or wrong`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature is wrong';
  return MALFORMED;
}
