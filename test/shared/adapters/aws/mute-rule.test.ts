import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { expect, test } from 'vitest';
import { createAwsCalls } from '../../../../shared/adapters/aws/calls.ts';
import { createMuteRules } from '../../../../shared/adapters/aws/mute-rule.ts';
import { startCloudWatch } from '../../../../simulation/servers/cloudwatch.ts';
import type { Fault } from '../../../../simulation/servers/faulty-server.ts';
import { type ControlPlaneSubject, controlPlaneContract } from '../../../contract/control-plane.ts';

const RESOURCE = 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:sts-throttled';
const TARGET = { kind: 'mute-rule', id: 'headroom-k3f7q2ab', resource: RESOURCE };
const DESIRED = { alarms: ['sts-throttled'], from: '2026-11-20T14:01:00.000Z', minutes: 120 };

async function subject(): Promise<ControlPlaneSubject> {
  const server = await startCloudWatch();
  const client = new CloudWatchClient({
    region: 'eu-west-1',
    endpoint: server.origin,
    credentials: { accessKeyId: 'AKIASIMULATED', secretAccessKey: 'a-secret-key' },
    maxAttempts: 1,
  });
  const faults: Record<string, Fault | undefined> = {
    dead: { cut: 'before' },
    denied: { status: 403, body: '{"__type":"AccessDeniedException","message":"not authorized"}' },
    slow: { hang: 'before' },
    throttled: { status: 400, body: '{"__type":"ThrottlingException","message":"Rate exceeded"}' },
  };
  return {
    plane: createMuteRules({ client, call: createAwsCalls('cloudwatch', { budgetMs: 4_000 }) }),
    target: TARGET,
    desired: DESIRED,
    standing: () => server.muteRules.get(TARGET.id) ?? null,
    meddle: () => server.muteRules.set(TARGET.id, { Name: TARGET.id, MuteTargets: { AlarmNames: ['another'] } }),
    writes: () => server.muteChanges.length,
    outage: (how) => {
      server.weather.next = () => faults[how];
    },
    secrets: ['a-secret-key'],
    close: async () => {
      client.destroy();
      await server.close();
    },
  };
}

controlPlaneContract(
  'CloudWatch mute rules',
  {
    canUndo: true,
    strangers: ['night', 'headroom-', 'headroom-A B', RESOURCE].map((id) => ({ ...TARGET, id })),
  },
  subject,
);

test('mutes its alarms once, from the next minute on, for as long as was asked', async () => {
  const { plane, standing, close } = await subject();
  await plane.write(TARGET, DESIRED, null);
  expect(standing()).toMatchObject({
    Name: 'headroom-k3f7q2ab',
    Description: 'Headroom incident k3f7q2ab',
    Rule: { Schedule: { Expression: 'at(2026-11-20T14:01)', Duration: 'PT120M', Timezone: 'UTC' } },
    MuteTargets: { AlarmNames: ['sts-throttled'] },
  });
  await close();
});
