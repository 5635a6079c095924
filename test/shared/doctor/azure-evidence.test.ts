import { afterEach, describe, expect, test } from 'vitest';
import { createMemoryQueue } from '../../../shared/adapters/memory/queue.ts';
import { createMemoryRecords } from '../../../shared/adapters/memory/records.ts';
import { readConfig } from '../../../shared/config.ts';
import type { CheckPorts, CheckResult } from '../../../shared/doctor/check.ts';
import { resourceGraph } from '../../../shared/doctor/resource-graph.ts';
import { signIns } from '../../../shared/doctor/sign-ins.ts';
import { ANY_SIGN_IN } from '../../../shared/evidence/languages/sign-ins.ts';
import type { Reading } from '../../../shared/model.ts';
import type { EvidenceReader } from '../../../shared/ports.ts';
import type { ResourceGraphServer } from '../../../simulation/servers/resource-graph.ts';
import { fakeClock } from '../../kit.ts';
import { execute, store } from '../../kql/execute.ts';
import { MANAGED_IDENTITY_SIGN_INS } from '../../kql/sign-in-tables.ts';
import { estateReader, OTHER_SUBSCRIPTION, SUBSCRIPTION, startEstate } from '../adapters/azure/graph-kit.ts';

const SCOPES = [`/subscriptions/${SUBSCRIPTION}`, `/subscriptions/${OTHER_SUBSCRIPTION}/resourcegroups/rg`];

function portsOf(scopes: readonly string[], readers: readonly EvidenceReader[]): CheckPorts {
  const read = readConfig({ environment: {}, cloud: 'local', settings: { scopes } });
  if (!read.ok) throw new Error(read.problems.map(({ problem }) => problem).join('; '));
  const clock = fakeClock();
  return {
    ...{ config: read.config, records: createMemoryRecords(), queue: createMemoryQueue({ clock }), clock, readers },
    slack: { scopes: async () => [], isIn: async () => 'yes' },
    destinations: [],
  };
}

describe('Resource Graph', () => {
  const servers: ResourceGraphServer[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  async function checked(readable: readonly string[]): Promise<CheckResult> {
    const container = (id: string) => ({ subscriptionId: id, type: 'microsoft.resources/subscriptions' });
    const server = await startEstate({ resourcecontainers: [container(SUBSCRIPTION), container(OTHER_SUBSCRIPTION)] });
    servers.push(server);
    server.readable.clear();
    for (const id of readable) server.readable.add(id);
    return resourceGraph.run(portsOf(SCOPES, [estateReader(server.origin, SCOPES)]));
  }

  test('that shows all subscriptions in scope is well', async () => {
    expect(await checked([SUBSCRIPTION, OTHER_SUBSCRIPTION])).toEqual({
      ok: true,
      detail: 'shows 2 of 2 subscriptions',
    });
  });

  test('that leaves one out is found, with the role and the command that gives it', async () => {
    expect(await checked([SUBSCRIPTION])).toEqual({
      ok: false,
      problem: `nothing is shown of ${OTHER_SUBSCRIPTION}`,
      nextStep: expect.stringMatching(`--role Reader .*--scope /subscriptions/${OTHER_SUBSCRIPTION}$`),
    });
  });

  test('that refuses is found, with the role', async () => {
    expect(await checked([])).toMatchObject({ ok: false, nextStep: expect.stringContaining('the role Reader on') });
  });

  test('is not asked where no scope is a subscription', async () => {
    expect(await resourceGraph.run(portsOf(['123456789012'], [estateReader('http://127.0.0.1:1')]))).toMatchObject({
      ok: true,
    });
    expect(await resourceGraph.run(portsOf(SCOPES, []))).toMatchObject({ ok: true });
  });
});

describe('sign-ins', () => {
  const HEAD = { kind: 'sign-ins', store: 'sign-ins', window: 'incident', readAt: '2026-01-01T00:00:00.000Z' } as const;
  const reader = (reading: Reading): EvidenceReader => ({
    ...{ store: 'sign-ins', language: 'sign-ins', covers: () => true, read: async () => [reading] },
  });
  const read = (rows: number): Reading => ({
    ...{
      ...HEAD,
      state: 'read',
      truncated: false,
      completeness: null,
      rows: Array.from({ length: rows }, () => ({ held: 1 })),
    },
  });

  test.each<[string, EvidenceReader[], CheckResult]>([
    ['read', [reader(read(1))], { ok: true, detail: 'they are read' }],
    ['none', [reader(read(0))], { ok: true, detail: 'they can be read; there was none for a day' }],
    ['not configured', [], { ok: true, detail: 'not read: signInsWorkspaceId of headroom.json names their workspace' }],
    [
      'refused',
      [reader({ ...HEAD, state: 'unavailable', why: 'denied', nextStep: 'give role X' })],
      {
        ok: false,
        problem: 'they cannot be read, so that an outage of tokens is told by the vault alone',
        nextStep: 'give role X',
      },
    ],
  ])('that are %s', async (_what, readers, expected) => {
    expect(await signIns.run(portsOf(SCOPES, readers))).toEqual(expected);
  });

  test('are asked for by a query that runs where one table is missing', () => {
    const tables = [store(MANAGED_IDENTITY_SIGN_INS, [{ TimeGenerated: '2026-01-01T00:00:00Z' }])];
    expect(execute(ANY_SIGN_IN, tables).rows).toEqual([[1]]);
  });
});
