import { alertCalls } from './alert-payloads.ts';
import { type Vault, type VaultRequest, vaultResourceId } from './audit-record.ts';
import type { Application } from './callers/application.ts';
import { advised, unpaced } from './callers/retry.ts';
import { hourlyFiles, type LogFile } from './files.ts';
import { VAULT_LIMIT_TODAY, type VaultLimit } from './limit.ts';
import { seededRandom } from './random.ts';
import { healthy } from './scenarios/healthy.ts';
import { type Cast, type Mend, MINUTE_MS, type Scenario, type Stage } from './scenarios/stage.ts';
import { startScenario } from './scenarios/start.ts';
import { missingCache } from './scenarios/uncached.ts';
import { createSchedule } from './schedule.ts';
import { createVault } from './vault.ts';

const SCENARIOS = {
  /** A deployment restarts a whole fleet whose hand-written loop asks again at once: an hour of quiet, then the storm. */
  storm: startScenario({
    durationMs: 70 * MINUTE_MS,
    restartAtMs: 61.4 * MINUTE_MS,
    withinMs: 4_000,
    shape: { name: 'checkout-api', client: 'javascript', instances: 240, secrets: 40 },
    retry: unpaced(175),
    storms: true,
  }),
  /** The same mistake by an application that waits as the guidance says. */
  stampede: startScenario({
    durationMs: 40 * MINUTE_MS,
    restartAtMs: 31.2 * MINUTE_MS,
    withinMs: 5_000,
    shape: { name: 'search-api', client: 'java', instances: 320, secrets: 25 },
    retry: advised,
    storms: false,
  }),
  'missing-cache': missingCache,
  healthy,
  /** A start small enough for its log to be shipped: retries at once, but too few to be most of the load. */
  sample: startScenario({
    durationMs: 21 * MINUTE_MS,
    restartAtMs: 17.4 * MINUTE_MS,
    withinMs: 2_500,
    shape: { name: 'checkout-api', client: 'javascript', instances: 125, secrets: 38 },
    retry: unpaced(190),
    storms: false,
  }),
} satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;
export const SCENARIO_NAMES = Object.keys(SCENARIOS) as ScenarioName[];

/** Virtual length of a scenario in milliseconds, by which a caller chooses `startAt`. */
export function scenarioDurationMs(name: ScenarioName): number {
  return SCENARIOS[name].durationMs;
}

export type Truth = {
  scenario: ScenarioName;
  seed: number;
  resource: { id: string; name: string; subscriptionId: string };
  /** Of the log; `to` is exclusive. */
  window: { from: string; to: string };
  limit: VaultLimit;
  causes: { kind: string; role: 'trigger' | 'amplifier'; appId: string; onset: string }[];
  applications: {
    appId: string;
    name: string;
    part: 'culprit' | 'victim' | 'bystander';
    requests: number;
    refused: number;
  }[];
  requests: number;
  refused: number;
};

export type Played = {
  /** Paths as Azure Storage has them, one file an hour; `lines` are JSON without line ends. */
  files: LogFile[];
  /** Bodies for `POST /api/alerts/azure`, in order of arrival. */
  alerts: unknown[];
  truth: Truth;
  /** What every vault of the fleet saw, in order of time: the second one only where a mend gave the culprit its own. */
  log: readonly VaultRequest[];
};

export type PlayOptions = {
  seed: number;
  /** Virtual time of the first record, RFC 3339. */
  startAt: string;
  limit?: Partial<VaultLimit>;
  /** Whose log it is; default `kv-sample`. */
  vault?: Partial<Vault>;
  mend?: Mend;
  /** Puts so many instances of a starting fleet behind one address, as a gateway does; default 1. */
  instancesPerAddress?: number;
};

/** Plays a scenario in virtual time; the same name and options give the same bytes. */
export function playScenario(name: ScenarioName, options: PlayOptions): Played {
  const scenario: Scenario = SCENARIOS[name];
  const startMs = Date.parse(options.startAt);
  if (Number.isNaN(startMs)) throw new RangeError(`startAt is no time: ${options.startAt}`);
  const endMs = startMs + scenario.durationMs;
  const limit = { ...VAULT_LIMIT_TODAY, ...options.limit };
  const schedule = createSchedule(startMs);
  const stage: Stage = {
    seed: options.seed,
    startMs,
    endMs,
    schedule,
    vault: createVault(limit, seededRandom(options.seed, 'vault')),
    secondVault: createVault(limit, seededRandom(options.seed, 'second vault')),
    mend: options.mend ?? null,
    instancesPerAddress: options.instancesPerAddress ?? 1,
  };
  const cast = scenario.play(stage);
  schedule.playUntil(endMs);

  const vault: Vault = { ...SAMPLE_VAULT, ...options.vault };
  const window = { fromMs: startMs, toMs: endMs };
  const { log } = stage.vault;
  return {
    files: hourlyFiles(vault, log),
    alerts: alertCalls(vault, log, window, seededRandom(options.seed, 'alerts')).map(({ payload }) => payload),
    truth: {
      scenario: name,
      seed: options.seed,
      resource: { id: vaultResourceId(vault).toLowerCase(), name: vault.name, subscriptionId: vault.subscriptionId },
      window: { from: new Date(startMs).toISOString(), to: new Date(endMs).toISOString() },
      limit,
      ...truthOf(cast, log),
    },
    log: [...log, ...stage.secondVault.log].sort((a, b) => a.timeMs - b.timeMs),
  };
}

const SAMPLE_VAULT: Vault = {
  name: 'kv-sample',
  subscriptionId: '00000000-0000-0000-0000-000000000000',
  resourceGroup: 'rg-sample',
};

function truthOf(
  cast: Cast,
  log: readonly VaultRequest[],
): Pick<Truth, 'causes' | 'applications' | 'requests' | 'refused'> {
  const count = ({ identity }: Application) => {
    const own = log.filter((request) => request.identity?.appId === identity.appId);
    return { requests: own.length, refused: own.filter(({ status }) => status === 429).length };
  };
  const describe = (application: Application, isCulprit: boolean): Truth['applications'][number] => {
    const counts = count(application);
    const part = isCulprit ? 'culprit' : counts.refused > 0 ? 'victim' : 'bystander';
    return { appId: application.identity.appId, name: application.name, part, ...counts };
  };
  return {
    causes: cast.causes.map(({ onsetMs, ...cause }) => ({ ...cause, onset: new Date(onsetMs).toISOString() })),
    applications: [
      ...(cast.culprit === null ? [] : [describe(cast.culprit, true)]),
      ...cast.bystanders.map((application) => describe(application, false)),
    ],
    requests: log.length,
    refused: log.filter(({ status }) => status === 429).length,
  };
}
