import * as z from 'zod/mini';
import type { ArmClient } from './arm.ts';

/** @see https://learn.microsoft.com/rest/api/authorization/role-assignments/list-for-scope (read 2026-11-21) */
const API_VERSION = '2022-04-01';

const ASSIGNMENT = z.object({ properties: z.object({ scope: z.string(), roleDefinitionId: z.string() }) });

const DEFINITION = z.object({
  properties: z.object({
    permissions: z.array(z.object({ actions: z.array(z.string()), notActions: z.nullish(z.array(z.string())) })),
  }),
});

type Asked = { subscription: string; reader: string; actions: readonly string[] };

/** The actions that no role of the reader gives on the whole subscription; roles of its management groups count. */
export async function missingActions(arm: ArmClient, { subscription, reader, actions }: Asked): Promise<string[]> {
  const scope = `/subscriptions/${subscription}`;
  const path = `${scope}/providers/Microsoft.Authorization/roleAssignments`;
  const query = { 'api-version': API_VERSION, $filter: `assignedTo('${reader}')` };
  const definitions = new Set<string>();
  for await (const page of arm.pages('listing role assignments', path, query))
    for (const listed of page) {
      const parsed = z.safeParse(ASSIGNMENT, listed);
      if (parsed.success && holdsFor(parsed.data.properties.scope, scope))
        definitions.add(parsed.data.properties.roleDefinitionId);
    }
  const granted: Grant[] = [];
  for (const id of definitions) {
    const body = await arm.get('reading a role', id, { 'api-version': API_VERSION });
    const parsed = z.safeParse(DEFINITION, body);
    if (parsed.success) granted.push(...parsed.data.properties.permissions);
  }
  return actions.filter((action) => !granted.some((grant) => grants(grant, action)));
}

type Grant = { actions: readonly string[]; notActions?: readonly string[] | null | undefined };

/** Assignments below a subscription are listed with it, and are not about all of it. */
function holdsFor(assigned: string, subscription: string): boolean {
  const scope = assigned.toLowerCase().replace(/\/+$/, '');
  return scope === '' || scope === subscription || scope.startsWith('/providers/microsoft.management/');
}

/** Whether a role gives an action: its patterns have `*` for any text; what is taken away again is not given. */
export function grants({ actions, notActions }: Grant, action: string): boolean {
  const matches = (pattern: string): boolean => matcher(pattern).test(action);
  return actions.some(matches) && !(notActions ?? []).some(matches);
}

function matcher(pattern: string): RegExp {
  const escaped = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`, 'i');
}
