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
  // What answers and what is changed, over servers of our own: the emulators have none of these.
  'test/shared/adapters/issues.test.ts',
  'test/shared/adapters/aws/cloudwatch-metrics.test.ts',
  'test/shared/adapters/aws/logs-insights.test.ts',
  'test/shared/adapters/aws/mute-rule.test.ts',
  'test/shared/adapters/azure/arm-planes.test.ts',
  'test/shared/adapters/azure/configuration-requests.test.ts',
  'test/shared/adapters/azure/levers.test.ts',
  'test/shared/adapters/azure/log-analytics.test.ts',
  'test/shared/adapters/azure/metrics.test.ts',
  'test/shared/adapters/azure/resource-graph.test.ts',
  'test/shared/adapters/azure/sign-ins.test.ts',
];

export const embeddedStage = {
  title: 'Embedded stores, chats, and what is asked and changed over our own servers',
  run: (report: Report): Promise<void> => runSuites(report, FILES, {}),
};
