import { describe, expect, test } from 'vitest';
import type { IncidentRecord } from '../../../shared/incidents/record.ts';
import { emptySummary, openStorm } from '../../../shared/incidents/storm.ts';
import type { AuditEntry } from '../../../shared/pipeline/audit.ts';
import { incidentKey } from '../../../shared/pipeline/keys.ts';
import { incidentsOf, moveOn, workOff } from '../pipeline/kit.ts';
import { chatWorld, settingsOf } from './kit.ts';

const ALEX = { id: 'slack:T1/U1', name: 'alex' };
const APPROVERS = settingsOf({ approvers: [{ people: [ALEX.id], actions: ['ack', 'silence'] }] });

type Chat = ReturnType<typeof chatWorld>;

async function auditOf({ world }: Chat): Promise<AuditEntry[]> {
  const keys = [...world.keys.values()].filter(({ id }) => id.startsWith('audit~'));
  const entries = await Promise.all(keys.map((key) => world.records.get<AuditEntry>(key)));
  return entries.flatMap((entry) => entry?.value ?? []);
}

async function recordOf({ world }: Chat, id: string): Promise<IncidentRecord> {
  const found = (await incidentsOf(world)).find((incident) => incident.id === id);
  if (!found) throw new Error(`no incident ${id}`);
  return found;
}

/** Text as it was before it was broken into lines. */
function unwrapped(text: string | undefined): string {
  return (text ?? '').replaceAll(/\s+/g, ' ');
}

describe('ack', () => {
  test('says who looks after it, in the answer, the incident, its message and the audit', async () => {
    const chat = chatWorld();
    const id = await chat.alert();
    expect(await chat.ask(`ack ${id}`)).toEqual({
      kind: 'answer',
      answer: {
        title: `${id} (kv-contoso) is acknowledged by dana`,
        lines: [`'undo ack ${id}' takes it back`],
        notes: [],
      },
      done: true,
    });
    expect((await recordOf(chat, id)).acknowledged).toEqual({ at: '2026-11-20T14:00:00.000Z', by: 'dana' });
    await workOff(chat.world);
    expect(unwrapped(chat.posted.standing[0]?.body)).toContain('acknowledged by dana');
    expect(await auditOf(chat)).toEqual([
      {
        v: 1,
        at: '2026-11-20T14:00:00.000Z',
        by: 'local',
        name: 'dana',
        action: 'ack',
        incidentId: id,
        detail: 'not acknowledged -> acknowledged by dana',
        outcome: 'done',
      },
    ]);
  });

  test('of what is acknowledged already changes nothing, and says so', async () => {
    const chat = chatWorld();
    const id = await chat.alert();
    await chat.ask(`ack ${id}`);
    const before = await recordOf(chat, id);
    const { title, lines } = await chat.answer(`ack ${id}`, { person: { id: 'local', name: 'alex' } });
    expect([title, lines]).toEqual([`${id} (kv-contoso) is acknowledged by dana`, ['It was so before']]);
    expect(await recordOf(chat, id)).toEqual(before);
    expect((await auditOf(chat)).map(({ outcome }) => outcome)).toEqual(['done', 'unchanged']);
  });

  test('takes the name of a resource, or the beginning of it, where only one incident is open there', async () => {
    const chat = chatWorld();
    const id = await chat.alert();
    expect((await chat.answer('ack kv-con')).title).toBe(`${id} (kv-contoso) is acknowledged by dana`);
  });

  test('asks which one where several are open', async () => {
    const chat = chatWorld();
    const ids = [
      await chat.alert(),
      await chat.alert({ rule: 'kv-down', custom: { headroom_family: 'availability' } }),
    ];
    const { title, lines } = await chat.answer('ack kv-contoso');
    expect(title).toBe("Which one? 'kv-contoso' has 2 open incidents");
    expect(lines.map((line) => line.slice(0, 8)).sort()).toEqual(ids.sort());
    expect(await auditOf(chat)).toEqual([]);
  });
});

