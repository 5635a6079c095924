import { afterEach, describe, expect, test } from 'vitest';
import { createSignIns, type SignInsChoices } from '../../../../shared/adapters/azure/sign-ins.ts';
import { AZURE_CLOUDS } from '../../../../shared/config/clouds.ts';
import type { EvidenceReader } from '../../../../shared/ports.ts';
import type { FaultyServer } from '../../../../simulation/servers/faulty-server.ts';
import { evidenceReaderContract } from '../../../contract/evidence-reader.ts';
import { fakeClock } from '../../../kit.ts';
import { packed, startFixedLogs, TOKEN, TWO_KINDS, VAULT } from './logs-kit.ts';

const [AUDIT, SIGN_INS] = ['00000000-0000-0000-0000-0000000000aa', '00000000-0000-0000-0000-0000000000bb'] as const;
const ROW = { minuteMs: 0, objectId: 'o', appId: '', code: '0', signIns: 1 };

const servers: FaultyServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(answer: Parameters<typeof startFixedLogs>[0]): Promise<FaultyServer> {
  const server = await startFixedLogs(answer);
  servers.push(server);
  return server;
}

function readersOf(origin: string, given: Partial<SignInsChoices> = {}): EvidenceReader[] {
  const credential = { getToken: async () => ({ token: TOKEN, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) };
  const choices = {
    workspaceId: AUDIT,
    settings: { signInsWorkspaceId: SIGN_INS },
    ...given,
    endpoints: { LOGS: origin },
  };
  return createSignIns(choices, AZURE_CLOUDS.public, { credential, clock: fakeClock() });
}

function readerOf(origin: string, given: Partial<SignInsChoices> = {}): EvidenceReader {
  const [reader] = readersOf(origin, given);
  if (reader === undefined) throw new Error('no reader');
  return reader;
}

evidenceReaderContract('The sign-ins', { role: /missing role Log Analytics Reader on workspace .*bb/ }, async () => {
  const server = await start(() => ({ body: packed([{ kind: 'identity', window: 'incident', row: ROW }]) }));
  return {
    reader: readerOf(server.origin),
    request: TWO_KINDS,
    others: [
      { ...VAULT, cloud: 'aws' },
      { ...VAULT, id: 'azure:scope:rule' },
    ],
    fail: (fault) => {
      server.weather.next = () => fault;
    },
    asked: () => server.received.length,
    secrets: [TOKEN],
    close: async () => undefined,
  };
});

describe('sign-ins', () => {
  test.each([
    ['their own workspace', {}, SIGN_INS],
    ['that of the audit logs where none is named for them', { settings: {} }, AUDIT],
  ])('are asked in %s', async (_what, given, workspace) => {
    const server = await start(() => ({ body: packed([]) }));
    await readerOf(server.origin, given).read(TWO_KINDS);
    expect(server.received.map(({ path }) => path)).toEqual([`/v1/workspaces/${workspace}/query`]);
  });

  test('are not read where no workspace is known', () => {
    expect(readersOf('http://127.0.0.1:1', { workspaceId: undefined, settings: {} })).toEqual([]);
  });

  test.each<[string, { status: number; body?: unknown }, string, RegExp]>([
    [
      'a workspace without the tables',
      semantic('SEM0100'),
      'not-configured',
      /^Send the categories ManagedIdentitySignInLogs and/,
    ],
    ['a workspace that nothing was sent to', { status: 204 }, 'not-configured', /signInsWorkspaceId of headroom.json$/],
    [
      'no such workspace',
      { status: 404 },
      'not-configured',
      /^No workspace has the id .*bb: correct signInsWorkspaceId/,
    ],
    [
      'a plan that takes no such question',
      semantic('SEM0001'),
      'unsupported',
      /AADManagedIdentitySignInLogs .* to the Analytics plan/,
    ],
  ])('of %s say what to do', async (_what, answer, why, nextStep) => {
    const server = await start(() => answer);
    const [reading] = await readerOf(server.origin).read(TWO_KINDS);
    expect(reading).toMatchObject({ state: 'unavailable', why, nextStep: expect.stringMatching(nextStep) });
  });
});

function semantic(code: string): { status: number; body: unknown } {
  return {
    status: 400,
    body: { error: { code: 'BadArgumentError', innererror: { code: 'SemanticError', innererror: { code } } } },
  };
}
