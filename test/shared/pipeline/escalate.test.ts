import { beforeEach, describe, expect, test } from 'vitest';
import { acknowledge } from '../../../shared/actions/acknowledge.ts';
import { HeadroomError } from '../../../shared/errors.ts';
import { acknowledge as acknowledgeBy, silence } from '../../../shared/incidents/marks.ts';
import type { IncidentRecord } from '../../../shared/incidents/record.ts';
import type { Policy } from '../../../shared/pipeline/deps.ts';
import { updateIncident } from '../../../shared/pipeline/incidents.ts';
import { markIncident } from '../../../shared/pipeline/mark.ts';
import type { Escalation, EscalationEvent } from '../../../shared/ports.ts';
import { type FakeChat, fakeChat } from './chat.ts';
import {
  azureAlert,
  createWorld,
  moveOn,
  POLICY,
  pass,
  receive,
  suspended,
  theIncident,
  type World,
  workOff,
  workUntilStuck,
} from './kit.ts';

const FIRED_AT = '2026-11-20T13:59:30Z';
const RESOLVED = azureAlert({ condition: 'Resolved', firedAt: FIRED_AT, resolvedAt: '2026-11-20T14:00:00Z' });
const PERSON = { id: 'slack:T1/U1', name: 'dana' };

type FakeService = Escalation & { told: EscalationEvent[]; fails: (HeadroomError | 'lost' | 'hangs')[] };

/** A service that calls people: takes what it is told, or fails as it is told to. */
function fakeService(key = 'pagerduty'): FakeService {
  const told: EscalationEvent[] = [];
  const fails: FakeService['fails'] = [];
  return {
    key,
    told,
    fails,
    probe: async () => 'reached',
    async send(event) {
      const failure = fails.shift();
      if (failure instanceof HeadroomError) throw failure;
      told.push(event);
      if (failure === 'lost') throw new HeadroomError('timed-out', 'no answer');
      if (failure === 'hangs') await new Promise<never>(() => undefined);
    },
  };
}

function stepsOf(service: FakeService): string[] {
  return service.told.map(({ step, id }) => `${step} ${id.slice(9)}`);
}

let service: FakeService;
let chat: FakeChat;
let world: World;

function begin(policy: Partial<Policy> = {}): void {
  service = fakeService();
  chat = fakeChat();
  const escalation = { afterMs: 5 * 60_000, targets: [service] };
  world = createWorld([chat], { escalation, policy: { ...POLICY, ...policy } });
}

/** Fired, and as severe as it is said to be. */
async function fire(severity: 1 | 3 = 1): Promise<void> {
  await receive(world, azureAlert({ firedAt: FIRED_AT }));
  await workOff(world);
  await change((record) => ({ ...record, severity }));
}

async function change(apply: (record: IncidentRecord) => IncidentRecord): Promise<void> {
  const { id } = await theIncident(world);
  await updateIncident(world.deps, id, (record) => record && apply(record));
}

async function ackInChat(): Promise<void> {
  const { id } = await theIncident(world);
  const deps = { ...world.deps, destinations: world.deps.senders };
  await markIncident(deps, PERSON, { rule: acknowledge, incidentId: id, params: {} });
}

beforeEach(() => begin());

describe('somebody is called', () => {
  test('when nobody acknowledges in time, once, and the message says so', async () => {
    await fire();
    await pass(world, 4);
    expect(service.told).toEqual([]);
    await pass(world, 8);
    expect(stepsOf(service)).toEqual(['trigger 1']);
    expect(service.told[0]).toMatchObject({ incidentId: (await theIncident(world)).id, possibleRepeat: false });
    expect(chat.standing[0]?.body).toContain('PagerDuty was called');
  });

  test('and told when somebody acknowledges in chat, and when it is over', async () => {
    await fire();
    await pass(world, 6);
    await ackInChat();
    await workOff(world);
    expect(stepsOf(service)).toEqual(['trigger 1', 'acknowledge 2']);
    await receive(world, RESOLVED);
    await pass(world, 2);
    expect(stepsOf(service)).toEqual(['trigger 1', 'acknowledge 2', 'resolve 3']);
  });

  test('again when it opens again and nobody has it', async () => {
    await fire();
    await pass(world, 6);
    await receive(world, azureAlert({ condition: 'Resolved', firedAt: FIRED_AT, resolvedAt: '2026-11-20T14:06:00Z' }));
    await workOff(world);
    await receive(world, azureAlert({ firedAt: '2026-11-20T14:07:00Z' }));
    await workOff(world);
    await change((record) => ({ ...record, severity: 1 }));
    await pass(world, 8);
    expect(stepsOf(service)).toEqual(['trigger 1', 'resolve 2', 'trigger 3']);
  });

  test('late, where the severity shows late', async () => {
    await fire(3);
    await pass(world, 9);
    expect(service.told).toEqual([]);
    await change((record) => ({ ...record, severity: 1 }));
    await pass(world, 1);
    expect(stepsOf(service)).toEqual(['trigger 1']);
  });
});

