import { refreshCached } from '../callers/cached.ts';
import { type Client, drawLanguage } from '../callers/clients.ts';
import type { Instance, Operation, World } from '../callers/instance.ts';
import { pollInstances } from '../callers/polls.ts';
import { LANGUAGE_RETRY, type Retry } from '../callers/retry.ts';
import { startInstance } from '../callers/starts.ts';
import { askForEachPiece } from '../callers/work.ts';
import { between, logarithmic, pick, type Random, whole } from '../random.ts';
import type { CorpusStage } from './stage.ts';

/** What an innocent application does all day. */
type Habit = 'caches' | 'polls slowly' | 'is configured' | 'writes' | 'signs' | 'serves tenants' | 'is deployed';

type Member = {
  name: string;
  client: Client;
  habit: Habit;
  instances: number;
  secrets: number;
  /** Time to live, period, or milliseconds between two calls of the whole application, as the habit has it. */
  everyMs: number;
  retry: Retry;
  /** When a deployment falls, as a share of the log. */
  at: number;
};

export type Background = { members: readonly Member[]; hasPerson: boolean };

const NAMES = ['basket', 'billing', 'catalogue', 'claims', 'crm', 'customs', 'fleet', 'gateway', 'invoice', 'ledger'];
const KINDS = ['api', 'worker', 'sync'];

/** From 3 to 30 applications, few of them busy. `tenantsPerSecond`: what those ask that serve tenants, all together. */
export function drawBackground(random: Random, tenantsPerSecond: number): Background {
  const count = Math.round(logarithmic(random, 3, 30));
  const members = Array.from({ length: count }, (_, index): Member => {
    const language = drawLanguage(random);
    const name = `${NAMES[index % NAMES.length]}-${KINDS[Math.floor(index / NAMES.length) % KINDS.length]}`;
    const habit: Habit =
      index === 0
        ? 'serves tenants'
        : pick(random, [
            ...(['caches', 'caches', 'caches', 'caches', 'caches', 'caches', 'polls slowly', 'polls slowly'] as const),
            ...(['is configured', 'writes', 'signs', 'serves tenants', 'is deployed'] as const),
          ] as [Habit, ...Habit[]]);
    return {
      ...drawHabit(random, habit, tenantsPerSecond),
      name,
      habit,
      retry: LANGUAGE_RETRY[language],
      at: random(),
      client: clientOf(random, habit, language),
    };
  });
  return { members, hasPerson: random() < 0.4 };
}

function clientOf(random: Random, habit: Habit, language: ReturnType<typeof drawLanguage>): Client {
  if (habit === 'is configured') return 'app-service';
  if (habit === 'polls slowly') return pick(random, ['csi', 'eso', 'eso-new', language]);
  return habit === 'signs' ? `${language}-keys` : language;
}

function drawHabit(
  random: Random,
  habit: Habit,
  tenantsPerSecond: number,
): Pick<Member, 'instances' | 'secrets' | 'everyMs'> {
  const instances = Math.round(logarithmic(random, 1, 20));
  const secrets = Math.round(logarithmic(random, 1, 20));
  const minutes = (low: number, high: number): number => 60_000 * logarithmic(random, low, high);
  switch (habit) {
    case 'caches':
      return { instances, secrets, everyMs: minutes(4, 60) };
    case 'polls slowly':
      return { instances, secrets, everyMs: minutes(5, 60) };
    case 'is configured':
      return { instances, secrets, everyMs: minutes(300, 1440) };
    case 'writes':
      return { instances: Math.min(3, instances), secrets, everyMs: minutes(0.3, 10) };
    case 'signs':
      return { instances: Math.min(6, instances), secrets: 0, everyMs: minutes(0.01, 1) };
    case 'serves tenants':
      return {
        instances: whole(random, 2, 12),
        secrets: whole(random, 50, 800),
        everyMs: 1000 / (tenantsPerSecond * between(random, 0.2, 0.5)),
      };
    case 'is deployed':
      return { instances: whole(random, 3, 25), secrets: Math.min(15, secrets), everyMs: minutes(20, 120) };
  }
}

