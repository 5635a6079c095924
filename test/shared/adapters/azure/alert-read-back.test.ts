import { afterEach, describe, expect, test } from 'vitest';
import { createAzureReadBack } from '../../../../shared/adapters/azure/alert-read-back.ts';
import { createArmClient } from '../../../../shared/adapters/azure/arm.ts';
import { type Answered, type FaultyServer, startFaultyServer } from '../../../../simulation/servers/faulty-server.ts';
import { fakeClock, seededRandom } from '../../../kit.ts';

const SUBSCRIPTION = '/subscriptions/11111111-1111-1111-1111-111111111111';
const REFERENCE = `${SUBSCRIPTION}/providers/microsoft.alertsmanagement/alerts/22222222-2222-2222-2222-222222222222`;
const VAULT = `${SUBSCRIPTION}/resourceGroups/RG-Shop/providers/Microsoft.KeyVault/vaults/kv-shop`;

let server: FaultyServer;
afterEach(() => server.close());

async function read(answer: Answered): ReturnType<ReturnType<typeof createAzureReadBack>['read']> {
  server = await startFaultyServer(() => answer);
  const clock = { ...fakeClock(), sleep: async () => undefined };
  const arm = createArmClient({
    host: { url: server.origin, scope: 'https://management.azure.com/.default' },
    credential: { getToken: async () => ({ token: 't', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) },
    calls: { clock, random: seededRandom(1) },
  });
  return createAzureReadBack(arm).read(REFERENCE);
}

function alert(essentials: Record<string, unknown>): Answered {
  const start = { startDateTime: '2026-11-20T13:50:00.1234567Z' };
  const body = JSON.stringify({ id: REFERENCE, properties: { essentials: { ...start, ...essentials } } });
  return { status: 200, headers: { 'content-type': 'application/json' }, body };
}

function refused(status: number, code: string): Answered {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ error: { code } }) };
}

describe('an alert that Azure Monitor knows', () => {
  test('is asked for by its id, and tells what it is about and when it changed last', async () => {
    const found = await read(alert({ targetResource: `${VAULT}/`, lastModifiedDateTime: '2026-11-20T14:10:00Z' }));
    expect(found).toEqual({ resources: [VAULT.toLowerCase()], changedAt: '2026-11-20T14:10:00.000Z' });
    const [asked] = server.received;
    expect(decodeURIComponent(asked?.path ?? '')).toBe(`${REFERENCE}?api-version=2019-03-01`);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['only fired', {}, '2026-11-20T13:50:00.123Z'],
    ['was resolved', { monitorConditionResolvedDateTime: '2026-11-20T15:00:00Z' }, '2026-11-20T15:00:00.000Z'],
    ['has a target of null', { targetResource: null, lastModifiedDateTime: null }, '2026-11-20T13:50:00.123Z'],
  ])('and %s changed last then', async (_what, essentials, changedAt) => {
    expect(await read(alert(essentials))).toEqual({ resources: [], changedAt });
  });
});

describe('an alert that Azure Monitor', () => {
  test('does not know is null', async () => {
    expect(await read(refused(404, 'AlertNotFound'))).toBeNull();
  });

  test.each<[string, Answered, Record<string, unknown>]>([
    ['refuses', refused(403, 'AuthorizationFailed'), { kind: 'denied' }],
    ['has no time for', refused(429, 'TooManyRequests'), { kind: 'throttled' }],
    ['cannot give now', refused(503, 'ServiceUnavailable'), { kind: 'unavailable' }],
    ['gives without its time', alert({ startDateTime: 'once' }), { kind: 'unavailable' }],
    ['gives in another shape', { ...alert({}), body: '[]' }, { kind: 'unavailable' }],
  ])('%s is not called unknown', async (_what, answer, expected) => {
    await expect(read(answer)).rejects.toMatchObject(expected);
  });
});
