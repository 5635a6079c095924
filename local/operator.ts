import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { awsStores } from '../shared/adapters/aws/stores.ts';
import { processIdentity } from '../shared/adapters/azure/identity.ts';
import { azureStores } from '../shared/adapters/azure/stores.ts';
import {
  type CloudStores,
  DATABASE_FILE,
  openStores,
  type Stores,
  unavailableStores,
} from '../shared/adapters/stores.ts';
import { systemClock, systemRandom } from '../shared/adapters/system/clock.ts';
import { type Config, describeProblems } from '../shared/config.ts';
import { HeadroomError } from '../shared/errors.ts';

/**
 * The stores that the configuration names, wherever they are, for an operator at a terminal: those of a cloud are opened as
 * whom the operator is signed in (`az login`, `aws sso login`). Makes nothing where there is nothing.
 *
 * @throws HeadroomError `not-found` when there is no store of this machine yet
 */
export async function openOperatorStores(config: Config): Promise<Stores> {
  const cloud = cloudOf(config);
  const problems = unavailableStores(config, cloud);
  if (problems.length > 0)
    throw new HeadroomError('configuration', 'the configuration is wrong', { nextStep: describeProblems(problems) });
  if (config.records.kind === 'sqlite' && !existsSync(join(config.home, DATABASE_FILE)))
    throw new HeadroomError('not-found', `there is no store in ${config.home} yet`, {
      nextStep: 'set HEADROOM_HOME, or name the stores by HEADROOM_RECORDS, HEADROOM_QUEUE and HEADROOM_PAYLOADS',
    });
  return openStores(config, systemClock, cloud);
}

function cloudOf({ records, endpoints }: Config): CloudStores | undefined {
  const timing = { clock: systemClock, random: systemRandom };
  if (records.kind === 'table') return azureStores(() => processIdentity(process.env, timing), timing);
  return records.kind === 'dynamodb' ? awsStores(endpoints, () => systemClock.now()) : undefined;
}