/** The same applications on each day, at what they always do. */
export function playBackground(stage: CorpusStage, { members, hasPerson }: Background): void {
  for (const member of members) playMember(stage, member);
  if (hasPerson) playPerson(stage);
}

function playMember(stage: CorpusStage, member: Member): void {
  const { name, client, instances: count, secrets, retry, everyMs } = member;
  const { world, instances, application } = stage.fleet({ name, client, instances: count, secrets }, { retry });
  const fromMs = (): number => stage.fromMs;
  switch (member.habit) {
    case 'caches':
    case 'is configured':
      refreshCached(world, instances, { ttlMs: everyMs, fromMs });
      break;
    case 'polls slowly':
      pollInstances(world, instances, {
        ...{ periodMs: everyMs, jitterShare: 0.05, phaseMs: everyMs, fromMs: stage.fromMs, untilMs: stage.toMs },
        ...{ together: false, workMs: 10, freshClient: false },
      });
      break;
    case 'writes':
      nowAndThen(stage, world, instances, everyMs, (own) =>
        own() < 0.3
          ? { name: 'SecretList', path: '/secrets' }
          : { name: 'SecretSet', path: `/secrets/${application.secrets[0] ?? name}-state` },
      );
      break;
    case 'signs':
      nowAndThen(stage, world, instances, everyMs, () => ({
        name: 'KeySign',
        path: `/keys/${name}-signing/4c1c9a3f7c0e4f0fae1f4b6c2b1d8e55/sign`,
      }));
      break;
    case 'serves tenants':
      nowAndThen(stage, world, instances, everyMs, (own) => ({
        name: 'SecretGet',
        path: `/secrets/${application.secrets[Math.floor(own() * secrets)] ?? name}`,
      }));
      break;
    case 'is deployed':
      deploy(stage, world, instances, everyMs, stage.fromMs + member.at * (stage.toMs - stage.fromMs));
      break;
  }
}

function nowAndThen(
  stage: CorpusStage,
  world: World,
  instances: readonly Instance[],
  everyMs: number,
  operation: (random: Random) => Operation,
): void {
  askForEachPiece(world, instances, {
    perSecond: () => 1000 / everyMs,
    peakPerSecond: 1000 / everyMs,
    choose: (own) => [operation(own)],
    ...{ freshClientShare: 0, together: false, workMs: 5, fromMs: stage.fromMs },
  });
}

/** A rolling update: one instance after the other. */
function deploy(stage: CorpusStage, world: World, instances: readonly Instance[], ttlMs: number, atMs: number): void {
  refreshCached(world, instances, { ttlMs, fromMs: () => stage.fromMs, untilMs: atMs });
  for (const [index, instance] of instances.entries())
    startInstance(world, instance, {
      atMs: atMs + index * between(world.random, 5_000, 15_000),
      together: false,
      workMs: 8,
    });
}

const PORTAL_APP_ID = 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c';

/** Somebody looks around in the portal: lists, opens a secret or two. */
function playPerson(stage: CorpusStage): void {
  const { world, instances, application } = stage.fleet(
    { name: 'portal', client: 'portal', instances: 1, secrets: 12 },
    { retry: LANGUAGE_RETRY.javascript, appId: PORTAL_APP_ID },
  );
  const person = { ...application, identity: { ...application.identity, userName: 'alex@contoso.example' } };
  nowAndThen(
    stage,
    world,
    instances.map((instance) => ({ ...instance, application: person })),
    40_000,
    (own) =>
      own() < 0.6
        ? { name: 'SecretList', path: '/secrets' }
        : { name: 'SecretGet', path: `/secrets/${application.secrets[Math.floor(own() * 12)] ?? 'one'}` },
  );
}
