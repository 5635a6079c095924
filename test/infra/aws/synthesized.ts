import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../../../infra/aws/app.ts';
import { ENTRIES } from '../../../infra/entries.ts';

type Template = {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown>; DeletionPolicy?: string }>;
  Outputs?: Record<string, unknown>;
};

export type Synthesized = { headroom: Template; watched: Template; remove(): void };

/** Everything that an installation can choose. */
export const EVERYTHING = {
  email: 'ops@example.org',
  environment: {
    HEADROOM_SLACK_CHANNEL: 'C0123456789',
    HEADROOM_ACTIONS: 'on',
  },
  secrets: ['HEADROOM_ALERT_TOKEN', 'HEADROOM_SLACK_BOT_TOKEN', 'HEADROOM_WATCHED_EXTERNAL_ID'],
  watchedAccounts: ['210987654321'],
  alarmNamePrefixes: ['throttling-'],
  health: true,
  runnerLogs: [{ logGroup: '/runners/managers', shards: ['small', 'large'] }],
  trailLogGroup: 'trail',
  reservedConcurrency: { receive: 50, chat: 20 },
};

/** Bundles that are there and empty: their content is another test's matter. */
export function emptyBundles(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-cdk-'));
  for (const entry of ENTRIES) {
    mkdirSync(join(folder, entry));
    writeFileSync(join(folder, entry, 'index.cjs'), '');
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Synthesizes with all rules on: throws on the first violation that is not acknowledged. */
export function synthesize(headroom: unknown): Synthesized {
  const { folder: bundles, remove } = emptyBundles();
  const outFolder = join(bundles, 'out');
  createApp({ bundles, outFolder, context: { headroom } }).synth();
  const read = (stack: string): Template => JSON.parse(readFileSync(join(outFolder, `${stack}.template.json`), 'utf8'));
  return { headroom: read('Headroom'), watched: read('HeadroomWatchedAccount'), remove };
}
