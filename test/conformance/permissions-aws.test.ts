/** What the stores send to DynamoDB, SQS, S3 and Secrets Manager is what they may do there. The lambdas take no message themselves. */
import { randomUUID } from 'node:crypto';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import type { CloudService } from '../../infra/permission-table.ts';
import { openSecretsManager } from '../../shared/adapters/aws/secrets.ts';
import { openBucket, openQueue, openTable } from '../../shared/adapters/aws/stores.ts';
import { collectingLog } from '../kit.ts';
import { makeBucket, makeQueue, makeTable, originOf, PATIENT } from './aws/account.ts';
import { callAll, compareWithGrants, ON_EMULATORS } from './permissions-granted.ts';
import { usePayloads, useQueue, useRecords } from './permissions-stores.ts';

const MAX_ATTEMPTS = 3;
const endpoint = originOf('moto');
const reach = { endpoint, limits: PATIENT, now: Date.now };

/** Who is asked, and what is done there once everything that the deployment makes is made. */
const USES: Record<(typeof ON_EMULATORS.aws)[number], [CloudService, () => Promise<() => Promise<void>>]> = {
  'aws/records.ts': [
    'aws',
    async () => {
      const table = await makeTable('moto');
      return () => useRecords(openTable(table, reach));
    },
  ],
  'aws/queue.ts': [
    'aws',
    async () => {
      const url = await makeQueue({ maxAttempts: MAX_ATTEMPTS });
      const client = new SQSClient({ endpoint });
      await client.send(
        new SendMessageCommand({ QueueUrl: `${url}-dead`, MessageBody: '{"v":1,"incidentId":"abcdefgh"}' }),
      );
      client.destroy();
      return () => useQueue(openQueue(url, reach));
    },
  ],
  'aws/payloads.ts': [
    's3',
    async () => {
      const bucket = await makeBucket();
      return () => usePayloads(openBucket(bucket, reach));
    },
  ],
  'aws/secrets.ts': [
    'aws',
    async () => {
      const id = `headroom/${randomUUID()}`;
      const client = new SecretsManagerClient({ endpoint });
      await client.send(new CreateSecretCommand({ Name: id, SecretString: 'a secret' }));
      client.destroy();
      const references = [{ name: 'HEADROOM_ALERT_TOKEN', id }];
      const read = openSecretsManager({ references, endpoint, now: Date.now, log: collectingLog() });
      return async () => void (await read());
    },
  ],
};

test.each(ON_EMULATORS.aws)('%s sends what it is granted, no more and no less', async (adapter) => {
  const [service, make] = USES[adapter];
  const run = await make();
  const services = { [new URL(endpoint).host]: service };
  const sent = await callAll(async () => ({ services, run, close: async () => undefined }));
  expect(compareWithGrants(adapter, sent)).toEqual({ refused: [], unused: [] });
});
