import { afterEach, describe, expect, test } from 'vitest';
import { createFilesReader } from '../../../shared/adapters/duckdb/files-reader.ts';
import { callerOf } from '../../../shared/diagnoses/caller.ts';
import { callers } from '../../../shared/evidence/callers.ts';
import { rowsOf } from '../../../shared/evidence/rows.ts';
import type { Evidence, Finding, Resource } from '../../../shared/model.ts';
import { nameInFinding } from '../../../shared/pipeline/aliases.ts';
import { answer } from '../../../shared/pipeline/answer.ts';
import { withChanges } from '../../../shared/pipeline/changes-before.ts';
import { gather } from '../../../shared/pipeline/gather.ts';
import { namingFrom } from '../../../shared/pipeline/naming.ts';
import type { GraphRecord, ResourceGraphServer } from '../../../simulation/servers/resource-graph.ts';
import { fakeClock } from '../../kit.ts';
import { estateReader, resource, SUBSCRIPTION, startEstate } from '../adapters/azure/graph-kit.ts';
import { FROM, line, published, TO, VAULT, withFiles } from '../evidence/kit.ts';

const APP = '2f56dff0-1111-2222-3333-444444444444';
const ID = VAULT.id.replace(/^\/subscriptions\/[^/]+/, `/subscriptions/${SUBSCRIPTION}`);
const WATCHED: Resource = { ...VAULT, id: ID, scope: SUBSCRIPTION };
const ONSET = new Date(Date.parse(FROM) + 600_000).toISOString();

const servers: ResourceGraphServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** The caller is a web app that was given an identity, and that was changed seven minutes before the onset. */
function estate(): Record<string, GraphRecord[]> {
  const given = { principalId: '00000000-0000-0000-0000-00000000abcd', clientId: APP };
  const identity = resource({
    type: 'Microsoft.ManagedIdentity/userAssignedIdentities',
    name: 'id-1',
    properties: given,
  });
  const site = resource({
    ...{ type: 'Microsoft.Web/sites', name: 'checkout-web', tags: { owner: 'ana', team: 'payments' } },
    identity: { userAssignedIdentities: { [identity.id]: given } },
  });
  const timestamp = new Date(Date.parse(ONSET) - 7 * 60_000).toISOString();
  const change: GraphRecord = {
    subscriptionId: SUBSCRIPTION,
    properties: {
      targetResourceId: site.id,
      changeType: 'Update',
      changeAttributes: { timestamp, changedBy: 'ana@contoso.com', changedByType: 'User', clientType: 'Azure Portal' },
      changes: { 'properties.siteConfig.alwaysOn': {} },
    },
  };
  return { resources: [identity, site], resourcecontainers: [], resourcechanges: [change], servicehealthresources: [] };
}

/** An exported log of a few requests beside Resource Graph; of the log only who asked is wanted. */
async function evidenceWith(graph: ResourceGraphServer): Promise<Evidence> {
  const clock = fakeClock();
  const lines = [1, 2, 3].map((at) => line({ at, appId: APP, resourceId: ID }));
  return withFiles({ 'log.json': `${lines.join('\n')}\n` }, (folder) => {
    const readers = [createFilesReader({ paths: [folder], now: clock.now }), estateReader(graph.origin)];
    const kinds = ['callers', 'owners', 'changes', 'platform'];
    return gather({ readers, clock }, { resource: WATCHED, from: FROM, to: TO, kinds });
  });
}

async function estateServer(): Promise<ResourceGraphServer> {
  const server = await startEstate(estate());
  servers.push(server);
  return server;
}

describe('a log whose callers Resource Graph knows', () => {
  test('tells a culprit by its resource, owner and team, and what changed before', async () => {
    const server = await estateServer();
    const evidence = await evidenceWith(server);
    const [row] = rowsOf(evidence, callers) ?? [];
    if (row === undefined) throw new Error('nobody asked');
    const found: Finding = {
      ...{ kind: 'missing-cache', verdict: 'likely', role: 'trigger', confidence: 1, explains: 1, onset: ONSET },
      ...{ caller: callerOf(row), victims: [], facts: [], summary: '', fixes: [] },
    };
    const [told] = withChanges([found], evidence).map((each) => nameInFinding(each, namingFrom(evidence)));
    expect(told?.caller).toMatchObject({ appId: APP, displayName: 'checkout-web', owner: 'ana', team: 'payments' });
    expect(told?.facts.map(({ label, value }) => `${label}: ${value}`)).toEqual([
      'Changed before: checkout-web 7 min before by ana@contoso.com: siteConfig.alwaysOn',
    ]);
    // What is asked about follows from what was read: the callers, then their resources.
    expect(server.received.map(({ body }) => JSON.parse(body).query.split('\n')[0])).toEqual([
      'servicehealthresources',
      'resources',
      'resourcechanges',
    ]);
  });

  test('that may not be asked loses names alone, and says which role is missing', async () => {
    const server = await estateServer();
    server.readable.clear();
    const evidence = await evidenceWith(server);
    const { notes } = answer({ resource: WATCHED, evidence, limits: published() });
    expect(rowsOf(evidence, callers)).toMatchObject([{ appId: APP, requests: 3 }]);
    expect(notes).toContainEqual({
      text: 'Whether the provider has an event open, whose the callers are and what changed before could not be read.',
      nextStep: expect.stringContaining('the role Reader on '),
    });
  });
});
