/** Everything that the adapters of Azure can do, over servers of ours. */

import type { CloudService } from '../../infra/permission-table.ts';
import { createAzureReadBack } from '../../shared/adapters/azure/alert-read-back.ts';
import { openAppConfiguration } from '../../shared/adapters/azure/app-configuration.ts';
import { createArmClient } from '../../shared/adapters/azure/arm.ts';
import { createAlertStates } from '../../shared/adapters/azure/close-alert.ts';
import { createConfigurationRequests } from '../../shared/adapters/azure/configuration-requests.ts';
import { createLeverStore } from '../../shared/adapters/azure/levers.ts';
import { createAzureMetrics } from '../../shared/adapters/azure/metrics.ts';
import { createProcessingRules } from '../../shared/adapters/azure/processing-rule.ts';
import { createSignIns } from '../../shared/adapters/azure/sign-ins.ts';
import { AZURE_CLOUDS } from '../../shared/config/clouds.ts';
import { callers } from '../../shared/evidence/callers.ts';
import { identity } from '../../shared/evidence/identity.ts';
import type { EvidenceKind } from '../../shared/evidence/kind.ts';
import { compose } from '../../shared/evidence/languages/compose.ts';
import { metricSeries } from '../../shared/evidence/metric-series.ts';
import { storeRequests } from '../../shared/evidence/store-requests.ts';
import type { Resource } from '../../shared/model.ts';
import type { ControlPlane, EvidenceReader, EvidenceRequest, Language } from '../../shared/ports.ts';
import { leverKey } from '../../shared/secrets/levers.ts';
import { startAppConfigurationServer } from '../../simulation/servers/app-configuration.ts';
import { startAzureAlerts } from '../../simulation/servers/azure-alerts.ts';
import { issueToken } from '../../simulation/servers/tokens.ts';
import { collectingLog, fakeClock, seededRandom } from '../kit.ts';
import {
  GROUP,
  keptAlert,
  MARK,
  metricRule,
  ruleId,
  SINCE,
  startSetting,
} from '../shared/adapters/azure/alerts-kit.ts';
import { estateReader, startEstate } from '../shared/adapters/azure/graph-kit.ts';
import { logsReader, packed, startFixedLogs, VAULT } from '../shared/adapters/azure/logs-kit.ts';
import { requestOf, startMetricsSetting } from '../shared/adapters/azure/metrics-kit.ts';
import {
  VAULT as KEY_VAULT,
  REFERENCE_TYPE,
  reference,
  STORE,
  startEstate as startSecrets,
} from '../shared/secrets/kit.ts';
import type { CallsOf, Opened } from './permissions-granted.ts';

