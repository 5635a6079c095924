import { type CryptoKey, importJWK } from 'jose';
import * as z from 'zod/mini';
import { HeadroomError, isHeadroomError } from '../../errors.ts';
import type { Clock, Log } from '../../ports.ts';
import { readDocument } from './read-document.ts';

type SigningKey = { key: CryptoKey; endorsements: readonly string[] };

export interface SigningKeys {
  /**
   * The key of this id; null when the issuer has none. From memory, except at the first call and for an unknown id.
   *
   * @throws HeadroomError `unavailable` when the issuer cannot be asked and the id is not known
   */
  find(kid: string): Promise<SigningKey | null>;
}

/** Where an issuer lists its keys: its OpenID metadata, which name the place, or the list itself. */
export type KeyPlace = { metadataUrl: string } | { keysUrl: string };

/** Keys are asked for anew after this time, beside the request at hand: a key that was withdrawn is soon forgotten. */
const FRESH_MS = 3_600_000;
/** Keys outlive their issuer's silence by this (field-notes 24: an identity outage lasts hours). */
const KEPT_MS = 24 * 3_600_000;
/** Anyone can send a token with an unknown key id; the issuer hears of it this often at most. */
const ASK_AGAIN_MS = 300_000;
/** Without any key, every caller is asked to try again; action groups do so after 5 s. */
const ASK_FIRST_MS = 5_000;
const MAX_KEYS = 100;
const LEAST_MODULUS_BITS = 2_048;

const METADATA = z.object({ jwks_uri: z.string().check(z.maxLength(500)) });
const KEYS = z.object({ keys: z.array(z.unknown()).check(z.maxLength(MAX_KEYS)) });
const KEY = z.object({
  kty: z.literal('RSA'),
  kid: z.string().check(z.minLength(1), z.maxLength(256)),
  use: z.optional(z.literal('sig')),
  alg: z.optional(z.literal('RS256')),
  n: z.string().check(z.maxLength(2_000)),
  e: z.string().check(z.maxLength(20)),
  endorsements: z.optional(z.array(z.string())),
});

/** The signing keys of one issuer, kept in memory; asked for once however many wait, and no more often than is polite. */
export function createSigningKeys(place: KeyPlace, deps: { clock: Clock; log: Log }): SigningKeys {
  const { clock, log } = deps;
  let known: { keys: ReadonlyMap<string, SigningKey>; readAtMs: number } | null = null;
  let asking: Promise<void> | null = null;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let failure: HeadroomError | null = null;

  const ask = (): Promise<void> => {
    if (asking) return asking;
    askedAtMs = clock.now();
    asking = readKeys(place)
      .then(
        (keys) => {
          known = { keys, readAtMs: clock.now() };
          failure = null;
        },
        (error: unknown) => {
          failure = asUnavailable(error);
          log.warn('signing-keys-unread', { error: failure.message, keys: known?.keys.size ?? 0 });
        },
      )
      .finally(() => {
        asking = null;
      });
    return asking;
  };
  const mayAsk = (): boolean => asking !== null || clock.now() - askedAtMs >= (known ? ASK_AGAIN_MS : ASK_FIRST_MS);

  return {
    async find(kid) {
      if (known && clock.now() - known.readAtMs > KEPT_MS) known = null;
      const present = known?.keys.get(kid);
      if (known && present) {
        if (clock.now() - known.readAtMs > FRESH_MS && mayAsk()) void ask();
        return present;
      }
      if (mayAsk()) await ask();
      const found = known?.keys.get(kid);
      if (found) return found;
      // After a failure nobody can tell a new key from a made-up one.
      if (failure) throw failure;
      return null;
    },
  };
}

function asUnavailable(error: unknown): HeadroomError {
  return isHeadroomError(error)
    ? error
    : new HeadroomError('unavailable', 'the signing keys of an issuer could not be read', { cause: error });
}

async function readKeys(place: KeyPlace): Promise<ReadonlyMap<string, SigningKey>> {
  const listed = z.safeParse(KEYS, await readDocument(await keysUrlOf(place)));
  if (!listed.success) throw new HeadroomError('unavailable', "an issuer's list of keys has an unknown shape");
  const keys = new Map<string, SigningKey>();
  for (const candidate of listed.data.keys) {
    // Keys of another kind stand beside those that sign tokens.
    const key = z.safeParse(KEY, candidate);
    if (!key.success || modulusBits(key.data.n) < LEAST_MODULUS_BITS || keys.has(key.data.kid)) continue;
    const { kty, n, e, kid, endorsements = [] } = key.data;
    const imported = await importJWK({ kty, n, e }, 'RS256').catch(() => null);
    if (imported && !(imported instanceof Uint8Array)) keys.set(kid, { key: imported, endorsements });
  }
  if (keys.size === 0) throw new HeadroomError('unavailable', 'an issuer lists no key that signs tokens');
  return keys;
}

function modulusBits(base64url: string): number {
  return Buffer.from(base64url, 'base64url').byteLength * 8;
}

async function keysUrlOf(place: KeyPlace): Promise<string> {
  if ('keysUrl' in place) return place.keysUrl;
  const metadata = z.safeParse(METADATA, await readDocument(place.metadataUrl));
  if (!metadata.success) throw new HeadroomError('unavailable', "an issuer's metadata name no list of keys");
  const url = URL.parse(metadata.data.jwks_uri);
  const issuer = new URL(place.metadataUrl);
  if (url === null || (url.protocol !== 'https:' && url.host !== issuer.host))
    throw new HeadroomError('unavailable', "an issuer's metadata name a list of keys without https");
  return url.href;
}
