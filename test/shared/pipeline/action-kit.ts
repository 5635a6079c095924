import type { CommandDeps } from '../../../shared/commands/command.ts';
import { runCommand } from '../../../shared/commands/dispatch.ts';
import type { Settings } from '../../../shared/config.ts';
import { HeadroomError } from '../../../shared/errors.ts';
import type { IncidentRecord } from '../../../shared/incidents/record.ts';
import type { ControlState, Finding, Plan, PlanView, Reading } from '../../../shared/model.ts';
import { actionDepsOf } from '../../../shared/pipeline/action-deps.ts';
import type { AuditEntry } from '../../../shared/pipeline/audit.ts';
import { updateIncident } from '../../../shared/pipeline/incidents.ts';
import { listPlans } from '../../../shared/pipeline/plans.ts';
import type { WatchDeps } from '../../../shared/pipeline/watch.ts';
import type { Clock, ControlPlane, EvidenceReader } from '../../../shared/ports.ts';
import { application, finding } from '../chat/incidents.ts';
import { settingsOf } from '../commands/kit.ts';
import { type FakeChat, fakeChat } from './chat.ts';
import { azureAlert, createWorld, incidentsOf, moveOn, pass, receive, type World, workOff } from './kit.ts';

export const ALEX = { id: 'slack:T1/U1', name: 'alex' };
export const KIM = { id: 'slack:T1/U2', name: 'kim' };
/** Alex again, as Teams knows them. */
export const ALEX_ON_TEAMS = { id: 'entra:aaaaaaaa-0000-4000-8000-000000000001', name: 'Alex T' };
/** On no list. */
export const STRANGER = { id: 'slack:T1/U9', name: 'sam' };
/** An approver of whom nobody knows who they are elsewhere. */
export const LONER = { id: 'slack:T1/U3', name: 'lee' };

const APP_ID = '33333333-3333-4333-8333-333333333333';

export const SETTINGS: Settings = settingsOf({
  scopes: ['/subscriptions/00000000-0000-0000-0000-000000000000'],
  approvers: [{ people: [ALEX.id, KIM.id, LONER.id, ALEX_ON_TEAMS.id], actions: ['client-policy'] }],
  identities: [
    { slack: 'T1/U1', entra: 'aaaaaaaa-0000-4000-8000-000000000001' },
    { slack: 'T1/U2', entra: 'aaaaaaaa-0000-4000-8000-000000000002' },
  ],
  aliases: { [APP_ID]: { displayName: 'shop', app: 'shop', fleetSize: 40 } },
});

export const TTL_KEY = 'headroom:shop:secrets:ttlSeconds';

/** What stands outside, in memory: each write takes effect only on top of what was read. */
export type FakePlane = ControlPlane & {
  values: Map<string, unknown>;
  writes: { key: string; value: unknown }[];
  /** Thrown by the next calls of a method, one each; `lost` after it has taken effect. */
  failures: { method: 'read' | 'write'; error: HeadroomError; lost?: true }[];
};

export function fakePlane(kind = 'lever'): FakePlane {
  const values = new Map<string, unknown>();
  const writes: FakePlane['writes'] = [];
  const failures: FakePlane['failures'] = [];
  const stateOf = (key: string): ControlState => {
    const value = values.get(key) ?? null;
    return { revision: value === null ? null : JSON.stringify(value), value };
  };
  const next = (method: 'read' | 'write') => {
    const at = failures.findIndex((failure) => failure.method === method);
    return at === -1 ? undefined : failures.splice(at, 1)[0];
  };
  return {
    kind,
    values,
    writes,
    failures,
    async read({ id }) {
      const failure = next('read');
      if (failure) throw failure.error;
      return stateOf(id);
    },
    async write({ id }, desired, expected) {
      const failure = next('write');
      if (failure && !failure.lost) throw failure.error;
      if (stateOf(id).revision !== expected) return 'changed';
      writes.push({ key: id, value: desired });
      if (desired === null) values.delete(id);
      else values.set(id, desired);
      if (failure) throw failure.error;
      return stateOf(id);
    },
  };
}

/** A log of requests a second: refused ones until the time, served ones all along. */
function secondsReader(clock: Clock, refusedUntil: () => number): EvidenceReader {
  return {
    store: 'seconds',
    language: 'sql',
    covers: () => true,
    async read({ from, to }): Promise<Reading[]> {
      const fromSecond = Math.floor(Date.parse(from) / 1_000);
      const seconds = Array.from(
        { length: Math.floor(Date.parse(to) / 1_000) - fromSecond },
        (_, index) => fromSecond + index,
      );
      const row = (outcome: string, count: (second: number) => number) => ({
        class: 'secret-get',
        outcome,
        fromSecond,
        perSecond: seconds.map(count),
      });
      const rows = [row('served', () => 3), row('refused', (second) => (second < refusedUntil() / 1_000 ? 5 : 0))];
      const readAt = new Date(clock.now()).toISOString();
      const shared = { store: 'seconds', window: 'incident', readAt, state: 'read', truncated: false } as const;
      return [{ kind: 'timeline', ...shared, completeness: null, rows }];
    },
  };
}

