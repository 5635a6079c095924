import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { auditLogsRow } from '../../simulation/log-tables.ts';
import { type AzureMetricsServer, startAzureMetrics } from '../../simulation/servers/azure-metrics.ts';
import { type Exchange, startServer } from '../../simulation/servers/http-server.ts';
import { startIdentityEndpoint } from '../../simulation/servers/identity-endpoint.ts';
import { type LogAnalyticsServer, startLogAnalytics } from '../../simulation/servers/log-analytics.ts';
import { execute, store } from '../kql/execute.ts';
import { AZKV_AUDIT_LOGS, AZURE_DIAGNOSTICS } from '../kql/tables.ts';
import { startEstate } from '../shared/adapters/azure/graph-kit.ts';
import { type Asked, FROM, line } from '../shared/evidence/kit.ts';
import { vaultId } from '../shared/pipeline/kit.ts';

const WORKSPACE = '11111111-2222-4333-8444-555555555555';
const SECOND_MS = 1_000;
const DAY_S = 86_400;

/** Requests in ten seconds that the vault of these tests serves: few, so that a small log is a storm. */
const LIMIT = 10;

export type LiveAzure = {
  logs: LogAnalyticsServer;
  metrics: AzureMetricsServer;
  /** Names the servers, the identity and the limit of the vault. */
  environment: Record<string, string>;
  /** What the platform puts into the environment of the process. */
  identity: Record<string, string>;
  close(): Promise<void>;
};

/** What Azure knows of one vault: its metrics, its log, which is run as it is asked, and an identity to ask with. */
export async function startLiveAzure(options: {
  folder: string;
  now: () => number;
  delayMs?: () => number;
}): Promise<LiveAzure> {
  const { folder, now, delayMs = () => 0 } = options;
  const identity = await startIdentityEndpoint();
  const metrics = await startAzureMetrics({ now });
  metrics.resources.push({ id: vaultId('kv-contoso'), type: 'Microsoft.KeyVault/vaults', location: 'westeurope' });
  const graph = await startEstate({});
  graph.readable.add('00000000-0000-0000-0000-000000000000');
  const slowly = await startServer(
    (exchange) => {
      const { origin } = exchange.url.pathname.includes('Microsoft.ResourceGraph') ? graph : metrics;
      // The server behind may cut the connection, and does when the test is over.
      passOn(exchange, origin).catch(() => exchange.request.socket.destroy());
    },
    { delayMs },
  );
  const logs = await startLogAnalytics({
    now,
    delayMs,
    execute: (text, tables, timespan) => {
      const schemas = [AZKV_AUDIT_LOGS, AZURE_DIAGNOSTICS];
      const stored = tables.map(({ name, rows }) => {
        const schema = schemas.find((one) => one.name === name);
        if (schema === undefined) throw new Error(`no schema of ${name}`);
        return store(schema, rows);
      });
      return execute(text, stored, timespan);
    },
  });
  logs.addWorkspace({ id: WORKSPACE, tables: [AZKV_AUDIT_LOGS, AZURE_DIAGNOSTICS] });
  const limits = join(folder, 'limits.json');
  const limit = { service: 'key-vault', class: 'secret', windowSeconds: 10, max: LIMIT, countsRefused: false };
  await writeFile(limits, JSON.stringify({ extends: 'published', limits: [limit] }));
  return {
    logs,
    metrics,
    environment: {
      HEADROOM_LOGS_ENDPOINT: logs.origin,
      HEADROOM_METRICS_ENDPOINT: slowly.origin,
      HEADROOM_ARM_ENDPOINT: slowly.origin,
      HEADROOM_LIMITS: limits,
    },
    identity: identity.environment,
    close: async () => {
      await Promise.all([identity.close(), metrics.close(), graph.close(), slowly.close(), logs.close()]);
    },
  };
}

async function passOn({ request, response, body }: Exchange, origin: string): Promise<void> {
  const { authorization = '' } = request.headers;
  const answer = await fetch(`${origin}${request.url}`, {
    method: request.method ?? 'GET',
    headers: { authorization, 'content-type': 'application/json' },
    ...(body === '' ? {} : { body }),
  });
  response.writeHead(answer.status, { 'content-type': 'application/json' });
  response.end(await answer.text());
}

/** When a request of the log can be read, in seconds after it was made. */
export type Arrival = (request: Asked, nth: number) => number;

/** Records fall out of order into the workspace, three to eight minutes late. */
export const LATE: Arrival = (_request, nth) => 180 + ((nth * 37) % 300);

/** Has the vault asked: counted by its metrics two minutes later, and logged when it arrives. */
export function ask(
  azure: LiveAzure,
  requests: readonly Asked[],
  options: { alertAtMs: number; arrival: Arrival },
): void {
  const { alertAtMs, arrival } = options;
  const shiftS = (alertAtMs - Date.parse(FROM)) / SECOND_MS;
  const id = vaultId('kv-contoso');
  const rows = requests.map((request, nth) => {
    const atMs = alertAtMs + request.at * SECOND_MS;
    const text = line({ ...request, at: request.at + shiftS, resourceId: id });
    return { row: auditLogsRow(text), availableAtMs: atMs + arrival(request, nth) * SECOND_MS };
  });
  azure.logs.addRows(WORKSPACE, AZKV_AUDIT_LOGS.name, rows);
  for (const { at, status = 200 } of requests)
    azure.metrics.samples.push({
      resourceId: id,
      metric: 'ServiceApiResult',
      atMs: alertAtMs + at * SECOND_MS,
      arrivesAtMs: alertAtMs + (at + 120) * SECOND_MS,
      dimensions: { StatusCode: String(status) },
    });
}

/**
 * From eleven minutes before an alert on: `app-b` reads one secret after the other; for the last four minutes `app-a`
 * reads one secret again and again, beyond the limit. A day before, all was quiet. In seconds before the alert.
 */
export function storm(): Asked[] {
  const steady = (from: number, to: number, everyS: number): Asked[] =>
    Array.from({ length: Math.floor((to - from) / everyS) }, (_, nth) => ({
      at: from + nth * everyS,
      appId: 'app-b',
      address: '10.0.0.2',
      secret: `s${nth}`,
    }));
  const loop: Asked[] = [];
  for (let nth = 0; nth < 300; nth += 1)
    loop.push({ at: -240 + nth * 0.6, appId: 'app-a', secret: 'loop', status: (nth * 0.6) % 10 < 4.2 ? 200 : 429 });
  return [...steady(-660, 0, 4), ...loop, ...steady(-DAY_S - 660, -DAY_S + 1_200, 12)];
}
