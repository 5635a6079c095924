import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createFilesReader } from '../../../shared/adapters/duckdb/files-reader.ts';
import type { Evidence, Finding, Resource } from '../../../shared/model.ts';
import { answer } from '../../../shared/pipeline/answer.ts';
import { gather } from '../../../shared/pipeline/gather.ts';
import type { EvidenceReader } from '../../../shared/ports.ts';
import { type Played, playScenario } from '../../../simulation/play.ts';
import type { GraphRecord, ResourceGraphServer } from '../../../simulation/servers/resource-graph.ts';
import { fakeClock } from '../../kit.ts';
import { estateReader, resource, startEstate } from '../adapters/azure/graph-kit.ts';
import { published, withFiles } from '../evidence/kit.ts';
import { START } from '../scenario.ts';

const servers: ResourceGraphServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

let played: Played;
let vault: Resource;
beforeAll(() => {
  played = playScenario('sample', { startAt: START, seed: 1 });
  const { id, name, subscriptionId } = played.truth.resource;
  vault = { cloud: 'azure', id, name, type: 'microsoft.keyvault/vaults', scope: subscriptionId };
});

/** The culprit is a web app that was given an identity, and that was changed just before. */
function estate(): Record<string, GraphRecord[]> {
  const { subscriptionId: subscription } = played.truth.resource;
  const [cause] = played.truth.causes;
  const given = { principalId: '00000000-0000-0000-0000-00000000abcd', clientId: cause?.appId };
  const identity = resource({
    subscription,
    type: 'Microsoft.ManagedIdentity/userAssignedIdentities',
    name: 'id-1',
    properties: given,
  });
  const site = resource({
    ...{ subscription, type: 'Microsoft.Web/sites', name: 'checkout-web', tags: { owner: 'ana', team: 'payments' } },
    identity: { userAssignedIdentities: { [identity.id]: given } },
  });
  const changedAt = new Date(Date.parse(cause?.onset ?? START) - 7 * 60_000).toISOString();
  const change: GraphRecord = {
    subscriptionId: subscription,
    properties: {
      targetResourceId: site.id,
      changeType: 'Update',
      changeAttributes: {
        timestamp: changedAt,
        changedBy: 'ana@contoso.com',
        changedByType: 'User',
        clientType: 'Azure Portal',
      },
      changes: { 'properties.siteConfig.alwaysOn': {} },
    },
  };
  return { resources: [identity, site], resourcecontainers: [], resourcechanges: [change], servicehealthresources: [] };
}

async function evidenceWith(graph: ResourceGraphServer): Promise<Evidence> {
  const clock = fakeClock();
  const files = Object.fromEntries(played.files.map(({ path, lines }) => [path, `${lines.join('\n')}\n`]));
  return withFiles(files, (folder) => {
    const readers: EvidenceReader[] = [
      createFilesReader({ paths: [folder], now: clock.now }),
      estateReader(graph.origin),
    ];
    const onsetMs = Date.parse(played.truth.causes[0]?.onset ?? START);
    const window = { from: new Date(onsetMs - 600_000).toISOString(), to: played.truth.window.to };
    return gather({ readers, clock }, { resource: vault, ...window });
  });
}

async function estateServer(): Promise<ResourceGraphServer> {
  const server = await startEstate(estate());
  server.readable.add(played.truth.resource.subscriptionId);
  servers.push(server);
  return server;
}

describe('a log whose callers Resource Graph knows', () => {
  test('tells the culprit by its resource, owner and team, and what changed before', async () => {
    const server = await estateServer();
    const evidence = await evidenceWith(server);
    const { findings, notes } = answer({ resource: vault, evidence, limits: published() });
    const [first] = findings;
    expect(first?.caller).toMatchObject({
      ...{ appId: played.truth.causes[0]?.appId, displayName: 'checkout-web', owner: 'ana', team: 'payments' },
    });
    expect(changedBefore(first)).toMatch(/^checkout-web [67] min before by ana@contoso.com: siteConfig.alwaysOn$/);
    expect(notes.filter(({ text }) => text.includes('could not be read'))).toEqual([]);
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
    const { findings, notes } = answer({ resource: vault, evidence, limits: published() });
    expect(findings[0]?.caller?.appId).toBe(played.truth.causes[0]?.appId);
    expect(notes).toContainEqual({
      text: 'Whether the provider has an event open, whose the callers are and what changed before could not be read.',
      nextStep: expect.stringContaining('the role Reader on '),
    });
  });
});

function changedBefore(finding: Finding | undefined): string {
  return String(finding?.facts.find(({ label }) => label === 'Changed before')?.value);
}
