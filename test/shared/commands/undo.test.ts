import { describe, expect, test } from 'vitest';
import type { IncidentRecord } from '../../../shared/incidents/record.ts';
import type { AuditEntry } from '../../../shared/pipeline/audit.ts';
import { incidentsOf, moveOn, workOff } from '../pipeline/kit.ts';
import { chatWorld, settingsOf } from './kit.ts';

const ALEX = { id: 'slack:T1/U1', name: 'alex' };

async function opened() {
  const chat = chatWorld();
  const id = await chat.alert();
  const record = async (): Promise<IncidentRecord | undefined> => (await incidentsOf(chat.world))[0];
  const audit = async () => {
    const keys = [...chat.world.keys.values()].filter((key) => key.id.startsWith('audit~'));
    const entries = await Promise.all(keys.map((key) => chat.world.records.get<AuditEntry>(key)));
    return entries.map((entry) => [entry?.value.action, entry?.value.outcome, entry?.value.detail]);
  };
  return { chat, id, record, audit };
}

describe('undo of what was said of an incident', () => {
  test('is seen in the message and audited with what has changed, and the button is there again', async () => {
    const { chat, id, record, audit } = await opened();
    await chat.ask(`ack ${id}`);
    await workOff(chat.world);
    expect(chat.posted.standing[0]?.body).toContain('acknowledged by dana');
    expect(await chat.answer(`undo ack ${id}`)).toEqual({
      title: `${id} (kv-contoso) is not acknowledged, as before`,
      lines: [],
      notes: [],
    });
    await workOff(chat.world);
    expect(chat.posted.standing[0]?.body).not.toContain('acknowledged by dana');
    expect((await record())?.acknowledged).toBeUndefined();
    expect(await audit()).toEqual([
      ['ack', 'done', 'not acknowledged -> acknowledged by dana'],
      ['undo', 'done', 'ack: acknowledged by dana -> not acknowledged'],
    ]);
  });

  test('takes the name of a resource, and brings back who had it', async () => {
    const { chat, id, record } = await opened();
    await chat.ask(`assign ${id} lee`);
    await chat.ask(`assign ${id} kim`);
    expect((await chat.answer('undo assign kv-con')).title).toBe(`${id} (kv-contoso) is assigned to lee, as before`);
    expect((await record())?.assigned?.to).toBe('lee');
  });

  test('of a silence tells what still fires', async () => {
    const { chat, id, record } = await opened();
    await chat.ask(`silence ${id} 2h`);
    expect((await chat.answer(`undo silence ${id}`)).title).toBe(`${id} (kv-contoso) is no longer silenced, as before`);
    expect((await record())?.silencedUntil).toBeUndefined();
  });

  test('a silence that has ended by itself is not there to be ended', async () => {
    const { chat, id, audit } = await opened();
    await chat.ask(`silence ${id} 1m`);
    await moveOn(chat.world.clock, 120_000);
    await chat.ask(`silence ${id} off`);
    await chat.ask(`undo silence ${id}`);
    expect((await chat.answer(`undo silence ${id}`)).title).toContain('so there is nothing to take back');
    expect((await audit()).at(-1)).toEqual(['undo', 'refused', 'silence']);
  });

  test.each([
    ['undo ack', 'undo ack takes one incident or resource'],
    ['undo ack a b', 'undo ack takes one incident or resource'],
    ['undo', "undo takes one plan, as 'actions' lists them"],
    ['undo everything', "'everything' is no plan: they are called as k3f7q2ab-1"],
    ['undo ack nothing-here', "No incident 'nothing-here'"],
  ])('%s is answered with what is wrong', async (typed, title) => {
    const { chat, audit } = await opened();
    expect((await chat.answer(typed)).title).toBe(title);
    expect(await audit()).toEqual([]);
  });

  test('that it is over is not taken back, and says what opens it again', async () => {
    const { chat, id } = await opened();
    await chat.ask(`resolve ${id}`);
    expect(await chat.answer(`undo resolve ${id}`)).toMatchObject({
      title: `That ${id} (kv-contoso) is resolved cannot be taken back`,
      lines: ['An alert that fires within 15 min opens it again'],
    });
  });

  test('is for those who may do it, and audited where they may not', async () => {
    const { chat, id, record, audit } = await opened();
    await chat.ask(`ack ${id}`);
    const settings = settingsOf({ approvers: [{ people: [ALEX.id], actions: ['silence'] }] });
    const { title } = await chat.answer(`undo ack ${id}`, { person: ALEX, settings });
    expect(title).toBe('Your entry in the list of approvers does not name ack');
    expect((await record())?.acknowledged?.by).toBe('dana');
    expect((await audit()).at(-1)).toEqual(['undo', 'refused', 'ack']);
  });
});
