import { createLogAnalytics, type LogAnalyticsChoices } from '../../../../shared/adapters/azure/log-analytics.ts';
import { AZURE_CLOUDS } from '../../../../shared/config/clouds.ts';
import type { Resource } from '../../../../shared/model.ts';
import type { EvidenceReader, EvidenceRequest } from '../../../../shared/ports.ts';
import { type FaultyServer, startFaultyServer } from '../../../../simulation/servers/faulty-server.ts';
import { fakeClock } from '../../../kit.ts';

export const VAULT: Resource = {
  cloud: 'azure',
  id: '/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv',
  name: 'kv',
  type: 'microsoft.keyvault/vaults',
  scope: '/subscriptions/00000000-0000-0000-0000-000000000001',
};

export const TOKEN = 'a-token-that-nobody-may-see';

type Cell = string | number | boolean | null;
export type LogsTable = { columns: { name: string; type: string }[]; rows: Cell[][] };

/** A Log Analytics that gives the same table to every question; what it was asked stands in `received`. */
export async function startFixedLogs(answer: () => { status?: number; body?: unknown }): Promise<FaultyServer> {
  return startFaultyServer(() => {
    const { status = 200, body } = answer();
    return {
      status,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: body === undefined ? '' : JSON.stringify(body),
    };
  });
}

/** Rows as a composed question gives them back. */
export function packed(rows: { kind: string; window: string; row: unknown }[]): {
  tables: (LogsTable & { name: string })[];
} {
  return {
    tables: [
      {
        name: 'PrimaryResult',
        columns: [
          { name: 'kind', type: 'string' },
          { name: 'window', type: 'string' },
          { name: 'row', type: 'dynamic' },
        ],
        rows: rows.map(({ kind, window, row }) => [kind, window, JSON.stringify(row)]),
      },
    ],
  };
}

export function logsReader(
  origin: string,
  given: Partial<LogAnalyticsChoices> = {},
  credential = { getToken: async () => ({ token: TOKEN, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) },
): EvidenceReader {
  const choices = { workspaceId: undefined, settings: { resources: {} }, ...given, endpoints: { LOGS: origin } };
  return createLogAnalytics(choices, AZURE_CLOUDS.public, { credential, clock: fakeClock() });
}

export const TWO_KINDS: EvidenceRequest = {
  resource: VAULT,
  from: '2026-11-20T13:00:00.000Z',
  to: '2026-11-20T14:00:00.000Z',
  window: 'incident',
  query: {
    setup: [],
    statements: [
      { kind: 'coverage', text: 'a' },
      { kind: 'callers', text: 'b' },
      { kind: 'callers', text: 'c', window: 'day-before' },
    ],
    together: 'union a, b, c',
    parameters: {},
  },
};
