import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock, Log, TokenVerifier } from '../ports.ts';
import { errorResponse, type RouteRequest, type RouteResponse } from './http.ts';

/** Who may call a group of routes: everyone (loopback without a credential), who shows a credential, or nobody yet. */
export type Access =
  | { kind: 'open' }
  | {
      kind: 'credential';
      /** Shared tokens, each as good as the other: two while one takes the other's place. */
      tokens: readonly string[];
      /** Checks tokens that Entra issued. */
      verifier?: TokenVerifier;
    }
  | { kind: 'closed'; nextStep: string };

/** `why` is for the log alone. */
export type Judged = { allowed: true } | { allowed: false; why: string };

/**
 * The access that the configured credentials make.
 *
 * @param credentials.token one shared token, or two with a comma between them
 * @param credentials.nextStep what the log advises where there is no credential at all
 */
export function accessBy(credentials: {
  token?: { reveal(): string } | undefined;
  verifier?: TokenVerifier | undefined;
  nextStep: string;
}): Access {
  const { token, verifier, nextStep } = credentials;
  const tokens = sharedSecrets(token);
  if (tokens.length === 0 && verifier === undefined) return { kind: 'closed', nextStep };
  return { kind: 'credential', tokens, ...(verifier === undefined ? {} : { verifier }) };
}

/** What was configured as one shared secret, or as two with a comma between them while one takes the other's place. */
export function sharedSecrets(configured: { reveal(): string } | undefined): string[] {
  return (configured?.reveal() ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/**
 * Whether the request carries a credential: a token as `Authorization: Bearer …` or, where a plain webhook can send no
 * header, as the query parameter `token` (which is never logged). Shared tokens are compared in constant time.
 *
 * @throws HeadroomError `unavailable` while nobody can be told apart: answer 503
 */
export async function judgeCaller(request: RouteRequest, access: Access, options: { query: boolean }): Promise<Judged> {
  if (access.kind === 'open') return { allowed: true };
  if (access.kind === 'closed') return { allowed: false, why: `no credential is configured: ${access.nextStep}` };
  const bearer = /^bearer +(.+)$/i.exec(request.header('authorization') ?? '')?.[1];
  const given = bearer ?? (options.query ? request.query.get('token') : null);
  if (given === null || given === undefined || given === '') return { allowed: false, why: 'it shows no token' };
  // Every one is compared, so that the time says nothing about which is near.
  if (access.tokens.map((token) => isSame(given, token)).includes(true)) return { allowed: true };
  if (bearer === undefined || access.verifier === undefined) return { allowed: false, why: 'it shows a wrong token' };
  const verdict = await access.verifier.verify(bearer);
  return verdict.ok ? { allowed: true } : { allowed: false, why: `its token is refused: ${verdict.why}` };
}

function isSame(given: string, token: string): boolean {
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Refusals of one route that are logged in a minute; the rest are counted. Anyone can call, and each line costs. */
const LOGGED_A_MINUTE = 10;

/** Answers callers who are not known: to all of them the same, byte for byte. Why stands in the log. */
export function createRefusal(deps: { log: Log; clock: Clock }, route: string): (why: string) => RouteResponse {
  let minute = Number.NaN;
  let refused = 0;
  return (why) => {
    const now = Math.floor(deps.clock.now() / 60_000);
    const unlogged = Math.max(0, refused - LOGGED_A_MINUTE);
    if (now !== minute) {
      if (unlogged > 0) deps.log.warn('callers-refused', { route, unlogged });
      [minute, refused] = [now, 0];
    }
    refused += 1;
    if (refused <= LOGGED_A_MINUTE) deps.log.warn('caller-refused', { route, why });
    return unknownCaller();
  };
}

/** 401. Says nothing about what was wrong, nor which credentials there are. */
export function unknownCaller(): RouteResponse {
  const refused = errorResponse(401, 'the caller is not known', '', 'the log of this installation says why');
  return { ...refused, headers: { ...refused.headers, 'www-authenticate': 'Bearer' } };
}
