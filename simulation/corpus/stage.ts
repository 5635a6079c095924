import { type Application, type ApplicationShape, createApplication } from '../callers/application.ts';
import type { Instance, World } from '../callers/instance.ts';
import type { Retry } from '../callers/retry.ts';
import type { VaultLimit } from '../limit.ts';
import { quickGuid, type Random, seededRandom } from '../random.ts';
import { createSchedule, type Schedule } from '../schedule.ts';
import { createVault, type KeyType, type SimulatedVault, type VaultNature } from '../vault.ts';
import { type CorpusMend, mendInstances } from './mend.ts';

/** One day of one log: the vault, its callers' world, and when things go wrong. */
export type CorpusStage = {
  /** Of the records: `toMs` is exclusive. */
  fromMs: number;
  toMs: number;
  /** When things go wrong; on a calm day they do not. */
  onsetMs: number;
  calm: boolean;
  schedule: Schedule;
  vault: SimulatedVault;
  secondVault: SimulatedVault;
  /** What a part puts down here, the vault answers: faults by path, key types by name, episodes of the subscription. */
  faults: Map<string, { status: 403 | 404; fromMs: number }>;
  keys: Map<string, { type: KeyType; hsm: boolean }>;
  episodes: { fromMs: number; toMs: number; refusedShare: number }[];
  /** Randomness for this day by name; the shape of a fleet is the same on each day. */
  random(name: string): Random;
  fleet(shape: ApplicationShape, options: FleetOptions): Fleet;
  /** With the loads of earlier days in it, so that a part can tell which day it is. */
  mend: CorpusMend | null;
};

type FleetOptions = {
  retry: Retry;
  /** An identity that is fixed, such as a Microsoft application's. */
  appId?: string;
  /** Part of the cause that a mend without a caller is for. */
  isCause?: boolean;
  /** Takes one instance in so many into account, for a day on which the fleet is smaller. */
  instancesToday?: number;
};

/** An application's instances, and the fix that is applied to it. */
type Fleet = { application: Application; instances: Instance[]; world: World; fix: CorpusMend | null };

export type StageOptions = {
  seed: number;
  fromMs: number;
  toMs: number;
  onsetMs: number;
  calm: boolean;
  limit: VaultLimit;
  creates: number;
  mend: CorpusMend | null;
};

export function createStage(options: StageOptions): CorpusStage {
  const { seed, calm, mend } = options;
  const schedule = createSchedule(options.fromMs);
  const faults: CorpusStage['faults'] = new Map();
  const keys: CorpusStage['keys'] = new Map();
  const episodes: CorpusStage['episodes'] = [];
  const day = calm ? 'day before' : 'day';
  const random = (name: string): Random => seededRandom(seed, `${day}:${name}`);
  const nature: VaultNature = {
    creates: options.creates,
    keys,
    fault(path, timeMs) {
      const fault = faults.get(path);
      return fault !== undefined && timeMs >= fault.fromMs ? fault.status : null;
    },
    refusedOutside: (timeMs) =>
      episodes.find(({ fromMs, toMs }) => timeMs >= fromMs && timeMs < toMs)?.refusedShare ?? 0,
    nameRequest: quickGuid,
  };
  const factor = mend?.fix === 'limit-increase' ? (mend.factor ?? 2) : 1;
  const limit = { ...options.limit, requests: options.limit.requests * factor };
  const raised = { ...nature, creates: options.creates * factor };
  const vault = createVault(limit, random('vault'), raised);
  const secondVault = createVault(limit, random('second vault'), raised);
  const { fromMs, toMs, onsetMs } = options;
  return {
    ...{ fromMs, toMs, onsetMs, calm, schedule, vault, secondVault, faults, keys, episodes, random, mend },
    fleet(shape, { retry, appId, isCause = false, instancesToday }) {
      // By the seed alone, whatever the day: yesterday's fleet is today's.
      const cast = createApplication(shape, seededRandom(seed, `cast:${shape.name}`));
      const application = appId === undefined ? cast : { ...cast, identity: { ...cast.identity, appId } };
      const isMended =
        mend !== null && (mend.caller === application.identity.appId || (mend.caller === null && isCause));
      const fix = isMended ? mend : null;
      const own = random(`caller:${shape.name}`);
      const world = { schedule, vault: fix?.fix === 'separate-vault' ? secondVault : vault, random: own };
      const bare = application.addresses.slice(0, instancesToday).map((address) => ({ application, address, retry }));
      const bundled = fix?.fix === 'bundle-secrets' ? bundle(application) : application;
      const instances =
        fix === null
          ? bare
          : mendInstances(
              bare.map((i) => ({ ...i, application: bundled })),
              fix,
              { fromMs, random: own },
            );
      return { application: bundled, instances, world, fix };
    },
  };
}

function bundle(application: Application): Application {
  return { ...application, secrets: application.secrets.slice(0, 1) };
}
