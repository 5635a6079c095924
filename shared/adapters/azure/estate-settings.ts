import * as z from 'zod/mini';
import { isHeadroomError } from '../../errors.ts';
import type { AuditSetting, EstateResource, EstateTable } from '../../model/estate.ts';
import type { ArmClient } from './arm.ts';
import { inParallel, type Unread } from './estate-unread.ts';

/** @see https://learn.microsoft.com/rest/api/monitor/diagnostic-settings/list (read 2026-11-21) */
const SETTINGS_VERSION = '2021-05-01-preview';
/** @see https://learn.microsoft.com/rest/api/loganalytics/tables/get (read 2026-11-21) */
const TABLES_VERSION = '2022-10-01';

/** Categories and groups that hold the requests of a resource: of Key Vault, of App Configuration, of both. */
const AUDIT: ReadonlySet<string> = new Set(['auditevent', 'audit', 'httprequest', 'alllogs']);

const text = z.nullish(z.string());

const SETTINGS = z.object({
  value: z.array(
    z.object({
      name: z.string(),
      properties: z.object({
        workspaceId: text,
        logAnalyticsDestinationType: text,
        logs: z.nullish(z.array(z.object({ category: text, categoryGroup: text, enabled: z.boolean() }))),
      }),
    }),
  ),
});

const TABLE = z.object({ properties: z.object({ plan: text }) });

/** The settings that send requests somewhere; null where they cannot be read. */
export async function readAuditSettings(
  arm: ArmClient,
  { id, kind }: Pick<EstateResource, 'id' | 'kind'>,
  unread: Unread,
): Promise<AuditSetting[] | null> {
  const path = `${id}/providers/Microsoft.Insights/diagnosticSettings`;
  const query = { 'api-version': SETTINGS_VERSION };
  const body = await unread.unless(arm.get('reading diagnostic settings', path, query), null);
  const parsed = z.safeParse(SETTINGS, body);
  return parsed.success ? parsed.data.value.flatMap((setting) => auditOf(setting, kind)) : null;
}

type Listed = z.infer<typeof SETTINGS>['value'][number];

/** The table of their own that rows of each kind go to. */
const DEDICATED = { vault: 'AZKVAuditLogs', store: 'AACHttpRequest' } as const;

function auditOf({ name, properties }: Listed, kind: EstateResource['kind']): AuditSetting[] {
  const enabled = (properties.logs ?? []).filter((log) => log.enabled);
  const categories = enabled
    .map((log) => log.category ?? log.categoryGroup ?? '')
    .filter((category) => AUDIT.has(category.toLowerCase()));
  if (categories.length === 0) return [];
  const dedicated = properties.logAnalyticsDestinationType?.toLowerCase() === 'dedicated';
  return [
    {
      ...{ name, categories },
      workspaceId: properties.workspaceId?.toLowerCase() ?? null,
      ...(dedicated
        ? { destination: 'Dedicated', table: DEDICATED[kind] }
        : { destination: 'AzureDiagnostics', table: 'AzureDiagnostics' }),
    },
  ];
}

/** Each table that a setting names, once, with its plan. */
export async function readTables(
  arm: ArmClient,
  resources: readonly EstateResource[],
  unread: Unread,
): Promise<EstateTable[]> {
  const named = resources.flatMap((one) =>
    (one.audit ?? []).flatMap(({ workspaceId, table }) => (workspaceId === null ? [] : [`${workspaceId} ${table}`])),
  );
  return inParallel([...new Set(named)].sort(), async (key) => {
    const [workspaceId = '', table = ''] = key.split(' ');
    const plan = await unread.unless(planOf(arm, `${workspaceId}/tables/${table}`), null);
    return { workspaceId, table, plan };
  });
}

/** A table that nothing has been written to yet, or a workspace that is gone, has none. */
async function planOf(arm: ArmClient, path: string): Promise<string | null> {
  try {
    const body = await arm.get('reading the plan of a table', path, { 'api-version': TABLES_VERSION });
    const parsed = z.safeParse(TABLE, body);
    return parsed.success ? (parsed.data.properties.plan ?? null) : null;
  } catch (error) {
    if (isHeadroomError(error) && error.kind === 'not-found') return null;
    throw error;
  }
}
