import { describe, expect, test } from 'vitest';
import type { AlertReadBack } from '../../../shared/ports.ts';
import { fakeChat } from './chat.ts';
import { APP, FIRED, HISTORY, log, metrics, notesOf, store } from './glance-kit.ts';
import { createWorld, moveOn, POLICY, pass, receive, settle, theIncident, workOff } from './kit.ts';

describe('the first message', () => {
  test('has the metrics of the last minutes and who led the last complete hour, and is one', async () => {
    const chat = fakeChat();
    const world = createWorld([chat], { readers: [log(), metrics()] });
    await receive(world, FIRED);
    const sent: string[] = [];
    const post = chat.post.bind(chat);
    chat.post = (rendered, signal) => {
      sent.push(JSON.stringify(rendered.body));
      return post(rendered, signal);
    };
    await workOff(world);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toContain('counts 184 of 3,184 requests refused (429)');
    expect(sent[0]).toContain('61 %');
    expect((await theIncident(world)).ledger.map(({ step }) => step)).toEqual([
      'received',
      'claimed',
      'posted',
      'diagnosed',
      'edited',
    ]);
    expect((await theIncident(world)).severity).toBe(1);
  });

  test('names who led by the resource whose identity it is, where that is known in time', async () => {
    const owner = {
      ...{ asked: APP, how: 'system', resource: '/subscriptions/s/site', name: 'checkout-web', type: 'x' },
      ...{ location: 'x', resourceGroup: 'x', owner: '', team: '' },
    };
    const graph = (options = {}) =>
      store('graph', 'resource-graph', (kind) => (kind === 'owners' ? [owner] : []), options);
    const named = createWorld([fakeChat()], { readers: [log(), graph()] });
    await receive(named, FIRED);
    await workOff(named);
    expect((await notesOf(named))[0]).toContain('most was asked by checkout-web (61 %)');

    const chat = fakeChat();
    const late = createWorld([chat], { readers: [log(), graph({ patient: true })] });
    await receive(late, FIRED);
    void workOff(late);
    await settle();
    await moveOn(late.clock, 1_500);
    await settle();
    expect(chat.calls).toEqual(['post 2']);
    expect((await notesOf(late))[0]).toBe(HISTORY);
  });

  test('waits four seconds for them and no longer', async () => {
    const chat = fakeChat();
    const world = createWorld([chat], { readers: [metrics({ patient: true })] });
    await receive(world, FIRED);
    void workOff(world);
    await settle();
    expect(chat.calls).toEqual([]);
    await moveOn(world.clock, 3_999);
    await settle();
    expect(chat.calls).toEqual([]);
    await moveOn(world.clock, 1);
    await settle();
    expect(chat.calls).toEqual(['post 1']);
  });

  test('says nothing of a resource because of an alert that nobody knows', async () => {
    const stranger: AlertReadBack = { source: 'azure', read: async () => null };
    const [logs, counts] = [log(), metrics()];
    const world = createWorld([fakeChat()], { readers: [logs, counts], readBacks: [stranger] });
    await receive(world, FIRED);
    await workOff(world);
    expect([logs.asked, counts.asked]).toEqual([[], []]);
  });

  test('says nothing of a resource that may not be read', async () => {
    const counts = metrics();
    const world = createWorld([fakeChat()], { readers: [counts], policy: { ...POLICY, mayRead: () => false } });
    await receive(world, FIRED);
    await workOff(world);
    expect(counts.asked).toEqual([]);
  });

  test('goes out at once where so many open that reading has to wait', async () => {
    const chat = fakeChat();
    const counts = metrics();
    const levels = { ...createWorld([]).deps.levels, read: async () => ({ waitMs: 30_000 }) };
    const world = createWorld([chat], { readers: [counts], levels });
    await receive(world, FIRED);
    await workOff(world);
    expect(chat.calls).toEqual(['post 1']);
    expect(counts.asked).toEqual([]);
  });
});

describe('what was seen at a glance', () => {
  test('is not asked of the metrics again by the diagnosis that follows, and is from then on', async () => {
    const counts = metrics();
    const world = createWorld([fakeChat()], { readers: [counts] });
    await receive(world, FIRED);
    await workOff(world);
    expect(counts.asked).toHaveLength(1);
    await pass(world, 1);
    expect(counts.asked).toHaveLength(2);
    expect((await theIncident(world)).queries).toBe(2);
  });
});
