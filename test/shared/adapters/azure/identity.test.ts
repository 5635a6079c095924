import { afterEach, describe, expect, test } from 'vitest';
import { functionAppIdentity, processIdentity } from '../../../../shared/adapters/azure/identity.ts';
import { type Answered, type FaultyServer, startFaultyServer } from '../../../../simulation/servers/faulty-server.ts';
import { fakeClock, seededRandom } from '../../../kit.ts';

const SCOPE = 'https://storage.azure.com/.default';
const EXPIRES_SECONDS = Date.parse('2026-11-20T15:00:00.000Z') / 1_000;

let server: FaultyServer;
afterEach(() => server.close());

async function start(answer: Answered): Promise<{ endpoint: string; secret: string; clientId: undefined }> {
  server = await startFaultyServer(() => answer);
  return { endpoint: `${server.origin}/msi/token`, secret: 'inside', clientId: undefined };
}

function token(fields: object): Answered {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(fields) };
}

describe("a function app's managed identity", () => {
  test.each([
    ['text', String(EXPIRES_SECONDS)],
    ['a number', EXPIRES_SECONDS],
  ])('asks for the resource of the scope and reads a token whose end is %s', async (_what, expires_on) => {
    const identity = functionAppIdentity(await start(token({ access_token: 't', expires_on })));
    expect(await identity.getToken(SCOPE)).toEqual({ token: 't', expiresOnTimestamp: EXPIRES_SECONDS * 1_000 });
    const [asked] = server.received;
    expect(asked?.path).toBe('/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fstorage.azure.com');
    expect(asked?.headers['x-identity-header']).toBe('inside');
  });

  test('names the identity where the app has several', async () => {
    const options = await start(token({ access_token: 't', expires_on: EXPIRES_SECONDS }));
    await functionAppIdentity({ ...options, clientId: 'a-client' }).getToken(SCOPE);
    expect(server.received[0]?.path).toContain('&client_id=a-client');
  });

  test.each([
    [{ status: 400, body: 'no identity' }, { statusCode: 400 }],
    [{ status: 500, body: '' }, { statusCode: 500 }],
    [token({ access_token: '' }), { code: 'PARSE_ERROR' }],
    [token({ access_token: 't', expires_on: 'tomorrow' }), { code: 'PARSE_ERROR' }],
  ])('fails when it is given no token (%#)', async (answer, expected) => {
    await expect(functionAppIdentity(await start(answer)).getToken(SCOPE)).rejects.toMatchObject(expected);
  });

  test('is asked once for all clients, and its token outlives it', async () => {
    const options = await start(token({ access_token: 't', expires_on: EXPIRES_SECONDS }));
    const clock = fakeClock();
    const identity = processIdentity(
      { IDENTITY_ENDPOINT: options.endpoint, IDENTITY_HEADER: options.secret },
      { clock, random: seededRandom(1) },
    );
    await Promise.all([identity.getToken(SCOPE), identity.getToken(SCOPE), identity.getToken([SCOPE])]);
    expect(server.received).toHaveLength(1);
    server.faults.push({ status: 503 });
    clock.advance(56 * 60_000);
    expect((await identity.getToken(SCOPE)).token).toBe('t');
  });
});
