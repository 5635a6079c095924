/**
 * Runs what is built against the platforms' own software, which is too heavy for `npm test`: it compiles or starts
 * things that are no dependency of the project. One stage a file; a stage that cannot be set up counts as one failure, except
 * that of an emulator that this machine cannot get: it says so in a line and is skipped.
 *
 * Closes with the ports and their implementations that were held to a contract, the seconds of each stage, and `N passed, N
 * failed`; exits 1 on any failure.
 */
import { awsStage } from './aws.ts';
import { azureStage } from './azure.ts';
import { bicepStage } from './bicep.ts';
import { cfnLintStage } from './cfn-lint.ts';
import { embeddedStage } from './embedded.ts';
import { lambdaStage } from './lambda.ts';
import { lowkeyVaultStage } from './lowkey-vault.ts';
import { prometheusStage } from './prometheus.ts';
import { createReport } from './report.ts';

const STAGES = [
  embeddedStage,
  azureStage,
  awsStage,
  lambdaStage,
  prometheusStage,
  lowkeyVaultStage,
  cfnLintStage,
  bicepStage,
];

// What was started ends with this process, and that on a signal too.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));

const report = createReport((line) => process.stdout.write(`${line}\n`));
const seconds: string[] = [];
for (const stage of STAGES) {
  const startedMs = performance.now();
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
  seconds.push(`${((performance.now() - startedMs) / 1_000).toFixed(0).padStart(4)} s  ${stage.title}`);
}
process.stdout.write(`\n${report.contracts().join('\n')}\n\n${seconds.join('\n')}\n`);
process.stdout.write(`\n${report.passed()} passed, ${report.failed()} failed\n`);
process.exitCode = report.failed() === 0 && report.passed() > 0 ? 0 : 1;
