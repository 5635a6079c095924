import type { AttemptRow } from '../../../shared/evidence/attempts.ts';
import type { Evidence, Reading } from '../../../shared/model.ts';
import { between, exponential, type Random, seededRandom } from '../../../simulation/random.ts';

export type Retry = (refusals: number, random: Random) => number | null;

const FOR_MS = 120_000;
const SLOT_MS = 10;

/** Work that comes by chance to twenty needs, five times a second for each, of which a share is refused. */
export function tries(
  retry: Retry,
  { caller = 'app', needs = 20, refused = 0.4, everyMs = 200, seed = 1 } = {},
): AttemptRow {
  const random = seededRandom(seed, 'echo');
  const seen: { at: number; need: number; status: number }[] = [];
  for (let need = 0; need < needs; need++)
    for (let at = exponential(random, everyMs); at < FOR_MS; at += exponential(random, everyMs)) {
      let tryAt = at;
      for (let refusals = 1; ; refusals++) {
        const status = random() < refused ? 429 : 200;
        seen.push({ at: tryAt, need, status });
        const wait = status === 429 ? retry(refusals, random) : null;
        if (wait === null) break;
        tryAt += wait + 8;
      }
    }
  seen.sort((a, b) => a.at - b.at);
  const work = seen.map(() => 0);
  return {
    ...{ caller, class: 'secret', fromSecond: 0, logSecond: 0 },
    ...{ atMs: seen.map(({ at }) => at), target: seen.map(({ need }) => need), status: seen.map((one) => one.status) },
    ...{ address: work, durationMs: work, work },
  };
}

/** Work that comes by chance, 200 times a second and all for one thing; in each ten seconds so much is served, then nothing. */
export function burst(retry: Retry, { caller = 'app', admits = 1_500, seed = 1 } = {}): AttemptRow {
  const random = seededRandom(seed, 'burst');
  type Try = { at: number; refusals: number };
  const due = new Map<number, Try[]>();
  let waiting = 0;
  const put = (one: Try, fromSlot: number): void => {
    const slot = Math.max(fromSlot, Math.floor(one.at / SLOT_MS));
    due.set(slot, [...(due.get(slot) ?? []), one]);
    waiting++;
  };
  for (let at = 0; at < FOR_MS / 2; at += exponential(random, 5)) put({ at, refusals: 0 }, 0);
  const served = new Map<number, number>();
  const seen: { at: number; status: number }[] = [];
  // Retries are put where they belong: what is due is walked through slot by slot.
  for (let slot = 0; waiting > 0; slot++)
    for (const { at, refusals } of (due.get(slot) ?? []).sort((a, b) => a.at - b.at)) {
      waiting--;
      const window = Math.floor(at / 10_000);
      const count = served.get(window) ?? 0;
      const status = count < admits ? 200 : 429;
      if (status === 200) served.set(window, count + 1);
      seen.push({ at, status });
      const wait = status === 429 ? retry(refusals + 1, random) : null;
      if (wait !== null) put({ at: at + wait + 8, refusals: refusals + 1 }, slot + 1);
    }
  seen.sort((a, b) => a.at - b.at);
  const same = seen.map(() => 0);
  return {
    ...{ caller, class: 'secret', fromSecond: 0, logSecond: 0 },
    ...{ atMs: seen.map(({ at }) => at), status: seen.map(({ status }) => status) },
    ...{ target: same, address: same, durationMs: same, work: same },
  };
}

export const pause =
  (ms: number, most: number): Retry =>
  (refusals, random) =>
    refusals > most ? null : ms * between(random, 0.9, 1.1);
export const doubles: Retry = (refusals, random) =>
  refusals > 3 ? null : 800 * 2 ** (refusals - 1) * between(random, 0.8, 1.2);
export const givesUp: Retry = () => null;

/** The evidence with these tries of one caller, and no others. */
export function withTriesOf(caller: string, row: AttemptRow, evidence: Evidence): Evidence {
  const readings = evidence.readings.map((reading): Reading => {
    if (reading.kind !== 'attempts' || reading.state !== 'read') return reading;
    return { ...reading, rows: [{ ...row, caller }] };
  });
  return { ...evidence, readings };
}
