import { auditLine, type Vault, type VaultRequest } from '../audit-record.ts';
import { hourlyFiles, type LogFile } from '../files.ts';
import { between, type Random, whole } from '../random.ts';

/** What is wrong with a log as it was exported. */
export type Defects = {
  /** Records missing from these on, in milliseconds after the first record of the day, for so long. */
  gaps: readonly { afterShare: number; forMs: number }[];
  /** Share of the lines that were written twice. */
  duplicateShare: number;
  /** Records are written so late at most, hence out of order; 0 keeps the order. */
  lateMs: number;
  /** Each hour in so many files. */
  pieces: number;
};

export function drawDefects(random: Random): Defects {
  const gaps = random() < 0.15 ? Array.from({ length: whole(random, 1, 2) }, () => drawGap(random)) : [];
  return {
    gaps,
    duplicateShare: random() < 0.15 ? between(random, 0.005, 0.06) : 0,
    lateMs: random() < 0.25 ? between(random, 2_000, 240_000) : 0,
    pieces: random() < 0.2 ? whole(random, 2, 5) : 1,
  };
}

function drawGap(random: Random): Defects['gaps'][number] {
  return { afterShare: random(), forMs: between(random, 5_000, 45_000) };
}

/** The files of a log with its defects; `spans` are the days of it, in which gaps fall. */
export function writeFiles(vault: Vault, log: readonly VaultRequest[], defects: Defects, random: Random): LogFile[] {
  const fromMs = log[0]?.timeMs ?? 0;
  const toMs = log[log.length - 1]?.timeMs ?? 0;
  const gaps = defects.gaps.map(({ afterShare, forMs }) => {
    const startMs = fromMs + afterShare * (toMs - fromMs);
    return { startMs, endMs: startMs + forMs };
  });
  const kept =
    gaps.length === 0 ? log : log.filter(({ timeMs }) => !gaps.some((g) => timeMs >= g.startMs && timeMs < g.endMs));
  const files = hourlyFiles(vault, defects.lateMs > 0 ? writtenLate(kept, defects.lateMs, random) : kept);
  if (defects.duplicateShare > 0) repeatSome(vault, kept, files, defects.duplicateShare, random);
  return defects.pieces === 1 ? files : files.flatMap((file) => inPieces(file, defects.pieces));
}

/** Batches arrive late, one before the other: within a batch the order holds. */
function writtenLate(log: readonly VaultRequest[], lateMs: number, random: Random): VaultRequest[] {
  const delays = new Map<number, number>();
  const writtenMs = ({ timeMs }: VaultRequest): number => {
    const batch = Math.floor(timeMs / 5_000);
    const delay = delays.get(batch) ?? random() * lateMs;
    delays.set(batch, delay);
    return timeMs + delay;
  };
  return log
    .map((request) => ({ request, atMs: writtenMs(request) }))
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ request }) => request);
}

function repeatSome(
  vault: Vault,
  log: readonly VaultRequest[],
  files: readonly LogFile[],
  share: number,
  random: Random,
): void {
  const last = files[files.length - 1];
  for (const request of log) if (random() < share) last?.lines.push(auditLine(vault, request));
}

function inPieces({ path, lines }: LogFile, pieces: number): LogFile[] {
  const size = Math.ceil(lines.length / pieces);
  return Array.from({ length: pieces }, (_, index) => ({
    path: path.replace('PT1H.json', `PT1H-${index + 1}.json`),
    lines: lines.slice(index * size, (index + 1) * size),
  })).filter((file) => file.lines.length > 0);
}
