import type { TableSchema } from './language.ts';

/** Columns that every table of Azure Resource Graph has. @see https://learn.microsoft.com/azure/service-health/azure-resource-graph-overview */
const COMMON: TableSchema['columns'] = [
  { name: 'id', type: 'string' },
  { name: 'name', type: 'string' },
  { name: 'type', type: 'string' },
  { name: 'tenantId', type: 'string' },
  { name: 'kind', type: 'string' },
  { name: 'location', type: 'string' },
  { name: 'resourceGroup', type: 'string' },
  { name: 'subscriptionId', type: 'string' },
  { name: 'managedBy', type: 'string' },
  { name: 'sku', type: 'dynamic' },
  { name: 'plan', type: 'dynamic' },
  { name: 'properties', type: 'dynamic' },
  { name: 'tags', type: 'dynamic' },
  { name: 'identity', type: 'dynamic' },
  { name: 'zones', type: 'dynamic' },
  { name: 'extendedLocation', type: 'dynamic' },
];

/** Those that are asked; names are compared as the service writes them in its own samples. */
export const RESOURCE_GRAPH_TABLES: readonly TableSchema[] = [
  'resources',
  'resourcecontainers',
  'resourcechanges',
  'servicehealthresources',
].map((name) => ({ name, columns: COMMON }));
