/** What runs on one machine, held to the same contracts as the clouds; `npm test` runs these too. */
import type { Report } from './report.ts';
import { runSuites } from './suites.ts';

const FILES = [
  'test/shared/adapters/memory/contract.test.ts',
  'test/shared/adapters/sqlite/contract.test.ts',
  'test/shared/adapters/files/contract.test.ts',
  'test/shared/adapters/slack/bot.test.ts',
  'test/shared/adapters/slack/incoming-webhook.test.ts',
  'test/shared/adapters/teams/workflow.test.ts',
  'test/shared/adapters/terminal/sender.test.ts',
];

export const embeddedStage = {
  title: 'Embedded stores and chats',
  run: (report: Report): Promise<void> => runSuites(report, FILES, {}),
};
