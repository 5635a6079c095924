/** The AWS adapters and the built lambdas on Dynalite and Moto: contract suites, failures, and the whole flow. */
import { startDynalite } from './aws/dynalite.ts';
import { findMoto, startMoto } from './aws/moto-process.ts';
import type { Report } from './report.ts';
import { runSuites } from './suites.ts';

const TITLE = 'AWS on Dynalite and Moto';

export const awsStage = { title: TITLE, run };

async function run(report: Report): Promise<void> {
  const found = findMoto((line) => process.stdout.write(`${line}\n`));
  const dynalite = await startDynalite();
  const moto = found.kind === 'found' ? await startMoto(found.python) : null;
  const environment = {
    DYNALITE_ORIGIN: dynalite.origin,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'nobody',
    AWS_SECRET_ACCESS_KEY: 'nothing',
  };
  try {
    if (moto !== null) await runSuites(report, 'aws', { ...environment, MOTO_ORIGIN: moto.origin });
    else {
      await runSuites(report, 'aws/records.test.ts', environment);
      process.stdout.write(`skipped what needs Moto: ${found.kind === 'missing' ? found.why : ''}\n`);
    }
  } finally {
    await Promise.all([dynalite.stop(), moto?.stop()]);
  }
}
