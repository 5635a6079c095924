import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'vitest';
import { readLocalConfig } from '../../local/config.ts';
import { openAnyStores } from '../../local/deps.ts';
import type { InboxRecord } from '../../shared/pipeline/inbox.ts';
import { deadKey } from '../../shared/pipeline/keys.ts';
import { run } from '../cli/kit.ts';

const FIRED = readFileSync(resolve(import.meta.dirname, '../fixtures/azure/metric-static-kv429-fired.json'), 'utf8');

/**
 * The command line over the stores of a cloud: a payload that an older version did not understand is listed, shown, taken in,
 * and its incident stands in the cloud's queue.
 */
export async function replayOverCloud(environment: Record<string, string>): Promise<void> {
  const stores = await openAnyStores(readLocalConfig(environment));
  const receivedAt = new Date().toISOString();
  const hash = '0123456789abcdef'.repeat(4);
  const dead: InboxRecord = {
    v: 1,
    source: 'azure',
    receivedAt,
    hash,
    bytes: FIRED.length,
    body: FIRED,
    state: 'dead',
    error: 'not understood',
    path: 'data',
  };
  await stores.records.put(deadKey(receivedAt, hash), dead, 'absent');
  const listed = { code: 0, err: '', out: expect.stringContaining('0123456789ab') };
  expect(await run(['replay', '--list', '--dead'], environment)).toEqual(listed);
  const shown = await run(['replay', '0123456789ab', '--dry-run'], environment);
  expect([shown.code, shown.out]).toEqual([0, expect.stringContaining('would open incident')]);
  const played = await run(['replay', '0123456789ab'], environment);
  const incidentId = /is taken in: ([a-z2-7]{8})/.exec(played.out)?.[1] ?? played.out;
  expect(await stores.records.get(deadKey(receivedAt, hash))).toBe(null);
  // Chat and doctor are asked of the same stores.
  expect(await run(['chat', 'status'], environment)).toMatchObject({ code: 0, err: '' });
  const { checks } = JSON.parse((await run(['doctor', '--json'], environment)).out);
  expect(checks).toContainEqual({ name: 'stores', ok: true, detail: 'they answer; waiting: 1 message' });
  const [delivery] = await stores.queue.receive({ max: 1, visibilityMs: 30_000 });
  expect(delivery?.message).toMatchObject({ incidentId });
  await stores.close();
}