describe('who is not entitled', () => {
  test.each([
    ['is on no list', {}, 'You are not on the list of those who may ack', `Have "${ALEX.id}" added`],
    [
      'has no such action',
      { approvers: [{ people: [ALEX.id], actions: ['silence'] }] },
      'Your entry in the list of approvers does not name ack',
      'Have "ack" added',
    ],
    [
      'has other scopes',
      { approvers: [{ people: [ALEX.id], actions: ['*'], scopes: ['123456789012'] }] },
      'Your entry in the list of approvers does not cover this resource',
      'Have its subscription',
    ],
  ])('because he %s is refused with the next step, and audited', async (_why, settings, reason, nextStep) => {
    const chat = chatWorld();
    const id = await chat.alert();
    const before = await recordOf(chat, id);
    const reply = await chat.ask(`ack ${id}`, { person: ALEX, settings: settingsOf(settings) });
    expect(reply).toEqual({
      kind: 'answer',
      answer: { title: reason, lines: [expect.stringContaining(nextStep)], notes: [] },
    });
    expect(await recordOf(chat, id)).toEqual(before);
    expect(await auditOf(chat)).toMatchObject([
      { by: ALEX.id, action: 'ack', incidentId: id, outcome: 'refused', reason },
    ]);
  });

  test('may still ask', async () => {
    const chat = chatWorld();
    await chat.alert();
    expect((await chat.answer('status', { person: ALEX })).title).toBe('1 open incident');
  });

  test('is entitled by an identity that is linked to one on the list', async () => {
    const chat = chatWorld();
    const id = await chat.alert();
    const entra = '6f1b3c6e-0d3c-4d0e-9a53-2f1f5f0e8a11';
    const settings = settingsOf({
      approvers: [{ people: [`entra:${entra}`], actions: ['ack'] }],
      identities: [{ slack: 'T1/U1', entra }],
    });
    expect((await chat.answer(`ack ${id}`, { person: ALEX, settings })).title).toContain('is acknowledged by alex');
  });
});

describe('assign', () => {
  test.each([
    ['@dana', 'dana'],
    ['Dana  Scully', 'Dana Scully'],
    ['me', 'alex'],
    ['', 'alex'],
    ['<!channel> *x*', '<!channel> *x*'],
  ])('to %j gives it to %s', async (typed, to) => {
    const chat = chatWorld();
    const id = await chat.alert();
    const { title } = await chat.answer(`assign ${id} ${typed}`, { person: { id: 'local', name: 'alex' } });
    expect(title).toBe(`${id} (kv-contoso) is assigned to ${to}`);
    expect(await recordOf(chat, id)).toMatchObject({ acknowledged: { by: 'alex' }, assigned: { by: 'alex', to } });
  });
});

describe('silence', () => {
  test('is seen in the message, keeps it from being edited, and ends by itself', async () => {
    const chat = chatWorld();
    const id = await chat.alert();
    expect((await chat.answer(`silence ${id} 2h`)).title).toBe(
      `${id} (kv-contoso) is silenced until 2026-11-20 16:00 UTC`,
    );
    await workOff(chat.world);
    const [standing] = chat.posted.standing;
    expect(unwrapped(standing?.body)).toContain('silenced until 2026-11-20 16:00 UTC');
    const revisions = standing?.revisions.length;
    await chat.alert({ rule: 'another rule', firedAt: '2026-11-20T14:00:10.000Z' });
    expect(standing?.revisions).toHaveLength(revisions ?? 0);
    await moveOn(chat.world.clock, 2 * 3_600_000 + 1);
    await chat.alert({ rule: 'a third rule', firedAt: '2026-11-20T16:00:00.000Z' });
    expect(standing?.revisions.length).toBeGreaterThan(revisions ?? 0);
  });

  test('off ends it', async () => {
    const chat = chatWorld();
    const id = await chat.alert();
    await chat.ask(`silence ${id}`);
    expect((await recordOf(chat, id)).silencedUntil).toBe('2026-11-20T15:00:00.000Z');
    expect((await chat.answer(`silence ${id} off`)).title).toBe(`${id} (kv-contoso) is no longer silenced`);
    expect((await recordOf(chat, id)).silencedUntil).toBeUndefined();
  });

  test.each(['0m', '30s', '8d', 'forever', '-1h', '1h30m'])(
    'for %s is refused before anybody is asked',
    async (typed) => {
      const { title, lines } = await chatWorld().answer(`silence k3f7q2ab ${typed}`);
      expect(title).toBe(`'${typed}' is no time to be silent: 1m to 7d, or off`);
      expect(lines[0]).toMatch(/^usage: silence /);
    },
  );

  test.each(['1m', '60s', '7d'])('for %s is taken', async (typed) => {
    const chat = chatWorld();
    const id = await chat.alert();
    expect(await chat.ask(`silence ${id} ${typed}`)).toMatchObject({ done: true });
  });

  test('is for those entitled to it alone', async () => {
    const chat = chatWorld();
    const id = await chat.alert();
    expect(await chat.ask(`silence ${id}`, { person: ALEX, settings: APPROVERS })).toMatchObject({ done: true });
    expect(await chat.ask(`resolve ${id}`, { person: ALEX, settings: APPROVERS })).not.toHaveProperty('done');
  });
});