const SPAN = { from: '2026-11-20T13:00:00.000Z', to: '2026-11-20T14:00:00.000Z' };
const WORKSPACE = '00000000-0000-0000-0000-0000000000aa';
const CONFIGURATION_STORE: Resource = {
  ...VAULT,
  id: VAULT.id.replace('microsoft.keyvault/vaults/kv', 'microsoft.appconfiguration/configurationstores/shop'),
  name: 'shop',
  type: 'microsoft.appconfiguration/configurationstores',
};
const ACTOR = { appId: 'aaaaaaaa-0000-4000-8000-00000000000a', objectId: 'o', tenantId: 't' };
const credential = { getToken: async () => ({ token: 'a-token', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) };
const calls = { clock: { now: () => Date.now(), sleep: async () => undefined }, random: seededRandom(1) };

/** What each kind of alert rule is called; each is read once to see whom it notifies. */
const RULES = [
  'microsoft.insights/metricAlerts',
  'microsoft.insights/scheduledQueryRules',
  'microsoft.insights/activityLogAlerts',
  'microsoft.alertsmanagement/smartDetectorAlertRules',
  'microsoft.alertsmanagement/prometheusRuleGroups',
];

export const callsOfAzure: CallsOf = {
  'azure/alert-read-back.ts': async () => {
    const server = await startAzureAlerts();
    const { id } = keptAlert();
    server.alerts.push(keptAlert());
    const host = { url: server.origin, scope: 'https://management.example/.default' };
    const readBack = createAzureReadBack(createArmClient({ host, credential, calls }));
    return { services: at(server, 'arm'), run: () => readBack.read(id), close: server.close };
  },

  'azure/alerts-management.ts': async () => {
    const { server, clouds } = await startSetting();
    for (const [nth, kind] of RULES.entries()) {
      const id = ruleId(`rule-${nth}`, kind);
      server.rules.set(id.toLowerCase(), metricRule(`rule-${nth}`, GROUP));
      server.alerts.push(keptAlert({ alertRule: id }, nth + 1));
    }
    const list = () => Promise.all(clouds.map((cloud) => cloud.list({ since: SINCE, limit: 100, mark: MARK })));
    return { services: at(server, 'arm'), run: list, close: server.close };
  },

  'azure/close-alert.ts': async () => {
    const server = await startAzureAlerts();
    const id = `/subscriptions/${WORKSPACE}/providers/microsoft.alertsmanagement/alerts/kv-throttled-1`;
    server.alerts.push({ id, properties: { essentials: { startDateTime: SINCE, alertState: 'New' } } });
    const host = { url: server.origin, scope: 'https://management.example/.default' };
    const run = () => doAndUndo(createAlertStates({ host, credential, calls }), 'alert', id, 'Closed');
    return { services: at(server, 'arm'), run, close: server.close };
  },

  'azure/processing-rule.ts': async () => {
    const server = await startAzureAlerts();
    const id = `${VAULT.id.split('/providers/')[0]}/providers/microsoft.alertsmanagement/actionrules/headroom-k3f7q2ab`;
    const desired = { scope: VAULT.id, from: SPAN.from, until: SPAN.to, incident: 'k3f7q2ab' };
    const host = { url: server.origin, scope: 'https://management.example/.default' };
    const run = () => doAndUndo(createProcessingRules({ host, credential, calls }), 'processing-rule', id, desired);
    return { services: at(server, 'arm'), run, close: server.close };
  },

  'azure/levers.ts': async () => {
    const server = await startAppConfigurationServer({ keyValues: [] });
    const token = issueToken(ACTOR, 'https://appconfig.azure.com', Math.floor(Date.now() / 1_000) + 3_600);
    const plane = createLeverStore({
      endpoint: server.origin,
      scope: 'https://appconfig.azure.com/.default',
      credential: { getToken: async () => ({ token, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) },
      calls,
    });
    const desired = { value: 3_600, until: SPAN.to, incident: 'k3f7q2ab', by: 'headroom k3f7q2ab-1' };
    const run = () => doAndUndo(plane, 'lever', leverKey('shop', 'ttlSeconds'), desired);
    return { services: at(server, 'configuration'), run, close: server.close };
  },

  'azure/app-configuration.ts': async () => {
    const world = await startSecrets({
      keyValues: [{ key: 'headroom:config:slackBotToken', value: reference('db'), contentType: REFERENCE_TYPE }],
    });
    const { endpoints: _one, onEvent: _none, ...clients } = world.options();
    const services = { [new URL(STORE).host]: 'configuration', [new URL(KEY_VAULT).host]: 'vault' } as const;
    const run = () =>
      world.during(
        openAppConfiguration({
          ...clients,
          endpoints: [STORE],
          prefix: 'headroom:config:',
          overridden: () => false,
          log: collectingLog(),
        }).read(),
      );
    return { services: { ...services, ...at(world.imds, 'identity') }, run, close: () => world.close() };
  },

  // A resource is asked for its own log, or the workspace that the configuration names.
  'azure/log-analytics.ts': () =>
    overLogs((origin) => {
      const request = requestFor('kql', callers, VAULT);
      const readers = [logsReader(origin), logsReader(origin, { workspaceId: WORKSPACE })];
      return readers.map((reader) => ({ reader, request }));
    }),

  'azure/configuration-requests.ts': () =>
    overLogs((origin) => {
      const request = requestFor('configuration-requests', storeRequests, CONFIGURATION_STORE);
      return [undefined, WORKSPACE].map((workspaceId) => {
        const choices = { workspaceId, settings: { resources: {} }, endpoints: { LOGS: origin } };
        const reader = createConfigurationRequests(choices, AZURE_CLOUDS.public, { credential, clock: fakeClock() });
        return { reader, request };
      });
    }),

  'azure/sign-ins.ts': () =>
    overLogs((origin) => {
      const request = requestFor('sign-ins', identity, VAULT);
      const choices = { workspaceId: WORKSPACE, settings: {}, endpoints: { LOGS: origin } };
      const readers = createSignIns(choices, AZURE_CLOUDS.public, { credential, clock: fakeClock() });
      return readers.map((reader) => ({ reader, request }));
    }),

  'azure/metrics.ts': async () => {
    // The service of metrics has hosts of its own, one a region.
    const [{ server: arm, clock }, { server: metrics }] = await Promise.all([
      startMetricsSetting(),
      startMetricsSetting(),
    ]);
    const choices = { endpoints: { ARM: arm.origin, METRICS: metrics.origin } };
    const reader = createAzureMetrics(choices, AZURE_CLOUDS.public, { ...calls, credential, clock });
    const signal = {
      metric: 'ServiceApiHit',
      namespace: 'microsoft.keyvault/vaults',
      aggregation: 'Total',
      dimensions: {},
    };
    return {
      services: { ...at(arm, 'arm'), ...at(metrics, 'metrics') },
      run: () => readAll([{ reader, request: requestOf([metricSeries], { signals: [signal] }) }]),
      close: async () => void (await Promise.all([arm.close(), metrics.close()])),
    };
  },

  'azure/resource-graph.ts': async () => {
    const server = await startEstate({});
    const query = { setup: [], statements: [{ kind: 'owners', text: 'resources' }], parameters: {} };
    const request: EvidenceRequest = { resource: VAULT, ...SPAN, window: 'incident', query };
    const run = () => readAll([{ reader: estateReader(server.origin), request }]);
    return { services: at(server, 'arm'), run, close: server.close };
  },
};

function at({ origin }: { origin: string }, service: CloudService): Opened['services'] {
  return { [new URL(origin).host]: service };
}

type Asked = { reader: EvidenceReader; request: EvidenceRequest };

async function overLogs(open: (origin: string) => Asked[]): Promise<Opened> {
  const server = await startFixedLogs(() => ({ body: packed([]) }));
  return { services: at(server, 'logs'), run: () => readAll(open(server.origin)), close: server.close };
}

/** @throws where a store could not be read: then not everything was asked */
async function readAll(asked: readonly Asked[]): Promise<void> {
  for (const { reader, request } of asked) {
    const unread = (await reader.read(request)).filter(({ state }) => state !== 'read');
    if (unread.length > 0) throw new Error(`not read: ${JSON.stringify(unread)}`);
  }
}

function requestFor(language: Language, kind: EvidenceKind, resource: Resource): EvidenceRequest {
  const known = { identities: [ACTOR.appId], resources: [] };
  const query = compose(language, [kind], { resource, ...SPAN, known });
  return { resource, ...SPAN, window: 'incident', query };
}

async function doAndUndo(plane: ControlPlane, kind: string, id: string, desired: unknown): Promise<void> {
  const target = { kind, id, resource: VAULT.id };
  const before = await plane.read(target);
  await plane.write(target, desired, before.revision);
  const made = await plane.read(target);
  await plane.write(target, before.value, made.revision);
}
