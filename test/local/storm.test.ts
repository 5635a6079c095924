import { expect, test } from 'vitest';
import { accountOf, sendStorm } from '../../bench/storm-load.ts';
import { startLocal } from '../../local/server.ts';
import { configOf } from '../shared/config/kit.ts';
import { fakeChat } from '../shared/pipeline/chat.ts';

const STORM = { alerts: 2_000, resources: 100, seconds: 1 };
const PER_MINUTE = 20;

const MEMORY = { HEADROOM_RECORDS: 'memory', HEADROOM_QUEUE: 'memory', HEADROOM_PAYLOADS: 'memory' };

test('2,000 alerts on 100 resources become 100 incidents, of which the first 20 and one summary are posted', async () => {
  const chat = fakeChat();
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const local = await startLocal(configOf(MEMORY), {
    ...{ host: '127.0.0.1', port: 0, log: silent, out: () => undefined, colour: false },
    senders: [chat],
  });
  try {
    const sent = await sendStorm(local.url, STORM);
    expect(sent).toMatchObject({ accepted: STORM.alerts, refused: 0 });
    await expect.poll(async () => (await accountOf(local.deps)).untaken, { timeout: 30_000, interval: 500 }).toBe(0);
    await expect.poll(() => chat.standing.length, { timeout: 15_000 }).toBe(PER_MINUTE + 1);
    expect(await accountOf(local.deps)).toMatchObject({
      alerts: STORM.alerts,
      incidents: STORM.resources,
      storms: 1,
      outcomes: { posted: PER_MINUTE, joined: 380, summarised: 1_600 },
      dead: 0,
    });
    await expect.poll(() => chat.standing.at(-1)?.body, { timeout: 30_000 }).toContain('80 incidents of 80 resources');
  } finally {
    await local.close();
  }
}, 60_000);
