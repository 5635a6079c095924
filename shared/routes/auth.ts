import { createHash, timingSafeEqual } from 'node:crypto';
import type { RouteRequest } from './http.ts';

/**
 * Whether the request carries the token, as `Authorization: Bearer …` or, where a plain webhook can send no header, as the
 * query parameter `token` (which is never logged). Compared in constant time.
 */
function carriesToken(request: RouteRequest, token: string, options: { query: boolean }): boolean {
  const header = request.header('authorization') ?? '';
  const bearer = /^bearer +(.+)$/i.exec(header)?.[1];
  const given = bearer ?? (options.query ? request.query.get('token') : null);
  if (given === null || given === undefined) return false;
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Who may call a group of routes: everyone (loopback without a token), holders of the token, or nobody yet. */
export type Access = { kind: 'open' } | { kind: 'token'; token: string } | { kind: 'closed'; nextStep: string };

export function isAllowed(request: RouteRequest, access: Access, options: { query: boolean }): boolean {
  switch (access.kind) {
    case 'open':
      return true;
    case 'token':
      return carriesToken(request, access.token, options);
    case 'closed':
      return false;
  }
}
