import { type Vault, type VaultRequest, vaultResourceId } from './audit-record.ts';
import { type CorpusCase, drawCase } from './corpus/case.ts';
import { type Day, playDay } from './corpus/days.ts';
import { writeFiles } from './corpus/defects.ts';
import type { CorpusMend } from './corpus/mend.ts';
import { judge, type Outcome } from './corpus/outcome.ts';
import type { CorpusKind, CorpusRole } from './corpus/part.ts';
import type { LogFile } from './files.ts';
import type { VaultLimit } from './limit.ts';
import { seededRandom } from './random.ts';

export type { CorpusCase } from './corpus/case.ts';
export { type CorpusMend, PLAYABLE_FIXES } from './corpus/mend.ts';
export { CORPUS_KINDS } from './corpus/part.ts';
export { SLOTS } from './corpus/slots.ts';

export type CorpusTruth = {
  seed: number;
  /** Of the first cause; null when nothing is wrong. */
  kind: CorpusKind | null;
  boundary: boolean;
  /** What may be told first: the first cause; where parameters lie between two behaviours, or two triggers within a minute, either. */
  accepts: (CorpusKind | null)[];
  /** Kinds that the log itself cannot tell from the first cause: a light key under the older limit, a key in hardware under today's. */
  alike: CorpusKind[];
  /** The first cause first; `appId` null where no single application is it. */
  causes: { kind: CorpusKind; role: CorpusRole; appId: string | null; onset: string }[];
  resource: { id: string; name: string; subscriptionId: string };
  /** What an analysis is to be asked for; `to` is exclusive. The files may hold more, as baselines. */
  window: { from: string; to: string };
  limit: VaultLimit;
  /** Within the window. */
  applications: {
    appId: string;
    part: 'culprit' | 'victim' | 'bystander';
    requests: number;
    refused: number;
  }[];
  requests: number;
  refused: number;
  /** Of the load while refusals lasted. */
  refusedShare: number;
};

export type PlayedCorpus = {
  /** The case as it was settled: the one to mend. */
  case: CorpusCase;
  /** Paths as Azure Storage has them; none for a mended fleet. */
  files: LogFile[];
  truth: CorpusTruth;
  /** What the day's vault was asked, in order of time. */
  log: readonly VaultRequest[];
  /** What was asked of the vault that a mend gave one caller for itself. */
  ownVaultLog: readonly VaultRequest[];
};

/** A case that will not become what it was meant to be is kept as what it is after so many tries. */
const ATTEMPTS_MAX = 14;
/** Triggers whose onsets lie this near each other may be told in either order. */
const NEAR_MS = 60_000;

const VAULT: Vault = {
  name: 'kv-corpus',
  subscriptionId: '00000000-0000-0000-0000-000000000000',
  resourceGroup: 'rg-corpus',
};

/** The case that belongs to a seed, a whole number from 0, as first drawn or as settled at a later attempt. Pure. */
export function corpusCase(seed: number, attempt = 0): CorpusCase {
  return drawCase(seed, attempt);
}

/**
 * Plays a case in virtual time. A case that came out as something else than it was meant to be, such as a storm that is
 * none, is drawn again with the next attempt; what was played decides the truth. With `mend` the settled case is played
 * once more with one fix applied, without files.
 */
export function playCorpus(drawn: CorpusCase, options: { mend?: CorpusMend } = {}): PlayedCorpus {
  if (options.mend !== undefined) {
    const day = playDay(drawn, { mend: options.mend });
    const causes = outcomeAsDrawn(drawn, day);
    return { case: drawn, files: [], truth: truthOf(drawn, day, causes), log: day.log, ownVaultLog: day.secondLog };
  }
  let settled = drawn;
  let day = playDay(settled);
  let outcome = judge(settled, day);
  while (outcome === null && settled.attempt < ATTEMPTS_MAX) {
    settled = drawCase(drawn.seed, settled.attempt + 1);
    day = playDay(settled);
    outcome = judge(settled, day);
  }
  const before = settled.baseline === 'day' ? playDay(settled, { calm: true }).log : [];
  const random = seededRandom(settled.seed, 'defects');
  const vault = vaultOf(settled.seed);
  const files = [
    ...writeFiles(vault, before, settled.defects, random),
    ...writeFiles(vault, day.log, settled.defects, random),
  ];
  return {
    ...{ case: settled, files, log: day.log, ownVaultLog: day.secondLog },
    truth: truthOf(settled, day, outcome ?? outcomeAsDrawn(settled, day)),
  };
}

