/** The AWS adapters and the built lambdas on Dynalite and Moto: contract suites, failures, and the whole flow. */
import { startDynalite } from './aws/dynalite.ts';
import { findMoto, startMoto } from './aws/moto-process.ts';
import type { Report } from './report.ts';
import { installRuntimeClient } from './runtime-client.ts';
import { runSuites } from './suites.ts';

const TITLE = 'AWS on Dynalite and Moto';

export const awsStage = { title: TITLE, run };

type Emulator = { origin: string; stop(): Promise<void> };

async function run(report: Report): Promise<void> {
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const running: Emulator[] = [];
  const start = async (starting: Promise<Emulator>): Promise<string> => {
    const emulator = await starting;
    running.push(emulator);
    return emulator.origin;
  };
  const environment = {
    DYNALITE_ORIGIN: await start(startDynalite()),
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'nobody',
    AWS_SECRET_ACCESS_KEY: 'nothing',
  };
  try {
    const moto = findMoto(print);
    if (moto.kind === 'missing') {
      await runSuites(report, ['aws/records.test'], environment);
      print(`skipped SQS, S3 and the lambdas on them: ${moto.why}`);
      return;
    }
    const all = {
      ...environment,
      MOTO_ORIGIN: await start(startMoto(moto.python)),
      DENYING_ORIGIN: await start(startMoto(moto.python, { denies: true })),
      RUNTIME_CLIENT: installRuntimeClient(print),
    };
    await runSuites(
      report,
      [
        'aws/records',
        'aws/queue',
        'aws/payloads',
        'aws/secrets',
        'aws/alarm',
        'aws/evidence',
        'aws/failures',
        'aws/replay',
        'permissions-aws.',
      ],
      all,
    );
    // A storm beside them would be one for their clocks too.
    await runSuites(report, ['aws/flow'], all);
  } finally {
    await Promise.all(running.map((emulator) => emulator.stop()));
  }
}
