/** The Azure adapters and the built function app on Azurite: contract suites, failures, and the whole flow. */
import { installAzurite, startAzurite } from './azure/azurite-process.ts';
import type { Report } from './report.ts';
import { runSuites } from './suites.ts';

export const azureStage = { title: 'Azure on Azurite', run };

async function run(report: Report): Promise<void> {
  const program = installAzurite((line) => process.stdout.write(`${line}\n`));
  const azurite = await startAzurite(program);
  try {
    const environment = {
      AZURITE_TABLE: azurite.table,
      AZURITE_QUEUE: azurite.queue,
      AZURITE_BLOB: azurite.blob,
      NODE_EXTRA_CA_CERTS: azurite.certificate,
    };
    const ports = [
      'azure/records',
      'azure/queue.test',
      'azure/payloads',
      'azure/failures',
      'azure/replay',
      'permissions-azure',
    ];
    await runSuites(report, ports, environment);
    // A storm beside them would be one for their clocks too.
    await runSuites(report, ['azure/flow'], environment);
  } finally {
    await azurite.stop();
  }
}
