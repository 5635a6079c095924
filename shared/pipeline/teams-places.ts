import type { Time } from '../model.ts';
import type { Records, TeamsPlace } from '../ports.ts';
import { teamsPlaceKey } from './keys.ts';
import { readVersioned } from './versions.ts';

/** A channel or chat that the bot can post to, as Teams told of it. */
type PlaceRecord = TeamsPlace & {
  v: 1;
  /** The app was added there; otherwise it was only spoken to there. */
  added: boolean;
  at: Time;
};

/** Far more than one installation is added to; the newest may then be overlooked. */
const LISTED_MAX = 1_000;

/** Chats with one person are none of a team's: incidents are not posted to them unasked. */
const SHARED = /^19:/;

/** Remembers where the bot was added or spoken to, and by which service that place is reached; seldom a write. @returns whether that is news */
export async function notePlace(
  records: Records,
  { serviceUrl, conversationId }: TeamsPlace,
  { at, added }: { at: Time; added: boolean },
): Promise<boolean> {
  if (!SHARED.test(conversationId)) return false;
  const key = teamsPlaceKey(conversationId);
  const known = await records.get<PlaceRecord>(key);
  if (known?.value.serviceUrl === serviceUrl && (known.value.added || !added)) return false;
  const place: PlaceRecord = {
    v: 1,
    serviceUrl,
    conversationId,
    added: added || (known?.value.added ?? false),
    at: added ? at : (known?.value.at ?? at),
  };
  // Whoever wrote in between says much the same.
  await records.put<PlaceRecord>(key, place, known?.revision ?? 'absent');
  return true;
}

/** Forgets a place that the bot was taken away from. */
export async function forgetPlace(records: Records, conversationId: string): Promise<void> {
  const key = teamsPlaceKey(conversationId);
  const known = await records.get<PlaceRecord>(key);
  if (known) await records.delete(key, known.revision);
}

/** All places that are known, by their ids. */
export async function listPlaces(records: Records): Promise<PlaceRecord[]> {
  const { partition } = teamsPlaceKey('');
  const listed = await records.list<PlaceRecord>(partition, { limit: LISTED_MAX });
  return listed.map(({ id, value }) => readVersioned(`the Teams place ${id}`, value));
}

/**
 * How a channel or chat is reached; with null, the one that the app was added to last. A channel that was never heard of is
 * reached as the team is that the app was added to: the service is the tenant's.
 *
 * @returns null as long as the app was added nowhere
 */
export async function findPlace(records: Records, conversationId: string | null): Promise<TeamsPlace | null> {
  if (conversationId !== null) {
    const known = await records.get<PlaceRecord>(teamsPlaceKey(conversationId));
    if (known) return placeOf(readVersioned(`the Teams place ${known.id}`, known.value));
  }
  const added = (await listPlaces(records)).filter((place) => place.added);
  const last = added.toSorted((a, b) => a.at.localeCompare(b.at)).at(-1);
  if (!last) return null;
  return { ...placeOf(last), ...(conversationId === null ? {} : { conversationId }) };
}

function placeOf({ serviceUrl, conversationId }: PlaceRecord): TeamsPlace {
  return { serviceUrl, conversationId };
}
