import { describe, expect, test } from 'vitest';
import { buildMessage } from '../../../shared/chat/message.ts';
import { HeadroomError } from '../../../shared/errors.ts';
import type { IncidentRecord } from '../../../shared/incidents/record.ts';
import type { EvidenceReader, RecordedAlert } from '../../../shared/ports.ts';
import { alertmanager } from '../../../shared/sources/alertmanager.ts';
import { fakeChat } from './chat.ts';
import {
  azureAlert,
  createWorld,
  moveOn,
  POLICY,
  pass,
  receive,
  theIncident,
  vaultId,
  type World,
  workOff,
} from './kit.ts';

const FIRED_AT = '2026-11-20T13:59:00.000Z';
const SUBSCRIPTION = '/subscriptions/00000000-0000-0000-0000-000000000000';
const MINUTE_MS = 60_000;

/** An alert with an id as Alerts Management gives it. */
function alertOf(
  change: { firedAt?: string; id?: string; custom?: Record<string, string> } = {},
): Record<string, unknown> {
  const { firedAt = FIRED_AT, id = '1', custom = {} } = change;
  const name = `0b9d3e5a-0000-4000-8000-00000000000${id}`;
  const text = JSON.stringify(azureAlert({ firedAt, custom }));
  return JSON.parse(text.replace(`kv-throttled-${firedAt}`, name));
}

type Known = RecordedAlert | null | HeadroomError;

/** A world whose cloud says this of any alert that it is asked about, and what it was asked. */
function worldWhere(known: () => Known): { world: World; asked: string[]; reads: () => number } {
  const asked: string[] = [];
  let reads = 0;
  const reader: EvidenceReader = {
    store: 'logs',
    language: 'sql',
    covers: () => true,
    async read() {
      reads += 1;
      return [];
    },
  };
  const chat = fakeChat();
  const world = createWorld([chat], {
    readers: [reader],
    policy: { ...POLICY, verifies: ({ id }) => id.startsWith(SUBSCRIPTION) },
    readBacks: [
      {
        source: 'azure',
        async read(reference) {
          asked.push(reference);
          const answer = known();
          if (answer instanceof HeadroomError) throw answer;
          return answer;
        },
      },
    ],
  });
  return { world, asked, reads: () => reads };
}

function notesOf(incident: IncidentRecord): string[] {
  return buildMessage(incident).notes.map(({ text }) => text);
}

const TRUE: RecordedAlert = { resources: [vaultId('kv-contoso')], changedAt: FIRED_AT };
const DOWN = new HeadroomError('denied', 'Azure refused: missing role', { nextStep: 'Give it Monitoring Reader.' });