describe('nobody is called', () => {
  test.each<[string, Partial<Policy>, ((record: IncidentRecord) => IncidentRecord) | null]>([
    ['about what is not severe and hurts nobody', {}, (record) => ({ ...record, severity: 3 })],
    ['about what somebody has', {}, (record) => acknowledgeBy(record, 'dana', '2026-11-20T14:01:00.000Z')],
    ['about what is silenced', {}, (record) => silence(record, '2026-11-20T15:00:00.000Z')],
    ['about what nobody can verify', { verifies: () => false }, null],
    ['in a maintenance window', { inMaintenance: () => true }, null],
    ['about what goes nowhere', { route: () => [] }, null],
  ])('%s', async (_what, policy, marked) => {
    begin(policy);
    await fire();
    if (marked) await change(marked);
    await pass(world, 9);
    expect(service.told).toEqual([]);
  });

  test('about what is over in time', async () => {
    await fire();
    await receive(world, RESOLVED);
    await pass(world, 9);
    expect(service.told).toEqual([]);
  });
});

describe('a service that calls people', () => {
  test.each([
    ['asks for time', new HeadroomError('throttled', '429', { retryAfterMs: 60_000 })],
    ['is down', new HeadroomError('unavailable', '503')],
  ])('is told again when it %s, and it is no repeat', async (_how, failure) => {
    service.fails.push(failure);
    await fire();
    await pass(world, 8);
    expect([stepsOf(service), service.told[0]?.possibleRepeat]).toEqual([['trigger 1'], false]);
  });

  test('that may have heard is told again, the same call, marked', async () => {
    service.fails.push('lost');
    await fire();
    await pass(world, 8);
    expect([stepsOf(service), service.told.map(({ possibleRepeat }) => possibleRepeat)]).toEqual([
      ['trigger 1', 'trigger 1'],
      [false, true],
    ]);
  });

  test('that may have heard of what is acknowledged since is told that, and not called again', async () => {
    service.fails.push('lost');
    await fire();
    for (let tries = 0; service.told.length === 0 && tries < 40; tries += 1) {
      await pass(world, 0);
      if (service.told.length === 0) await moveOn(world.clock, 10_000);
    }
    await ackInChat();
    await pass(world, 3);
    expect(stepsOf(service)).toEqual(['trigger 1', 'acknowledge 2']);
  });

  test('that refuses is not asked again, and the ledger says why', async () => {
    service.fails.push(new HeadroomError('denied', 'PagerDuty answered 403'));
    await fire();
    await pass(world, 12);
    expect(service.told).toEqual([]);
    const { escalated, ledger } = await theIncident(world);
    expect(escalated).toMatchObject([{ state: 'failed', kind: 'denied' }]);
    expect(ledger.some(({ step, note }) => step === 'failed' && note?.startsWith('pagerduty:'))).toBe(true);
    expect(world.log.events.map(({ event }) => event)).toContain('escalation-failed');
  });

  test('that never answers holds up no message, and another one is called meanwhile', async () => {
    const slow = fakeService('webhook');
    slow.fails.push('hangs');
    world = createWorld([chat], { escalation: { afterMs: 5 * 60_000, targets: [slow, service] } });
    await fire();
    await moveOn(world.clock, 6 * 60_000);
    const { id } = await theIncident(world);
    await world.queue.send({ v: 1, incidentId: id });
    await workUntilStuck(world);
    expect([stepsOf(service), chat.standing.length]).toEqual([['trigger 1'], 1]);
  });

  test('whose teller dies on the way is told again by another, the same call, marked', async () => {
    service.fails.push('hangs');
    await fire();
    await moveOn(world.clock, 6 * 60_000);
    const { id } = await theIncident(world);
    await world.queue.send({ v: 1, incidentId: id });
    await workUntilStuck(suspended(world, { worker: 'worker-dead' }));
    expect(stepsOf(service)).toEqual(['trigger 1']);
    await pass(world, 4);
    expect([stepsOf(service), service.told.map(({ possibleRepeat }) => possibleRepeat)]).toEqual([
      ['trigger 1', 'trigger 1'],
      [false, true],
    ]);
  });

  test('is told once however many workers come by', async () => {
    await fire();
    await moveOn(world.clock, 6 * 60_000);
    const { id } = await theIncident(world);
    for (let i = 0; i < 8; i += 1) await world.queue.send({ v: 1, incidentId: id });
    await Promise.all([workOff(world), workOff(world), workOff(world)]);
    expect(stepsOf(service)).toEqual(['trigger 1']);
  });
});
