import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { auditLine, type Vault, type VaultRequest } from '../../simulation/audit-record.ts';
import { createApplication } from '../../simulation/callers/application.ts';
import { readForEachPieceOfWork, readThroughCache, startTogether } from '../../simulation/callers/behaviours.ts';
import type { World } from '../../simulation/callers/instance.ts';
import { advised, netDefault, pythonDefault, unpaced } from '../../simulation/callers/retry.ts';
import { createGate, VAULT_LIMIT_TODAY } from '../../simulation/limit.ts';
import { seededRandom } from '../../simulation/random.ts';
import { createSchedule } from '../../simulation/schedule.ts';

const VAULT: Vault = {
  name: 'kv-bench',
  subscriptionId: '00000000-0000-0000-0000-000000000000',
  resourceGroup: 'rg-bench',
};
const SEED = 4;
const START = '2026-01-05T08:00:00.000Z';
const MINUTE_MS = 60_000;
/** One cycle: an order service without a cache is busy twice, a fleet restarts once and storms. */
const CYCLE_MS = 90 * MINUTE_MS;
/** Applications that cache: together about 40 requests a second. */
const BACKGROUND = 30;
const WRITE_CHARACTERS = 1_048_576;

export type Generated = { path: string; lines: number; bytes: number; refused: number };

/** Writes an export of about `lines` records of one busy vault as JSON lines: the same bytes each time. */
export async function generateExport(path: string, lines: number): Promise<Generated> {
  const startMs = Date.parse(START);
  const schedule = createSchedule(startMs);
  const gate = createGate(VAULT_LIMIT_TODAY);
  const random = seededRandom(SEED, 'vault');
  const written: Generated = { path, lines: 0, bytes: 0, refused: 0 };
  let pending: string[] = [];
  let characters = 0;
  const vault: World['vault'] = {
    log: [],
    ask(request) {
      const status = request.identity === undefined ? 401 : gate(request.timeMs) ? 200 : 429;
      const durationMs = 1 + Math.floor((status === 200 ? 30 : 4) * random());
      if (written.lines < lines) {
        const record: VaultRequest = { ...request, status, durationMs, correlationId: correlationId(written.lines) };
        const line = `${auditLine(VAULT, record)}\n`;
        pending.push(line);
        characters += line.length;
        written.lines++;
        if (status === 429) written.refused++;
      }
      return { status, latencyMs: durationMs + 5 };
    },
  };
  planBackground(vault, schedule, startMs);
  const file = createWriteStream(path);
  for (let cycle = 0; written.lines < lines; cycle++) {
    const cycleMs = startMs + cycle * CYCLE_MS;
    planCycle(vault, schedule, cycleMs, cycle);
    for (let second = 0; second < CYCLE_MS / 1000 && written.lines < lines; second++) {
      schedule.playUntil(cycleMs + second * 1000);
      if (characters < WRITE_CHARACTERS) continue;
      written.bytes += characters;
      if (!file.write(pending.join(''))) await once(file, 'drain');
      pending = [];
      characters = 0;
    }
  }
  written.bytes += characters;
  file.end(pending.join(''));
  await once(file, 'close');
  return written;
}

function planBackground(vault: World['vault'], schedule: World['schedule'], startMs: number): void {
  for (let index = 0; index < BACKGROUND; index++) {
    const random = seededRandom(SEED, `background ${index}`);
    const client = (['net', 'python', 'go', 'java', 'javascript'] as const)[index % 5] ?? 'net';
    const application = createApplication({ name: `service-${index}`, client, instances: 10, secrets: 8 }, random);
    const retry = client === 'python' ? pythonDefault : netDefault;
    readThroughCache({ schedule, vault, random }, application, { ttlMs: MINUTE_MS, retry, fromMs: startMs });
  }
}

function planCycle(vault: World['vault'], schedule: World['schedule'], cycleMs: number, cycle: number): void {
  const orders = createApplication(
    { name: 'order-api', client: 'net', instances: 24, secrets: 5 },
    seededRandom(SEED, 'order-api'),
  );
  const isBusy = (timeMs: number): boolean => Math.floor((timeMs - cycleMs) / (20 * MINUTE_MS)) % 2 === 1;
  const endMs = cycleMs + CYCLE_MS;
  readForEachPieceOfWork({ schedule, vault, random: seededRandom(SEED, `orders ${cycle}`) }, orders, {
    workPerSecond: (timeMs) => (timeMs >= endMs ? 0 : isBusy(timeMs) && timeMs % 300_000 < 20_000 ? 86 : 6),
    peakPerSecond: 86,
    cacheTtlMs: null,
    workMs: 6,
    retry: netDefault,
    fromMs: cycleMs,
  });
  const random = seededRandom(SEED, `fleet ${cycle}`);
  const fleet = createApplication(
    { name: 'checkout-api', client: 'javascript', instances: 240, secrets: 40 },
    seededRandom(SEED, 'fleet'),
  );
  const options = { withinMs: 4_000, extraSpreadMs: 0, workMs: 8 };
  startTogether({ schedule, vault, random }, fleet, {
    ...options,
    atMs: cycleMs + 31 * MINUTE_MS,
    retry: unpaced(175),
  });
  startTogether({ schedule, vault, random }, fleet, { ...options, atMs: cycleMs + 71 * MINUTE_MS, retry: advised });
}

/** Distinct, and spread as random ids are. */
function correlationId(index: number): string {
  const mixed = (Math.imul(index + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
  const counted = index.toString(16).padStart(12, '0');
  return `${mixed}-${mixed.slice(4)}-4${mixed.slice(1, 4)}-a${mixed.slice(5)}-${counted}`;
}
