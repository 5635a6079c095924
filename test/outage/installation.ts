import { createAzureCalls } from '../../shared/adapters/azure/calls.ts';
import type { AzureService } from '../../shared/adapters/azure/failure.ts';
import { processIdentity } from '../../shared/adapters/azure/identity.ts';
import { createMemoryPayloads } from '../../shared/adapters/memory/payloads.ts';
import { createMemoryQueue } from '../../shared/adapters/memory/queue.ts';
import { createMemoryRecords } from '../../shared/adapters/memory/records.ts';
import { asHeadroomError } from '../../shared/errors.ts';
import type { Reading } from '../../shared/model.ts';
import type { WatchDeps } from '../../shared/pipeline/watch.ts';
import type { AlertReadBack, ChatSender, EvidenceReader } from '../../shared/ports.ts';
import { alertsRoute } from '../../shared/routes/alerts.ts';
import type { Route } from '../../shared/routes/http.ts';
import { type IdentityEndpoint, startIdentityEndpoint } from '../../simulation/servers/identity-endpoint.ts';
import { collectingLog, type FakeClock, fakeClock, seededRandom } from '../kit.ts';
import { createWorld, SOURCES } from '../shared/pipeline/kit.ts';

/** Stores of one account that let nobody in without a token, and the endpoint that gives tokens. */
export type Account = Pick<WatchDeps, 'records' | 'queue' | 'payloads'> & {
  clock: FakeClock;
  endpoint: IdentityEndpoint;
};

/** One instance of the function app: what it has in memory is its own. */
export type Instance = { route: Route; deps: WatchDeps };

const DAY_SECONDS = 86_400;
const STORAGE = 'https://storage.azure.com';
const ARM = 'https://management.azure.com';
const LOGS = 'https://api.loganalytics.io';

/** Waits of a call between its tries end at once; longer ones end when the time is moved. */
function hastyClock(start: string): FakeClock {
  const clock = fakeClock(start);
  return {
    ...clock,
    sleep: (ms, signal) => (ms < 5_000 ? new Promise((resolve) => setImmediate(resolve)) : clock.sleep(ms, signal)),
  };
}

export async function openAccount(start: string): Promise<Account> {
  const clock = hastyClock(start);
  const endpoint = await startIdentityEndpoint({ lifetimeSeconds: DAY_SECONDS, now: () => clock.now() });
  const records = createMemoryRecords();
  return { clock, endpoint, records, queue: createMemoryQueue({ clock }), payloads: createMemoryPayloads({ clock }) };
}

/** A new process: it has no token yet. Its chat needs none, as with a credential among its own settings. */
export function startInstance(account: Account, seed: number, senders: readonly ChatSender[] = []): Instance {
  const { clock, endpoint } = account;
  const random = seededRandom(seed);
  const credential = processIdentity(endpoint.environment, { clock, random });
  const tokenFor = async (resource: string): Promise<void> => {
    const { token } = await credential.getToken(`${resource}/.default`);
    if (!endpoint.accepts(token, resource)) throw Object.assign(new Error('no valid token'), { statusCode: 401 });
  };
  const behindToken = <T extends object>(port: T, service: AzureService, resource = STORAGE): T => {
    const call = createAzureCalls(service, { clock, random });
    return new Proxy(port, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return async (...given: unknown[]) => {
          await call(`${service} ${String(name)}`, () => tokenFor(resource));
          return Reflect.apply(method, target, given);
        };
      },
    });
  };
  const reader: EvidenceReader = {
    store: 'log-analytics',
    language: 'sql',
    covers: () => true,
    async read({ query, window }): Promise<Reading[]> {
      const readAt = new Date(clock.now()).toISOString();
      const of = (statement: { kind: string }) => ({ kind: statement.kind, store: 'log-analytics', window, readAt });
      try {
        await tokenFor(LOGS);
        return query.statements.map((one) => ({
          ...of(one),
          state: 'read',
          rows: [],
          truncated: false,
          completeness: 1,
        }));
      } catch {
        const nextStep = 'wait for the identity service';
        return query.statements.map((one) => ({ ...of(one), state: 'unavailable', why: 'denied', nextStep }));
      }
    },
  };
  const readBack: AlertReadBack = {
    source: 'azure',
    async read() {
      try {
        await tokenFor(ARM);
        return { resources: [], changedAt: new Date(clock.now()).toISOString() };
      } catch (error) {
        throw asHeadroomError(error, 'unavailable', 'Azure Resource Manager gave this process no token');
      }
    },
  };
  const world = createWorld(senders);
  const deps: WatchDeps = {
    ...world.deps,
    clock,
    random,
    log: collectingLog(),
    records: behindToken(account.records, 'table'),
    queue: behindToken(account.queue, 'queue'),
    payloads: behindToken(account.payloads, 'blob'),
    readers: [reader],
    readBacks: [readBack],
    worker: `instance-${seed}`,
  };
  const access = { kind: 'credential', tokens: ['t0ken'] } as const;
  return { deps, route: alertsRoute({ ...deps, sources: SOURCES, access, bodyBytes: 1_048_576 }) };
}
