import { test } from 'vitest';
import { replayOverCloud } from '../replay.ts';
import { makeBucket, makeQueue, makeTable, originOf } from './account.ts';

test('the command line replays over the stores of an AWS account', async () => {
  await replayOverCloud({
    HEADROOM_RECORDS: `dynamodb:${await makeTable('moto')}`,
    HEADROOM_QUEUE: `sqs:${await makeQueue({ maxAttempts: 5 })}`,
    HEADROOM_PAYLOADS: `s3:${await makeBucket()}`,
    HEADROOM_DYNAMODB_ENDPOINT: originOf('moto'),
    HEADROOM_SQS_ENDPOINT: originOf('moto'),
    HEADROOM_S3_ENDPOINT: originOf('moto'),
  });
});