export type ActionWorld = Awaited<ReturnType<typeof actionWorld>>;

/** The cause that a caller on `headroom/secrets` is, and what would help. */
function causeOf(actions: NonNullable<Finding['fixes'][number]['action']>[]): Finding {
  return finding({
    kind: 'missing-cache',
    verdict: 'confirmed',
    caller: application('shop', { appId: APP_ID, id: APP_ID, addresses: 12 }),
    fixes: actions.map((action, index) => ({
      id: `fix-${index}`,
      title: 'Read less',
      invasiveness: 1 as const,
      predicted: { throttledBefore: 1_000, throttledAfter: 30, peakUtilisationBefore: 1.6, peakUtilisationAfter: 0.4 },
      action,
    })),
  });
}

export const KEEP = { id: 'client-policy', params: { lever: 'ttlSeconds', value: 3_600 } };
export const HOLD = { id: 'client-policy', params: { lever: 'maxRequestsPerSecond', value: 20 } };

/** An incident with a cause that something can be done about, as it stands in chat once its evidence is read. */
export async function actionWorld(
  options: {
    /** What stands elsewhere can be changed too. */
    planes?: FakePlane[];
    actions?: (typeof KEEP | typeof HOLD)[];
    settings?: Settings;
    given?: Partial<WatchDeps>;
    chats?: FakeChat[];
  } = {},
) {
  const { settings = SETTINGS, chats = [fakeChat({ canReply: true })] } = options;
  const plane = fakePlane();
  const readers: EvidenceReader[] = [];
  const world: World = createWorld(chats, {
    readers,
    ...actionDepsOf({ actions: 'on', settings }, [plane, ...(options.planes ?? [])]),
    buttonsAt: () => [{ id: 'ack', label: 'Acknowledge' }],
    ...options.given,
  });
  const received = await receive(world, azureAlert({ firedAt: '2026-11-20T13:59:00Z' }));
  if (!received.ok) throw new Error(received.error);
  const id = received.incidents[0] ?? '';
  await workOff(world);
  let diagnoses = 0;

  /** As a diagnosis leaves it. */
  async function find(actions: (typeof KEEP | typeof HOLD)[], more: Partial<IncidentRecord> = {}): Promise<void> {
    diagnoses += 1;
    const diagnosedAt = new Date(world.clock.now() + diagnoses).toISOString();
    await updateIncident(
      world.deps,
      id,
      (record) => record && { ...record, findings: [causeOf(actions)], diagnosedAt, ...more },
    );
    await world.deps.queue.send({ v: 1, incidentId: id });
    await workOff(world);
  }

  await find(options.actions ?? [KEEP]);
  const commandDeps = (person: { id: string; name: string }): CommandDeps => ({
    ...world.deps,
    destinations: world.deps.senders,
    settings,
    check: async () => [],
    secretStats: () => null,
    privacy: 'full',
    person,
  });
  const record = async (): Promise<IncidentRecord> => {
    const found = (await incidentsOf(world)).find((one) => one.id === id);
    if (!found) throw new Error(`no incident ${id}`);
    return found;
  };
  return {
    world,
    plane,
    id,
    chats,
    find,
    commandDeps,
    record,
    plans: (): Promise<Plan[]> => listPlans(world.deps, id),
    async plan(n = 1): Promise<Plan> {
      const plan = (await listPlans(world.deps, id)).find((one) => one.id === `${id}-${n}`);
      if (!plan) throw new Error(`no plan ${n}`);
      return plan;
    },
    async view(n = 1): Promise<PlanView | undefined> {
      return (await record()).plans?.find((one) => one.id === `${id}-${n}`);
    },
    /** Somebody types a command, or presses the button that does the same. @returns what they are told */
    async say(person: { id: string; name: string }, text: string): Promise<string[]> {
      const reply = await runCommand(commandDeps(person), text);
      return reply.kind === 'answer' ? [reply.answer.title, ...reply.answer.lines] : ['a message'];
    },
    /** Refusals go on until `refusedUntil`, from now on to be read in a log. */
    log(refusedUntil: () => number): void {
      readers.push(secondsReader(world.clock, refusedUntil));
    },
    async audit(): Promise<AuditEntry[]> {
      const keys = [...world.keys.values()].filter(({ id: key }) => key.startsWith('audit~'));
      const entries = await Promise.all(keys.map((key) => world.records.get<AuditEntry>(key)));
      return entries.flatMap((entry) => entry?.value ?? []);
    },
    text: (chat = 0): string => (chats[chat]?.standing[0]?.body ?? '').replaceAll(/\s+/g, ' '),
    pass: (minutes: number) => pass(world, minutes),
    workOff: () => workOff(world),
    moveOn: (ms: number) => moveOn(world.clock, ms),
  };
}

export const TIMED_OUT = new HeadroomError('timed-out', 'no answer in time');
export const DENIED = new HeadroomError('denied', 'the actor lacks a role', { nextStep: 'Grant it: az role …' });
