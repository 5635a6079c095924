import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from 'vitest';
import { createAlarmReadBack } from '../../../shared/adapters/aws/alarm-read-back.ts';
import { createAwsCalls } from '../../../shared/adapters/aws/calls.ts';
import { clientOptions } from '../../../shared/adapters/aws/client-options.ts';
import { originOf } from './account.ts';

const client = new CloudWatchClient(clientOptions(originOf('moto'), {}));
const readBack = createAlarmReadBack({ client, call: createAwsCalls('cloudwatch', {}) });
const ARN = 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:';

async function alarm(name: string): Promise<void> {
  const metric = { Namespace: 'AWS/Lambda', MetricName: 'Throttles', Statistic: 'Sum', Period: 60 } as const;
  const rule = { EvaluationPeriods: 1, Threshold: 0, ComparisonOperator: 'GreaterThanThreshold' } as const;
  await client.send(new PutMetricAlarmCommand({ AlarmName: name, ...metric, ...rule }));
  await client.send(new SetAlarmStateCommand({ AlarmName: name, StateValue: 'ALARM', StateReason: 'a test' }));
}

describe('reading an alarm back from CloudWatch on Moto', () => {
  test.each(['throttled', 'a: name, with *odd* letters'])('finds %s, and when it changed last', async (name) => {
    const before = Date.now();
    await alarm(name);
    const found = await readBack.read(`${ARN}${name}`);
    expect(found?.resources).toEqual([]);
    // Moto may say whole seconds.
    expect(Date.parse(found?.changedAt ?? '')).toBeGreaterThanOrEqual(before - 1_000);
  });

  test.each([
    ['that is not there', `${ARN}nothing`],
    ['of another account', 'arn:aws:cloudwatch:eu-west-1:999999999999:alarm:throttled'],
    ['that is no alarm', 'arn:aws:lambda:eu-west-1:123456789012:function:f'],
  ])('finds none %s', async (_what, reference) => {
    expect(await readBack.read(reference)).toBeNull();
  });

  test('says so where the alarm lies in a region that this process does not ask', async () => {
    const elsewhere = readBack.read('arn:aws:cloudwatch:us-east-1:123456789012:alarm:throttled');
    await expect(elsewhere).rejects.toMatchObject({ kind: 'denied', message: /us-east-1/ });
  });

  test('that is refused is not called unknown', async () => {
    const denied = new CloudWatchClient(clientOptions(originOf('denying'), {}));
    const asked = createAlarmReadBack({ client: denied, call: createAwsCalls('cloudwatch', {}) });
    await expect(asked.read(`${ARN}throttled`)).rejects.toMatchObject({
      kind: 'denied',
      nextStep: expect.stringContaining('cloudwatch:DescribeAlarms'),
    });
  });
});