function vaultOf(seed: number): Vault {
  return { ...VAULT, name: `kv-corpus-${seed % 1000}` };
}

function inOrder({ log, secondLog }: Day): readonly VaultRequest[] {
  return secondLog.length === 0 ? log : [...log, ...secondLog].sort((a, b) => a.timeMs - b.timeMs);
}

/** What a day without refusals is, whatever was drawn: healthy. */
function outcomeAsDrawn(drawn: CorpusCase, day: Day): NonNullable<Outcome> {
  const refused = day.log.some(({ status }) => status === 429);
  const causes = day.parts.flatMap(({ appId, onsetMs }, index) => {
    const part = drawn.parts[index];
    return part === undefined || !refused ? [] : [{ kind: part.kind, role: part.role, appId, onsetMs }];
  });
  return { causes, refusedShare: 0 };
}

function truthOf(drawn: CorpusCase, day: Day, { causes, refusedShare }: NonNullable<Outcome>): CorpusTruth {
  const vault = vaultOf(drawn.seed);
  const [first] = causes;
  const kind = first?.kind ?? null;
  const near = causes.filter(
    ({ role, onsetMs }) => role === first?.role && Math.abs(onsetMs - (first?.onsetMs ?? 0)) < NEAR_MS,
  );
  const alike = alikeOf(drawn);
  const culprits = new Set(causes.length === 0 ? [] : day.parts.flatMap(({ appIds }) => appIds));
  const asked = inOrder(day).filter(({ timeMs }) => timeMs >= drawn.windowFromMs);
  return {
    ...{ seed: drawn.seed, kind, boundary: drawn.isBoundary, refusedShare, alike },
    accepts: [
      ...new Set([
        ...(drawn.slot.accepts ?? []),
        ...(kind === null ? [] : alike),
        ...(near.length === 0 ? [kind] : near.map((cause) => cause.kind)),
      ]),
    ],
    causes: causes.map(({ onsetMs, ...cause }) => ({ ...cause, onset: new Date(onsetMs).toISOString() })),
    resource: { id: vaultResourceId(vault).toLowerCase(), name: vault.name, subscriptionId: vault.subscriptionId },
    window: { from: new Date(drawn.windowFromMs).toISOString(), to: new Date(drawn.toMs).toISOString() },
    limit: drawn.limit,
    applications: applicationsOf(asked, culprits),
    requests: asked.length,
    refused: asked.filter(({ status }) => status === 429).length,
  };
}

/** Today's limit for keys in hardware is the older one for all keys, and rows name neither type nor place of a key. */
function alikeOf({ parts, limit }: CorpusCase): CorpusKind[] {
  const [first] = parts;
  if (first?.kind === 'service-caller' && limit.requests === 2000) return ['key-type-limit'];
  const isHardware = first?.parameters['keyType'] === 'rsa-2048' && limit.requests === 4000;
  return first?.kind === 'key-type-limit' && isHardware ? ['service-caller'] : [];
}

function applicationsOf(asked: readonly VaultRequest[], culprits: ReadonlySet<string>): CorpusTruth['applications'] {
  const counts = new Map<string, { requests: number; refused: number }>();
  for (const { identity, status } of asked) {
    if (identity === undefined) continue;
    const count = counts.get(identity.appId) ?? { requests: 0, refused: 0 };
    counts.set(identity.appId, count);
    count.requests++;
    if (status === 429) count.refused++;
  }
  return [...counts].map(([appId, count]) => ({
    appId,
    part: culprits.has(appId) ? 'culprit' : count.refused > 0 ? 'victim' : 'bystander',
    ...count,
  }));
}