describe('an alert that its cloud can be asked about', () => {
  test('is posted with a mark, then confirmed, then looked into, and the mark is gone', async () => {
    const seen: boolean[] = [];
    const { world, asked, reads } = worldWhere(() => TRUE);
    const posts = world.deps.senders[0];
    const known = world.deps.readBacks?.[0];
    if (!posts || !known) throw new Error('there is one of each');
    const before = known.read;
    known.read = async (reference) => {
      seen.push((await theIncident(world)).verified, (await theIncident(world)).effects[0]?.delivered !== undefined);
      expect(reads()).toBe(0);
      return before(reference);
    };
    await receive(world, alertOf());
    await workOff(world);
    expect(seen).toEqual([false, true]);
    expect(asked).toEqual([
      `${SUBSCRIPTION}/providers/microsoft.alertsmanagement/alerts/0b9d3e5a-0000-4000-8000-000000000001`,
    ]);
    const incident = await theIncident(world);
    expect(incident).toMatchObject({ verified: true, readBack: { state: 'confirmed', tries: 1 } });
    expect(notesOf(incident).join()).not.toMatch(/Unverified/);
    expect(incident.effects[0]).toMatchObject({ state: 'sent', revision: incident.revision });
    expect(reads()).toBeGreaterThan(0);
  });

  test.each<[string, Known]>([
    ['does not know it', null],
    ['says that it is about something out of scope', { resources: ['/subscriptions/other'], changedAt: FIRED_AT }],
    ['saw it change last long before', { resources: [vaultId('kv-contoso')], changedAt: '2026-11-20T13:53:59.999Z' }],
  ])('stays marked when the cloud %s, and nothing is asked about its resource', async (_what, known) => {
    const { world, asked, reads } = worldWhere(() => known);
    await receive(world, alertOf());
    await pass(world, 25);
    const incident = await theIncident(world);
    expect(incident).toMatchObject({ verified: false, readBack: { state: 'unknown' } });
    expect(notesOf(incident)[0]).toMatch(/^Unverified: Azure Monitor knows no such alert/);
    expect([asked.length, reads()]).toEqual([1, 0]);
    expect(incident.accepted.map(({ outcome }) => outcome)).toEqual(['posted']);
  });

  test.each<[string, RecordedAlert]>([
    [
      'about a workspace in scope',
      { resources: [`${SUBSCRIPTION}/resourcegroups/logs/providers/w/x/y`], changedAt: FIRED_AT },
    ],
    ['about nothing that it names', { resources: [], changedAt: FIRED_AT }],
    ['and changed later', { resources: [vaultId('kv-contoso')], changedAt: '2026-11-21T00:00:00.000Z' }],
    ['as late as clocks differ', { resources: [vaultId('kv-contoso')], changedAt: '2026-11-20T13:54:00.000Z' }],
  ])('is believed when the cloud knows it %s', async (_what, known) => {
    const { world } = worldWhere(() => known);
    await receive(world, alertOf());
    await workOff(world);
    expect((await theIncident(world)).verified).toBe(true);
  });

  test('that nobody knows is made good by a real one on the same resource', async () => {
    let known: Known = null;
    const { world, asked } = worldWhere(() => known);
    await receive(world, alertOf());
    await workOff(world);
    known = TRUE;
    await receive(world, alertOf({ id: '2', firedAt: '2026-11-20T13:59:30.000Z' }));
    await workOff(world);
    expect((await theIncident(world)).verified).toBe(true);
    expect(asked).toHaveLength(2);
  });

  test('while the cloud cannot be asked is posted, says so, and is asked for again at growing intervals', async () => {
    let known: Known = DOWN;
    const { world, asked, reads } = worldWhere(() => known);
    await receive(world, alertOf());
    await workOff(world);
    const incident = await theIncident(world);
    expect(notesOf(incident)[0]).toMatch(
      /could not be asked whether it knows this alert \(Azure refused: missing role\)/,
    );
    expect(buildMessage(incident).notes[0]?.nextStep).toBe('Give it Monitoring Reader.');
    await pass(world, 60);
    // At 0, then after 1, 3, 6, 10, 20 min and a fifth of each at most.
    expect(asked).toHaveLength(6);
    expect([reads(), (await theIncident(world)).verified]).toEqual([0, false]);
    known = TRUE;
    await pass(world, 40);
    expect((await theIncident(world)).verified).toBe(true);
    expect(reads()).toBeGreaterThan(0);
  });

  test('is not asked about more often for being told of often', async () => {
    const { world, asked } = worldWhere(() => DOWN);
    for (let sent = 0; sent < 20; sent += 1) {
      await receive(world, alertOf({ firedAt: `2026-11-20T13:59:${10 + sent}.000Z`, custom: { sent: `${sent}` } }));
      await workOff(world);
    }
    await moveOn(world.clock, 2 * MINUTE_MS);
    await workOff(world);
    expect(asked).toHaveLength(2);
    expect((await world.queue.depth()).waiting).toBe(1);
  });
});

describe('an alert that no cloud can be asked about', () => {
  test('is believed by its scope, as is one of Alertmanager', async () => {
    const { world, asked } = worldWhere(() => null);
    const labels = { alertname: 'KeyVaultThrottled', resource_id: vaultId('kv-contoso') };
    const alert = {
      status: 'firing',
      labels,
      annotations: {},
      startsAt: FIRED_AT,
      endsAt: '0001-01-01T00:00:00Z',
      fingerprint: 'a',
    };
    const body = {
      version: '4',
      groupKey: 'g',
      status: 'firing',
      receiver: 'r',
      groupLabels: {},
      commonLabels: labels,
      commonAnnotations: {},
      externalURL: 'http://am',
      truncatedAlerts: 0,
      alerts: [alert],
    };
    await receive(world, body, alertmanager);
    await workOff(world);
    expect(asked).toEqual([]);
    expect(await theIncident(world)).not.toHaveProperty('readBack');
  });

  test('and is a test is no claim at all', async () => {
    const { world, asked } = worldWhere(() => null);
    await receive(world, alertOf({ custom: { headroom_canary: 'true' } }));
    await workOff(world);
    expect(asked).toEqual([]);
  });

  test('and names no id stays marked', async () => {
    const { world, asked } = worldWhere(() => TRUE);
    await receive(world, azureAlert({ firedAt: FIRED_AT }));
    await workOff(world);
    expect(asked).toEqual([]);
    expect(await theIncident(world)).toMatchObject({ verified: false, readBack: { state: 'unknown' } });
  });
});
