/**
 * The CDK app: `npm run synth`, or `npx aws-cdk deploy`. What an installation chooses stands in `cdk.json` under
 * `context.headroom`; docs/deploy-aws.md explains it.
 */
import { copyFileSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import * as z from 'zod/mini';
import { settingsSchema } from '../../shared/config/settings-schema.ts';
import { ENTRIES } from '../entries.ts';
import { HeadroomStack } from './headroom-stack.ts';
import { type Options, readOptions } from './options.ts';
import { WatchedAccountStack } from './watched-account.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** @param given.bundles folder with a folder for each entry @param given.context what `cdk.json` says, or a test */
export function createApp(given: { bundles: string; outFolder?: string; context?: Record<string, unknown> }): App {
  const { bundles, outFolder, context = {} } = given;
  const app = new App({
    context,
    ...(outFolder === undefined ? {} : { outdir: outFolder }),
    analyticsReporting: false,
  });
  const options = readOptions(app.node.tryGetContext('headroom'));
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  addSettings(options, bundles);
  new HeadroomStack(app, 'Headroom', {
    description: 'Headroom: turns an alert about throttling into an answer and an action, in chat',
    bundles,
    options,
  });
  new WatchedAccountStack(app, 'HeadroomWatchedAccount');
  Tags.of(app).add('app', 'headroom');
  return app;
}

/** Checked before it is shipped: a function that starts with a wrong one answers 503. */
function addSettings({ settings }: Options, bundles: string): void {
  if (settings === undefined) return;
  const path = resolve(ROOT, settings);
  const checked = z.safeParse(settingsSchema(), JSON.parse(readFileSync(path, 'utf8')));
  if (!checked.success)
    throw new Error(
      `${settings} is wrong:\n${checked.error.issues.map(({ path: at, message }) => `${at.join('.')}: ${message}`).join('\n')}`,
    );
  for (const entry of ENTRIES) copyFileSync(path, join(bundles, entry, 'headroom.json'));
}

if (import.meta.main) {
  const bundles = join(ROOT, 'dist/aws');
  const { context }: { context: Record<string, unknown> } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
  const app = createApp({
    bundles,
    outFolder: process.env['CDK_OUTDIR'] ?? join(ROOT, 'dist/cdk'),
    context,
  });
  const { directory } = app.synth();
  process.stdout.write(`${directory}\n`);
}
