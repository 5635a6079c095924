/** Everything that the adapters of AWS can do, over servers of ours. Credentials and region stand in the environment. */
import { actorRole } from '../../shared/adapters/aws/actor-role.ts';
import { openAlarmReadBack, openAlarms, openCanaryAlarm, openMuteRules } from '../../shared/adapters/aws/alarms.ts';
import { createCloudWatchMetrics } from '../../shared/adapters/aws/cloudwatch-metrics.ts';
import { functionUrlSigner } from '../../shared/adapters/aws/function-url-signer.ts';
import { createLogsInsights } from '../../shared/adapters/aws/logs-insights.ts';
import { watchedAccounts } from '../../shared/adapters/aws/watched-accounts.ts';
import { createFirstRegion } from '../../shared/adapters/first-region.ts';
import { Secret } from '../../shared/config/secret.ts';
import { compose } from '../../shared/evidence/languages/compose.ts';
import { logLines } from '../../shared/evidence/log-lines.ts';
import { metricSeries } from '../../shared/evidence/metric-series.ts';
import type { Resource } from '../../shared/model.ts';
import { startCloudWatch } from '../../simulation/servers/cloudwatch.ts';
import { startCloudWatchMetrics } from '../../simulation/servers/cloudwatch-metrics.ts';
import { startFaultyServer } from '../../simulation/servers/faulty-server.ts';
import { startLogsInsights } from '../../simulation/servers/logs-insights.ts';
import { startSts } from '../../simulation/servers/sts.ts';
import { arnOf, metricAlarm, TOPIC } from '../shared/adapters/aws/alarms-kit.ts';
import { hastyClock } from '../shared/adapters/azure/metrics-kit.ts';
import type { CallsOf, Opened } from './permissions-granted.ts';

const SPAN = { from: '2026-11-20T13:00:00.000Z', to: '2026-11-20T13:30:00.000Z' };
const FUNCTION: Resource = {
  cloud: 'aws',
  id: 'arn:aws:lambda:eu-west-1:123456789012:function:example-fn',
  name: 'example-fn',
  type: 'AWS::Lambda::Function',
  scope: '123456789012',
  region: 'eu-west-1',
};
const GROUP = '/aws/lambda/example-fn';

export const callsOfAws: CallsOf = {
  'aws/alarm-read-back.ts': () =>
    overAlarms((endpoint) => openAlarmReadBack({ endpoint }).read(arnOf('lambda-throttles'))),

  'aws/cloudwatch-alarms.ts': () =>
    overAlarms((endpoint) =>
      openAlarms([TOPIC], { endpoint }).list({ since: SPAN.from, limit: 100, mark: { name: 'a', value: 'b' } }),
    ),

  'aws/cloudwatch-canary.ts': () =>
    overAlarms((endpoint) => openCanaryAlarm('lambda-throttles', { endpoint }).setOff(SPAN.from)),

  'aws/mute-rule.ts': () =>
    overAlarms(async (endpoint) => {
      const [plane] = openMuteRules({ actions: 'on' }, { endpoint });
      if (plane === undefined) throw new Error('there are no mute rules');
      const target = { kind: 'mute-rule', id: 'headroom-k3f7q2ab', resource: arnOf('lambda-throttles') };
      const before = await plane.read(target);
      await plane.write(target, { alarms: ['lambda-throttles'], from: SPAN.from, minutes: 120 }, before.revision);
      const made = await plane.read(target);
      await plane.write(target, before.value, made.revision);
    }),

  'aws/cloudwatch-metrics.ts': async () => {
    const clock = hastyClock(SPAN.to);
    const server = await startCloudWatchMetrics({ now: () => clock.now() });
    const signal = { metric: 'Throttles', namespace: 'AWS/Lambda', aggregation: 'Sum', dimensions: {} };
    const query = compose('cloudwatch-metrics', [metricSeries], { resource: FUNCTION, ...SPAN, signals: [signal] });
    const reader = createCloudWatchMetrics({ endpoint: server.origin, clock });
    const run = () => reader.read({ resource: FUNCTION, ...SPAN, window: 'incident', query });
    return { services: aws(server), run, close: server.close };
  },

  // One query that is complete, and one that never is.
  'aws/logs-insights.ts': async () => {
    const clock = hastyClock(SPAN.to);
    const server = await startLogsInsights({ now: () => clock.now() });
    server.groups.set(GROUP, []);
    const resources = { [FUNCTION.id]: { logGroups: [GROUP] } };
    const query = compose('logs-insights', [logLines], { resource: FUNCTION, ...SPAN });
    const read = () =>
      createLogsInsights({ resources, endpoint: server.origin, clock }).read({
        resource: FUNCTION,
        ...SPAN,
        window: 'incident',
        query,
      });
    const run = async () => {
      await read();
      server.looksBefore = 1_000;
      await read();
    };
    return { services: aws(server), run, close: server.close };
  },

  'aws/watched-accounts.ts': async () => {
    const server = await startSts();
    const [account, externalId] = ['210987654321', 'a-long-random-word'];
    server.roles.set(`arn:aws:iam::${account}:role/headroom-reader`, externalId);
    const choices = {
      watchedAccounts: [account],
      watchedExternalId: new Secret(externalId),
      partition: 'aws',
      endpoints: { STS: server.origin },
    };
    const services = { [new URL(server.origin).host]: 'sts' } as const;
    const run = async () => watchedAccounts(choices, { clock: hastyClock(SPAN.to) }).get(account)?.();
    return { services, run, close: server.close };
  },

  'aws/actor-role.ts': async () => {
    const server = await startSts();
    const arn = 'arn:aws:iam::123456789012:role/headroom-actor';
    server.roles.set(arn, null);
    const choices = { actorRole: arn, endpoints: { STS: server.origin } };
    const services = { [new URL(server.origin).host]: 'sts' } as const;
    const run = async () => actorRole(choices, { clock: hastyClock(SPAN.to) })?.();
    return { services, run, close: server.close };
  },

  'aws/function-url-signer.ts': async () => {
    const body = '{"incidents":[]}';
    const server = await startFaultyServer(() => ({ status: 200, body }));
    const region = createFirstRegion({ url: server.origin, sign: functionUrlSigner({ AWS_REGION: 'eu-west-1' }) });
    const services = { [new URL(server.origin).host]: 'function-url' } as const;
    return { services, run: () => region.findWorked('an-alert'), close: server.close };
  },
};

function aws({ origin }: { origin: string }): Opened['services'] {
  return { [new URL(origin).host]: 'aws' };
}

async function overAlarms(run: (endpoint: string) => Promise<unknown>): Promise<Opened> {
  const server = await startCloudWatch();
  server.metricAlarms.push(metricAlarm());
  server.muted.add('lambda-throttles');
  return { services: aws(server), run: () => run(server.origin), close: server.close };
}
