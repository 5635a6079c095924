/** Alarms on Moto: what fires is listed as its notification would tell of it, and the canary is set off. */
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openAlarms, openCanaryAlarm } from '../../../shared/adapters/aws/alarms.ts';
import { cloudwatch } from '../../../shared/sources/cloudwatch.ts';
import { type SimulatedServer, sendJson, startServer } from '../../../simulation/servers/http-server.ts';
import { originOf } from './account.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:headroom';
const MARK = { name: 'headroom_reconciled', value: 'found' };

let client: CloudWatchClient;
let server: SimulatedServer;
let endpoint: string;

/** Puts an alarm and sets its state. */
async function alarm(name: string, state: 'OK' | 'ALARM', given: { actions?: string[]; enabled?: boolean } = {}) {
  const { actions = [TOPIC], enabled = true } = given;
  await client.send(
    new PutMetricAlarmCommand({
      AlarmName: name,
      AlarmDescription: 'example headroom_severity=2',
      ActionsEnabled: enabled,
      AlarmActions: actions,
      Namespace: 'AWS/Lambda',
      MetricName: 'Throttles',
      Dimensions: [{ Name: 'FunctionName', Value: 'example-fn' }],
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 10,
      ComparisonOperator: 'GreaterThanThreshold',
    }),
  );
  await client.send(new SetAlarmStateCommand({ AlarmName: name, StateValue: state, StateReason: 'a test' }));
}

/** Moto with the one operation that it does not know: no alarm is muted. */
async function startWithoutMutes(origin: string): Promise<SimulatedServer> {
  return startServer(({ request, response, body }) => {
    const headers = { ...request.headers } as Record<string, string>;
    if (headers['x-amz-target']?.endsWith('.ListAlarmMuteRules')) return sendJson(response, 200, {});
    for (const name of ['host', 'connection', 'content-length', 'expect']) delete headers[name];
    void fetch(origin, { method: 'POST', headers, body }).then(async (answer) => {
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' });
      response.end(await answer.text());
    });
  });
}

beforeAll(async () => {
  server = await startWithoutMutes(originOf('moto'));
  endpoint = server.origin;
  client = new CloudWatchClient({ endpoint });
  await alarm('fires', 'ALARM');
  await alarm('is-over', 'OK');
  await alarm('of-others', 'ALARM', { actions: [`${TOPIC}-of-others`] });
  await alarm('switched-off', 'ALARM', { enabled: false });
  await alarm('headroom-canary', 'OK');
});
afterAll(async () => {
  client.destroy();
  await server.close();
});

test('what is in ALARM and ours is listed, and read as the alert of that function', async () => {
  const since = new Date(Date.now() - 3_600_000).toISOString();
  const { alerts, complete } = await openAlarms([TOPIC], { endpoint }).list({ since, limit: 100, mark: MARK });
  expect(complete).toBe(true);
  const told = new Map(alerts.map((alert) => [alert.rule, alert]));
  expect([...told.keys()].filter((name) => name !== 'headroom-canary').toSorted()).toEqual(['fires', 'switched-off']);
  expect(told.get('switched-off')?.suppressed).toBe('its actions are switched off');
  const parsed = cloudwatch.parse(told.get('fires')?.body, new Date().toISOString());
  expect(parsed).toMatchObject({
    ok: true,
    alerts: [
      {
        rule: 'fires',
        state: 'fired',
        severity: 2,
        firedAt: told.get('fires')?.firedAt,
        resource: { type: 'AWS::Lambda::Function', name: 'example-fn', scope: '123456789012' },
        custom: { headroom_reconciled: 'found' },
      },
    ],
  });
});

test('the canary is set off, and lists as an alert', async () => {
  await openCanaryAlarm('headroom-canary', { endpoint }).setOff('2026-11-20T14:00:00.000Z');
  const since = new Date(Date.now() - 3_600_000).toISOString();
  const { alerts } = await openAlarms([TOPIC], { endpoint }).list({ since, limit: 100, mark: MARK });
  expect(JSON.stringify(alerts.find(({ rule }) => rule === 'headroom-canary')?.body)).toContain(
    'Headroom sets off its canary at 2026-11-20T14:00:00.000Z',
  );
});

test('a canary alarm that was never made is a wrong configuration', async () => {
  const never = openCanaryAlarm('never-made', { endpoint });
  await expect(never.setOff('2026-11-20T14:00:00.000Z')).rejects.toMatchObject({ kind: 'configuration' });
});

test('a role that may not list alarms is told so, with the action it needs', async () => {
  const denied = openAlarms([TOPIC], { endpoint: originOf('denying') });
  await expect(denied.list({ since: '2026-01-01T00:00:00.000Z', limit: 1, mark: MARK })).rejects.toMatchObject({
    kind: 'denied',
    nextStep: expect.stringContaining('cloudwatch:DescribeAlarms'),
  });
});