describe('resolve', () => {
  test('ends the incident, by a person, and a new Fired after a quarter of an hour is a new one', async () => {
    const chat = chatWorld();
    const id = await chat.alert();
    expect((await chat.answer(`resolve ${id}`)).title).toBe(`${id} (kv-contoso) is resolved`);
    await workOff(chat.world);
    const record = await recordOf(chat, id);
    expect(record.lifecycle).toEqual({ state: 'resolved', at: '2026-11-20T14:00:00.000Z', by: 'person' });
    expect(record.ledger.map(({ step }) => step)).toContain('resolved');
    expect(unwrapped(chat.posted.standing[0]?.body)).toContain('resolved by a person');
    await moveOn(chat.world.clock, 17 * 60_000);
    expect(await chat.alert()).not.toBe(id);
  });

  test.each(['ack', 'assign', 'silence', 'resolve'])('what is over cannot be changed: %s', async (name) => {
    const chat = chatWorld();
    const id = await chat.alert();
    await chat.ask(`resolve ${id}`);
    const before = await recordOf(chat, id);
    const { title, lines } = await chat.answer(`${name} ${id}`);
    expect([title, lines]).toEqual([`${id} (kv-contoso) is over already`, [`'why ${id}' tells how it ended`]]);
    expect(await recordOf(chat, id)).toEqual(before);
  });
});

describe('a storm', () => {
  const ID = 'stormaaa';

  async function stormIn({ world, posted }: Chat): Promise<void> {
    const since = '2026-11-20T13:59:00.000Z';
    const summary = { ...emptySummary(posted.key, 20, since), incidents: 412, open: 400 };
    await world.records.put(incidentKey(ID), openStorm(ID, summary), 'absent');
  }

  test.each([
    ['ack', 'acknowledged'],
    ['assign', 'assigned'],
    ['silence', 'silenced'],
    ['resolve', 'resolved'],
  ])('takes no %s, which its next look would not keep, and says what does', async (name, done) => {
    const chat = chatWorld();
    await stormIn(chat);
    const before = await recordOf(chat, ID);
    const reply = await chat.ask(`${name} ${ID}`);
    expect(reply).toEqual({
      kind: 'answer',
      answer: {
        title: `${ID} (alert storm) tells of 412 incidents, and is not ${done} as one`,
        lines: [
          `'${name}' one of them: 'why ${ID}' names the worst, 'status' lists what is open`,
          'It is over by itself when they are',
        ],
        notes: [],
      },
    });
    expect(await recordOf(chat, ID)).toEqual(before);
    expect(await chat.world.queue.depth()).toEqual({ waiting: 0, dead: 0 });
  });

  test('is named to nobody who may not act', async () => {
    const chat = chatWorld();
    await stormIn(chat);
    const { title } = await chat.answer(`resolve ${ID}`, { person: ALEX, settings: APPROVERS });
    expect(title).toBe('Your entry in the list of approvers does not name resolve');
  });
});
