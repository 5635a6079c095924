import { createHash } from 'node:crypto';
import type { Time } from '../model.ts';
import type { Records } from '../ports.ts';
import { chatKey } from './keys.ts';

/** `again`: the platform sends anew what it had no answer to. `replayed`: the very same bytes and signature came before. */
export type Sighting = 'first' | 'again' | 'replayed';

type Seen = { v: 1; signature: string };

/** A retry so late after the hour's turn may have its first sighting filed under the hour before. */
const TURN_MINUTES = 10;
const HOUR_MS = 3_600_000;

/**
 * Remembers a signed request, so that each is taken once, whichever instance it comes to.
 *
 * @param once what the platform repeats when it sends the same thing again
 * @throws HeadroomError `unavailable` when the store is down; nothing was taken then
 */
export async function sightRequest(
  { records }: { records: Records },
  request: { signedAt: Time; signature: string; once: string },
): Promise<Sighting> {
  const { signedAt, once } = request;
  const signature = digest(request.signature);
  const key = chatKey(signedAt, `seen~${digest(once)}`);
  if (new Date(signedAt).getUTCMinutes() < TURN_MINUTES) {
    const before = chatKey(new Date(Date.parse(signedAt) - HOUR_MS).toISOString(), key.id);
    if (await records.get(before)) return 'again';
  }
  if ((await records.put<Seen>(key, { v: 1, signature }, 'absent')) !== 'conflict') return 'first';
  const seen = await records.get<Seen>(key);
  return seen?.value.signature === signature ? 'replayed' : 'again';
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 40);
}
