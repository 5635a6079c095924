import { describe, expect, test } from 'vitest';
import { MAX_EVENTS } from '../../../shared/incidents/episode.ts';
import { MAX_ACCEPTED } from '../../../shared/incidents/record.ts';
import type { RecordKey } from '../../../shared/model.ts';
import type { InboxRecord } from '../../../shared/pipeline/inbox.ts';
import { work } from '../../../shared/pipeline/work.ts';
import type { Records } from '../../../shared/ports.ts';
import { fakeChat } from './chat.ts';
import { azureAlert, createWorld, inboxOf, incidentsOf, pass, receive, theIncident, workOff } from './kit.ts';

const FIRED_AT = '2026-11-20T13:59:30Z';

describe('an alert that begins a new episode after all', () => {
  test('is taken in by its new incident, though that has had its part of the payload and the queue is lost', async () => {
    const world = createWorld([fakeChat()]);
    const first = await receive(world, azureAlert({ firedAt: FIRED_AT }));
    await workOff(world);
    await receive(world, azureAlert({ firedAt: FIRED_AT, resolvedAt: '2026-11-20T14:00:00Z', condition: 'Resolved' }));
    await workOff(world);
    const second = await receive(world, azureAlert({ firedAt: '2026-11-20T14:19:00Z' }));
    const line = (await inboxOf(world)).find(({ state }) => state === 'received');
    const [old, fresh] = [first, second].map((received) => (received.ok ? received.incidents[0] : undefined));
    const stored = line && (await world.records.get<InboxRecord>(line.key));
    if (stored?.value.state !== 'received' || !stored.value.alerts || !line || !old || !fresh)
      throw new Error('the second payload is not in the inbox');
    // As two processes leave it between them: `fresh` has taken in another alert of the payload, and `old` has yet to find
    // that this one is none of its own.
    const alerts = stored.value.alerts.map((alert) => ({ ...alert, incidentId: old }));
    await world.records.put(line.key, { ...stored.value, alerts, taken: [fresh] }, stored.revision);
    await work(world.deps, { v: 1, incidentId: old, inbox: line.key });
    world.loseQueue();
    await pass(world, 3);
    expect(await world.records.get(line.key)).toMatchObject({ value: { state: 'taken' } });
    const incidents = await incidentsOf(world);
    expect(incidents.map(({ id, accepted }) => [id, accepted.length])).toEqual([
      [old, 2],
      [fresh, 1],
    ]);
  });
});

describe('an alert that began a new episode until its incident was opened again', () => {
  test('is taken in by that incident', async () => {
    const world = createWorld([fakeChat()]);
    await receive(world, azureAlert({ firedAt: FIRED_AT }));
    await receive(world, azureAlert({ firedAt: FIRED_AT, resolvedAt: '2026-11-20T14:00:00Z', condition: 'Resolved' }));
    await workOff(world);
    const firedAt = '2026-11-20T14:14:50Z';
    const again = await receive(world, azureAlert({ firedAt }));
    const [incidentId] = again.ok ? again.incidents : [];
    const [fired] = (await inboxOf(world)).filter(({ state }) => state === 'received');
    await receive(world, azureAlert({ firedAt, resolvedAt: '2026-11-20T14:16:00Z', condition: 'Resolved' }));
    const ended = (await inboxOf(world)).find(({ state, key }) => state === 'received' && key.id !== fired?.key.id);
    if (!incidentId || !fired || !ended) throw new Error('the payloads are not in the inbox');
    // Another worker takes the Fired in after this one has found that the end of it is none of the incident's.
    let isFound = false;
    const records: Records = {
      ...world.records,
      async get<T>(key: RecordKey) {
        if (key.partition === 'open' && !isFound) {
          isFound = true;
          await work(world.deps, { v: 1, incidentId, inbox: fired.key });
        }
        return world.records.get<T>(key);
      },
    };
    await work({ ...world.deps, records }, { v: 1, incidentId, inbox: ended.key });
    expect(isFound).toBe(true);
    world.loseQueue();
    await pass(world, 3);
    const incident = await theIncident(world);
    expect(incident.accepted.map(({ outcome }) => outcome)).toEqual(['posted', 'joined', 'joined', 'joined']);
    expect(incident.lifecycle).toMatchObject({ state: 'resolved', at: '2026-11-20T14:16:00.000Z' });
    expect((await inboxOf(world)).map(({ state }) => state)).toEqual(['taken', 'taken', 'taken', 'taken']);
  });
});

describe('an incident of hundreds of alerts', () => {
  test('does not take one in again that it no longer knows by its id', async () => {
    const world = createWorld([fakeChat()]);
    const fire = (i: number): Promise<unknown> =>
      receive(world, azureAlert({ firedAt: new Date(Date.parse(FIRED_AT) + i).toISOString(), rule: `r${i % 3}` }));
    const count = Math.max(MAX_EVENTS, MAX_ACCEPTED) * 2 + 10;
    await fire(0);
    const [line] = await inboxOf(world);
    for (let i = 1; i < count; i += 1) await fire(i);
    await workOff(world);
    const before = await theIncident(world);
    const counted = before.accepted.length + Object.values(before.acceptedEarlier).reduce((sum, n) => sum + n, 0);
    expect(counted).toBe(count);
    const message = { v: 1, incidentId: before.id, ...(line ? { inbox: line.key } : {}) };
    expect(await work(world.deps, message)).toEqual({ done: true });
    expect(await theIncident(world)).toEqual(before);
  });
});
