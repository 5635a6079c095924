import { openStores } from '../../shared/adapters/stores.ts';
import type { WorkDeps } from '../../shared/pipeline/deps.ts';
import { watch } from '../../shared/pipeline/watch.ts';
import { work } from '../../shared/pipeline/work.ts';
import { alertsRoute } from '../../shared/routes/alerts.ts';
import { createWorld, patientClock, SOURCES } from '../shared/pipeline/kit.ts';
import { requestOf } from '../shared/routes/requests.ts';
import { type Account, accountFor } from './account.ts';
import type { Sample } from './flat.ts';
import { callsOver, countingChat } from './load.ts';
import { sampleNow } from './sample.ts';

const MINUTE_MS = 60_000;
const STEP_MS = 10_000;
/** Long enough for what waits until late logs are in, 20 min, and for alerts without their first half. */
const AFTERWARDS_MINUTES = 30;

/**
 * The flow on a fake clock over the stores of one machine: the alerts in the given time, then what comes of them. As many
 * steps a minute as the watch would see.
 */
export async function soakSimulated(options: {
  home: string;
  alerts: number;
  minutes: number;
  onMinute(minute: number): void;
}): Promise<{ samples: Sample[]; account: Account }> {
  const { home, alerts, minutes } = options;
  const clock = patientClock('2026-11-20T14:00:00.000Z');
  const startMs = clock.now();
  const choices = { home, records: { kind: 'sqlite' }, queue: { kind: 'sqlite' }, payloads: { kind: 'file' } };
  const stores = await openStores(choices, clock);
  const chat = countingChat();
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const { records, queue, payloads } = stores;
  const deps = { ...createWorld([chat], { records, queue, payloads, clock, log: silent }).deps };
  const route = alertsRoute({ ...deps, sources: SOURCES, access: { kind: 'open' }, bodyBytes: 1_048_576 });
  const headers = { 'content-type': 'application/json' };
  const samples: Sample[] = [];
  const calls = callsOver({ alerts, startMs, lengthMs: minutes * MINUTE_MS });
  let next = calls.next();
  for (let minute = 0; minute < minutes + AFTERWARDS_MINUTES; minute += 1) {
    for (let stepMs = 0; stepMs < MINUTE_MS; stepMs += STEP_MS) {
      clock.advance(STEP_MS);
      const due: string[] = [];
      for (; !next.done && next.value.atMs <= clock.now(); next = calls.next()) due.push(next.value.body);
      await together(due, async (body) => {
        const { status } = await route(requestOf({ method: 'POST', path: '/api/alerts/azure', headers, body }));
        if (status !== 202) throw new Error(`an alert was answered ${status}`);
      });
      await workOff(deps);
    }
    await watch(deps);
    await workOff(deps);
    // Of what comes afterwards only the outcome counts: an idle process is flat whatever it leaks.
    if (minute < minutes) samples.push(sampleNow(clock.now() - startMs));
    options.onMinute(minute + 1);
  }
  const account = await accountFor(stores, { alerts, fromMs: startMs, toMs: clock.now() }, chat);
  await stores.close();
  return { samples, account };
}

/** So many at once as one machine works on; they share their writes to the disk. */
const AT_ONCE = 16;
const VISIBILITY_MS = 120_000;

async function together<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const one = async (): Promise<void> => {
    for (const item of rest) await run(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

/** Works off what is visible in the queue, until nothing is. */
async function workOff(deps: WorkDeps): Promise<void> {
  for (;;) {
    const deliveries = await deps.queue.receive({ max: AT_ONCE, visibilityMs: VISIBILITY_MS });
    if (deliveries.length === 0) return;
    await together(deliveries, async (delivery) => {
      const result = await work(deps, delivery.message);
      await (result.done ? delivery.ack() : delivery.retry(result.retryAfterMs));
    });
  }
}
