import { expect, test } from 'vitest';
import { createMemoryRecords } from '../../../shared/adapters/memory/records.ts';
import { findPlace, forgetPlace, listPlaces, notePlace } from '../../../shared/pipeline/teams-places.ts';

const EMEA = 'https://smba.trafficmanager.net/emea/';
const AMER = 'https://smba.trafficmanager.net/amer/';
const at = (minute: number) => `2026-11-20T14:0${minute}:00.000Z`;
const place = (name: string, serviceUrl = EMEA) => ({ serviceUrl, conversationId: `19:${name}@thread.tacv2` });

test('incidents go where the app was added last, however often it is spoken to elsewhere', async () => {
  const records = createMemoryRecords();
  expect(await findPlace(records, null)).toBeNull();
  await notePlace(records, place('spoken'), { at: at(0), added: false });
  expect(await findPlace(records, null)).toBeNull();
  await notePlace(records, place('old'), { at: at(1), added: true });
  await notePlace(records, place('new'), { at: at(2), added: true });
  await notePlace(records, place('old'), { at: at(3), added: false });
  await notePlace(records, place('spoken'), { at: at(4), added: false });
  expect(await findPlace(records, null)).toEqual(place('new'));
  await forgetPlace(records, place('new').conversationId);
  expect(await findPlace(records, null)).toEqual(place('old'));
});

test('a channel is reached as it last said, and one that was never heard of as the team that the app was added to', async () => {
  const records = createMemoryRecords();
  const unheard = '19:unheard@thread.tacv2';
  expect(await findPlace(records, unheard)).toBeNull();
  await notePlace(records, place('team'), { at: at(0), added: true });
  expect(await findPlace(records, unheard)).toEqual({ serviceUrl: EMEA, conversationId: unheard });
  await notePlace(records, { serviceUrl: AMER, conversationId: unheard }, { at: at(1), added: false });
  expect(await findPlace(records, unheard)).toEqual({ serviceUrl: AMER, conversationId: unheard });
  await notePlace(records, place('team', AMER), { at: at(2), added: false });
  expect(await listPlaces(records)).toMatchObject([
    { ...place('team', AMER), added: true, at: at(0) },
    { conversationId: unheard, added: false },
  ]);
});

test('a chat with one person is no place for incidents', async () => {
  const records = createMemoryRecords();
  await notePlace(records, { serviceUrl: EMEA, conversationId: 'a:1one' }, { at: at(0), added: true });
  expect(await listPlaces(records)).toEqual([]);
});

test('what a newer version wrote is left to it', async () => {
  const records = createMemoryRecords();
  const key = { partition: 'teams-places', id: place('x').conversationId };
  await records.put(key, { v: 2, ...place('x') }, 'absent');
  await expect(findPlace(records, null)).rejects.toMatchObject({ kind: 'newer-version' });
  await expect(findPlace(records, key.id)).rejects.toMatchObject({ kind: 'newer-version' });
});
