import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeadroomError, isHeadroomError } from '../../../shared/errors.ts';
import type { IncidentRecord } from '../../../shared/incidents/record.ts';
import { readCanaryState } from '../../../shared/pipeline/canary.ts';
import { deliveryOf, listIncidents } from '../../../shared/pipeline/read.ts';
import { readQueueMessage, readVersioned } from '../../../shared/pipeline/versions.ts';
import { watch } from '../../../shared/pipeline/watch.ts';
import { work } from '../../../shared/pipeline/work.ts';
import type { FiringAlerts } from '../../../shared/ports.ts';
import { type FakeChat, fakeChat } from './chat.ts';
import { azureAlert, createWorld, inboxOf, moveOn, receive, theIncident, type World, workOff } from './kit.ts';

const FIXTURES = resolve(import.meta.dirname, '../../fixtures/records');
const FINGERPRINT = 'a8f168c677aa508bdc00bb358a409111';

function recorded<T = Record<string, unknown>>(name: string): T {
  const value: T = JSON.parse(readFileSync(resolve(FIXTURES, `v1-${name}.json`), 'utf8'));
  return value;
}

const INCIDENT = recorded<IncidentRecord>('incident');
const INBOX = { partition: 'inbox/2026-11-20T14', id: recorded<{ inbox: { id: string } }>('queue-message').inbox.id };

function keyOf(name: string): { partition: string; id: string } {
  if (name.startsWith('inbox')) return INBOX;
  if (name.startsWith('pointer')) return { partition: 'open', id: FINGERPRINT };
  return { partition: `incident/${INCIDENT.id}`, id: 'state' };
}

/** A store that holds what an earlier process of version 1 left, under the keys that it gave. */
async function worldOf(names: string[], change: Record<string, unknown> = {}): Promise<World & { chat: FakeChat }> {
  const chat = fakeChat();
  for (const { delivered } of INCIDENT.effects.slice(0, 1))
    chat.standing.push({ ref: delivered?.ref ?? '', incidentId: INCIDENT.id, revisions: [5], body: 'as it was' });
  const world = createWorld([chat, fakeChat({ key: 'slack-webhook', canEdit: false })]);
  for (const name of names) await world.records.put(keyOf(name), { ...recorded(name), ...change }, 'absent');
  await moveOn(world.clock, 6 * 60_000);
  return { ...world, chat };
}

describe('what version 1 left behind', () => {
  test('an incident goes on: its message is edited in place', async () => {
    const world = await worldOf(['incident', 'pointer-resolved']);
    const received = await receive(world, azureAlert({ firedAt: '2026-11-20T14:05:00Z' }));
    expect(received).toMatchObject({ ok: true, incidents: [INCIDENT.id] });
    await workOff(world);
    const incident = await theIncident(world);
    expect(incident).toMatchObject({ lifecycle: { state: 'open' }, flaps: 1 });
    expect(incident.accepted).toHaveLength(INCIDENT.accepted.length + 1);
    expect(world.chat.standing).toHaveLength(1);
    expect(world.chat.standing[0]?.revisions.at(-1)).toBe(incident.revision);
  });

  test('an incident is shown with how far it has come', () => {
    expect(deliveryOf(INCIDENT)).toBe('diagnosed');
  });

  test.each([
    ['pointer-open', '2026-11-21T14:00:00Z', true],
    ['pointer-resolved', '2026-11-20T14:19:00Z', true],
    ['pointer-resolved', '2026-11-20T14:19:01Z', false],
  ])('%s points a Fired of %s at its incident: %s', async (name, firedAt, same) => {
    const world = await worldOf([name]);
    const received = await receive(world, azureAlert({ firedAt }));
    expect(received.ok && received.incidents[0] === INCIDENT.id).toBe(same);
  });

  test('a received payload is taken in by its queue message', async () => {
    const world = await worldOf(['inbox-received']);
    expect(await work(world.deps, recorded('queue-message'))).toEqual({ done: true });
    expect(await theIncident(world)).toMatchObject({ id: INCIDENT.id, accepted: [{ outcome: 'posted' }] });
    expect(await inboxOf(world)).toMatchObject([{ state: 'taken' }]);
  });

  test.each([
    ['inbox-taken', 'taken'],
    ['inbox-dead', 'dead'],
  ])('%s is listed and left alone', async (name, state) => {
    const world = await worldOf([name]);
    await watch(world.deps);
    expect(await inboxOf(world)).toMatchObject([{ state, source: 'azure' }]);
    expect(await world.queue.depth()).toEqual({ waiting: 0, dead: 0 });
  });

  test('the index and the alerts’ records lead to the incident', async () => {
    const world = await worldOf(['incident']);
    const [alert] = INCIDENT.accepted;
    await world.records.put(
      { partition: 'index/2026-11-20', id: `98204816799999~${INCIDENT.id}` },
      recorded('index'),
      'absent',
    );
    await world.records.put(
      { partition: `alert/${alert?.id.slice(0, 2)}`, id: alert?.id ?? '' },
      recorded('alert'),
      'absent',
    );
    const byDay = await listIncidents(world.deps, { limit: 10 });
    const byAlert = await listIncidents(world.deps, { limit: 10, alert: alert?.id ?? '' });
    expect([...byDay.incidents, ...byAlert.incidents].map(({ id }) => id)).toEqual([INCIDENT.id, INCIDENT.id]);
  });

  test('the watch goes on from its marks', async () => {
    const world = await worldOf([]);
    await world.records.put({ partition: 'watch', id: 'sweep' }, recorded('sweep-mark'), 'absent');
    await world.records.put({ partition: 'watch', id: 'expiry' }, recorded('expiry-mark'), 'absent');
    await moveOn(world.clock, 3 * 3_600_000);
    await watch(world.deps);
    const mark = await world.records.get<{ time: string }>({ partition: 'watch', id: 'sweep' });
    expect(mark?.value.time).toBe('2026-11-20T17:00:00.000Z');
  });

  test('the jobs of the watch go on from what they remember', async () => {
    const since: string[] = [];
    const list: FiringAlerts['list'] = async (request) => {
      since.push(request.since);
      return { alerts: [], complete: true };
    };
    const ours = { actionGroups: [], alarmActions: [] };
    const rules = { canary: { lateAfterMs: 90 * 60_000 }, firing: [{ name: 'aws', list }], ours };
    const world = createWorld([], rules);
    const ids = {
      job: 'job-reconcile',
      reconciler: 'reconciler',
      canary: 'canary',
      'incident-expiry-mark': 'incident-expiry',
    };
    for (const [name, id] of Object.entries(ids))
      await world.records.put({ partition: 'watch', id }, recorded(name), 'absent');
    await moveOn(world.clock, 14 * 60_000);
    await watch(world.deps);
    expect(since).toEqual([]);
    await moveOn(world.clock, 60_000);
    await watch(world.deps);
    expect(since).toEqual(['2026-11-20T14:00:00.000Z']);
    expect(await readCanaryState(world.deps, rules.canary)).toEqual({ state: 'seen', ageMs: 15 * 60_000 });
    const mark = await world.records.get<{ alerts: { nth: number } }>({ partition: 'watch', id: 'incident-expiry' });
    expect(mark?.value.alerts.nth).toBe(recorded<{ alerts: { nth: number } }>('incident-expiry-mark').alerts.nth + 1);
  });
});

