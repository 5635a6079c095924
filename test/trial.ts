import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite } from '../shared/adapters/sqlite/open.ts';
import { DATABASE_FILE } from '../shared/adapters/stores.ts';
import { systemClock } from '../shared/adapters/system/clock.ts';
import { type SlackServer, startSlackServer } from '../simulation/servers/slack.ts';

/** An installation on trial stores, in a folder of its own, that posts to a simulated Slack. */
export type Trial = {
  slack: SlackServer;
  environment: Record<string, string>;
  /** Takes every visible message off the queue, as the platform would. */
  takeMessages(): Promise<string[]>;
  /** Messages that wait for their time. */
  waiting(): Promise<number>;
  remove(): Promise<void>;
};

/** Nobody listens there: what a test does not serve is asked on this machine, and is not there. */
const NOBODY = 'http://127.0.0.1:9';

export const ALERT_TOKEN = 'a-token-for-tests';

export async function startTrial(): Promise<Trial> {
  const home = mkdtempSync(join(tmpdir(), 'headroom-trial-'));
  const slack = await startSlackServer();
  const path = join(home, DATABASE_FILE);
  return {
    slack,
    environment: {
      HEADROOM_HOME: home,
      HEADROOM_RECORDS: 'sqlite',
      HEADROOM_QUEUE: 'sqlite',
      HEADROOM_PAYLOADS: 'file',
      HEADROOM_ALERT_TOKEN: ALERT_TOKEN,
      HEADROOM_SLACK_WEBHOOK_URL: slack.webhookUrl,
      HEADROOM_ARM_ENDPOINT: NOBODY,
      HEADROOM_LOGS_ENDPOINT: NOBODY,
      HEADROOM_METRICS_ENDPOINT: NOBODY,
      HEADROOM_CLOUDWATCH_ENDPOINT: NOBODY,
      HEADROOM_CLOUDWATCH_LOGS_ENDPOINT: NOBODY,
    },
    async takeMessages() {
      const store = await openSqlite({ path, clock: systemClock });
      const deliveries = await store.queue.receive({ max: 32, visibilityMs: 60_000 });
      await Promise.all(deliveries.map((delivery) => delivery.ack()));
      await store.close();
      return deliveries.map(({ message }) => JSON.stringify(message));
    },
    async waiting() {
      const store = await openSqlite({ path, clock: systemClock });
      const { waiting } = await store.queue.depth();
      await store.close();
      return waiting;
    },
    async remove() {
      await slack.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
