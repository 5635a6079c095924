import { afterEach, describe, expect, test } from 'vitest';
import { createMemoryQueue } from '../../../shared/adapters/memory/queue.ts';
import { createMemoryRecords } from '../../../shared/adapters/memory/records.ts';
import type { CheckPorts } from '../../../shared/doctor/check.ts';
import { logs, metrics } from '../../../shared/doctor/live-evidence.ts';
import type { FaultyServer } from '../../../simulation/servers/faulty-server.ts';
import { fakeClock } from '../../kit.ts';
import { logsReader, packed, startFixedLogs, VAULT } from '../adapters/azure/logs-kit.ts';
import { configOf } from '../config/kit.ts';
import { fakeChat } from '../pipeline/chat.ts';
import { azureAlert, createWorld, receive, vaultId, workOff } from '../pipeline/kit.ts';

const HELD = {
  fromMs: 0,
  toMs: 0,
  requests: 7,
  firstMs: null,
  lastMs: null,
  unattributed: 0,
  inferred: 0,
  withoutStatus: 0,
  unreadable: 0,
  duplicates: 0,
  skippedFiles: 0,
  oneAddressIn: 1,
};

function portsOf(given: Partial<CheckPorts>, settings: unknown = {}): CheckPorts {
  const clock = fakeClock();
  return {
    config: configOf({}, { settings }),
    records: createMemoryRecords(),
    queue: createMemoryQueue({ clock }),
    clock,
    slack: { scopes: async () => null, isIn: async () => 'unknown' },
    destinations: [],
    ...given,
  };
}

const servers: FaultyServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function log(
  answer: Parameters<typeof startFixedLogs>[0] = () => ({
    body: packed([{ kind: 'coverage', window: 'incident', row: HELD }]),
  }),
): Promise<FaultyServer> {
  const server = await startFixedLogs(answer);
  servers.push(server);
  return server;
}

describe('the check of logs', () => {
  const named = { resources: { [VAULT.id]: { owner: 'us' } } };

  test('asks one question about the last hour of a vault that the settings name', async () => {
    const server = await log();
    expect(await logs.run(portsOf({ readers: [logsReader(server.origin)] }, named))).toEqual({
      ok: true,
      detail: 'those of kv are read',
    });
    expect(server.received).toHaveLength(1);
    expect(server.received[0]?.body).not.toContain('2026-11-19');
  });

  test('of a vault that an incident was about, where they name none', async () => {
    const server = await log();
    const world = createWorld([fakeChat()]);
    await receive(world, azureAlert({ firedAt: '2026-11-20T13:59:30Z' }));
    await workOff(world);
    const ports = portsOf({ records: world.records, clock: world.clock, readers: [logsReader(server.origin)] });
    expect(await logs.run(ports)).toEqual({ ok: true, detail: 'those of kv-contoso are read' });
    expect(server.received[0]?.path).toBe(`/v1${vaultId('kv-contoso')}/query`);
  });

  test('names the role that is missing, and the command that grants it', async () => {
    const server = await log(() => ({ status: 403 }));
    expect(await logs.run(portsOf({ readers: [logsReader(server.origin)] }, named))).toEqual({
      ok: false,
      problem: 'those of kv cannot be read: who and why stay open',
      nextStep: expect.stringContaining(`az role assignment create --role "Log Analytics Reader"`),
    });
  });

  test('says how the log is turned on where there is none', async () => {
    const server = await log(() => ({ status: 204 }));
    expect(await logs.run(portsOf({ readers: [logsReader(server.origin)] }, named))).toMatchObject({
      ok: false,
      nextStep: expect.stringContaining('az monitor diagnostic-settings create'),
    });
  });

  test('asks nothing where no vault is known, or no store is asked', async () => {
    const server = await log();
    expect(await logs.run(portsOf({ readers: [logsReader(server.origin)] }))).toMatchObject({
      ok: true,
      detail: expect.stringContaining('no vault is known yet'),
    });
    expect(await logs.run(portsOf({}, named))).toMatchObject({
      ok: true,
      detail: expect.stringContaining('HEADROOM_WORKSPACE_ID'),
    });
    expect(server.received).toEqual([]);
  });
});

test('the check of metrics asks for none where no scope is of Azure', async () => {
  expect(await metrics.run(portsOf({}))).toEqual({ ok: true, detail: 'none are asked: no scope is one of Azure' });
});