describe('what a newer version left behind', () => {
  const fired = azureAlert({ firedAt: '2026-11-20T14:05:00Z' });

  test('a newer incident is left to a newer process: its alert waits in the queue', async () => {
    const world = await worldOf(['incident', 'pointer-open'], { v: 2, signals: 'another shape' });
    await world.records.put({ partition: 'open', id: 'x' }, { v: 2 }, 'absent');
    const worked = await work(world.deps, { v: 1, incidentId: INCIDENT.id });
    expect(worked).toMatchObject({
      done: false,
      retryAfterMs: 30_000,
      reason: expect.stringContaining('newer version'),
    });
    expect(await world.records.get(keyOf('incident'))).toMatchObject({ value: { v: 2, signals: 'another shape' } });
  });

  test('a newer pointer cannot be taken for one of this version: the sender is asked to come again', async () => {
    const world = await worldOf(['pointer-open'], { v: 2 });
    await expect(receive(world, fired)).rejects.toMatchObject({ kind: 'newer-version' });
  });

  test('a newer inbox record waits in the queue', async () => {
    const world = await worldOf(['inbox-received'], { v: 2 });
    expect(await work(world.deps, recorded('queue-message'))).toMatchObject({ done: false, retryAfterMs: 30_000 });
  });

  test('a newer queue message waits in the queue, whatever else it says', async () => {
    const world = await worldOf([]);
    expect(await work(world.deps, { v: 3, task: 'of tomorrow' })).toMatchObject({ done: false, retryAfterMs: 30_000 });
  });
});

describe('the version of a record', () => {
  test.each([
    [1, undefined],
    [2, 'newer-version'],
    [99, 'newer-version'],
    [0, 'invalid'],
    [Number.NaN, 'invalid'],
  ])('%s: %s', (v, kind) => {
    const read = (): unknown => readVersioned('a record', { v });
    if (kind === undefined) expect(read()).toEqual({ v });
    else expect(read).toThrow(expect.objectContaining({ kind }));
  });

  test('a newer one comes with the operator’s next step', () => {
    expect(() => readVersioned('incident x', { v: 2 })).toThrow(HeadroomError);
    expect(() => readVersioned('incident x', { v: 2 })).toThrow(/incident x was written by a newer version/);
  });

  test('any queue message is read, or refused as invalid or newer', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          fc.record(
            { v: fc.anything(), incidentId: fc.anything(), inbox: fc.anything(), runMinutes: fc.anything() },
            { requiredKeys: [] },
          ),
        ),
        (body) => {
          try {
            const message = readQueueMessage(body);
            expect(message.v).toBe(1);
            expect(message.incidentId).toMatch(/[\s\S]/);
          } catch (error) {
            expect(isHeadroomError(error) && ['invalid', 'newer-version'].includes(error.kind)).toBe(true);
          }
        },
      ),
    );
  });

  test('a queue message keeps what it says of the inbox and the run', () => {
    expect(readQueueMessage(recorded('queue-message'))).toEqual(recorded('queue-message'));
    expect(readQueueMessage({ v: 1, incidentId: 'a', runMinutes: 6 })).toEqual({
      v: 1,
      incidentId: 'a',
      runMinutes: 6,
    });
  });

  test('a question from chat is told by its record', () => {
    const chat = { partition: 'chat/2026-11-20T14', id: 'job~abc' };
    expect(readQueueMessage({ v: 1, chat })).toEqual({ v: 1, chat });
    expect(() => readQueueMessage({ v: 1, chat: 'job~abc' })).toThrow('names no incident');
  });
});
