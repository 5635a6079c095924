import { openResourceGraph } from '../../../../shared/adapters/azure/resource-graph.ts';
import { AZURE_CLOUDS } from '../../../../shared/config/clouds.ts';
import type { EvidenceReader } from '../../../../shared/ports.ts';
import {
  type ExecuteQuery,
  type GraphRecord,
  type ResourceGraphServer,
  startResourceGraph,
} from '../../../../simulation/servers/resource-graph.ts';
import { fakeClock, seededRandom } from '../../../kit.ts';
import { executeChecked, store } from '../../../kql/execute.ts';
import { RESOURCE_GRAPH_TABLES } from '../../../kql/resource-graph-tables.ts';

export const SUBSCRIPTION = '00000000-0000-0000-0000-000000000001';
export const OTHER_SUBSCRIPTION = '00000000-0000-0000-0000-000000000002';

/** Runs the text that arrives, as Resource Graph would. */
export const executeGraph: ExecuteQuery = (text, table) => {
  const tables = RESOURCE_GRAPH_TABLES.map((schema) => store(schema, table(schema.name)));
  const { columns, rows } = executeChecked(text, tables);
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, at) => [name, row[at]])));
};

/** An estate that may be read whole, and that runs what it is asked. */
export async function startEstate(tables: Readonly<Record<string, GraphRecord[]>>): Promise<ResourceGraphServer> {
  const server = await startResourceGraph(executeGraph);
  server.readable.add(SUBSCRIPTION).add(OTHER_SUBSCRIPTION);
  for (const [name, records] of Object.entries(tables)) server.tables.set(name, records);
  return server;
}

/** A reader of what stands there, with the real client. */
export function estateReader(origin: string, scopes: readonly string[] = []): EvidenceReader {
  const credential = { getToken: async () => ({ token: 'a-token', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) };
  const choices = { settings: { scopes }, endpoints: { ARM: origin } };
  return openResourceGraph(choices, AZURE_CLOUDS.public, { credential, clock: fakeClock(), random: seededRandom(1) });
}

/** A resource as it stands in `resources`. */
export function resource(given: {
  type: string;
  name: string;
  group?: string;
  subscription?: string;
  location?: string;
  tags?: Record<string, string>;
  identity?: unknown;
  properties?: unknown;
}): GraphRecord & { id: string } {
  const { type, name, group = 'rg-shop', subscription = SUBSCRIPTION, location = 'westeurope' } = given;
  return {
    id: `/subscriptions/${subscription}/resourceGroups/${group}/providers/${type}/${name}`,
    name,
    type: type.toLowerCase(),
    location,
    resourceGroup: group,
    subscriptionId: subscription,
    tags: given.tags ?? null,
    identity: given.identity ?? null,
    properties: given.properties ?? {},
  };
}
