/**
 * Runs what is built against the platforms' own software, which is too heavy for `npm test`: it compiles or starts
 * things that are no dependency of the project. One stage a file; a stage that cannot be set up counts as one failure, except
 * that of an emulator that this machine cannot get: it says so in a line and is skipped.
 *
 * Closes with `N passed, N failed` and exits 1 on any failure.
 */
import { awsStage } from './aws.ts';
import { azureStage } from './azure.ts';
import { lambdaStage } from './lambda.ts';
import { lowkeyVaultStage } from './lowkey-vault.ts';
import { createReport } from './report.ts';

const STAGES = [azureStage, awsStage, lambdaStage, lowkeyVaultStage];

const report = createReport((line) => process.stdout.write(`${line}\n`));
for (const stage of STAGES) {
  process.stdout.write(`\n${stage.title}\n`);
  let problem: unknown = null;
  try {
    await stage.run(report);
  } catch (error) {
    problem = error;
  }
  if (problem !== null)
    await report.check(`${stage.title}: set up`, () => {
      throw problem;
    });
}
process.stdout.write(`\n${report.passed()} passed, ${report.failed()} failed\n`);
process.exitCode = report.failed() === 0 && report.passed() > 0 ? 0 : 1;
