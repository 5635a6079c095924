import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { AWS_CREDENTIALS } from '../../infra/aws-credentials.ts';
import { bundleFile } from '../../infra/build.ts';
import type { awsStores } from '../../shared/adapters/aws/stores.ts';
import { type FaultyServer, type Received, startFaultyServer } from '../../simulation/servers/faulty-server.ts';

type BuiltStores = { awsStores: typeof awsStores };

const LATER = '2099-01-01T00:00:00Z';
const KEYS = { AccessKeyId: 'given', SecretAccessKey: 'b', Token: 'c', SessionToken: 'c', Expiration: LATER };

/** Credentials of this process, which are not asked here. */
const OF_ENVIRONMENT = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_PROFILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_ROLE_ARN',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
];

let folder: string;
let server: FaultyServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-credentials-'));
  await Promise.all([
    bundleFile('shared/adapters/aws/stores.ts', join(folder, 'alone', 'stores.cjs')),
    bundleFile('shared/adapters/aws/stores.ts', join(folder, 'whole', 'stores.cjs')),
    bundleFile(AWS_CREDENTIALS, join(folder, 'whole', 'aws-credentials.cjs')),
  ]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  server = await startFaultyServer(answer);
  for (const name of OF_ENVIRONMENT) vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'none'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'none'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

/** Credentials, as containers, instances and the token service give them; and an empty table. */
function answer({ path, method, body }: Received): { status: number; body: string; headers?: Record<string, string> } {
  if (body.includes('Action=AssumeRoleWithWebIdentity'))
    return {
      status: 200,
      headers: { 'content-type': 'text/xml' },
      body: `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials>
        <AccessKeyId>given</AccessKeyId><SecretAccessKey>b</SecretAccessKey><SessionToken>c</SessionToken><Expiration>${LATER}</Expiration>
        </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
    };
  if (path === '/latest/api/token' && method === 'PUT') return { status: 200, body: 'session' };
  if (path === '/latest/meta-data/iam/security-credentials/') return { status: 200, body: 'role' };
  if (method === 'GET') return { status: 200, body: JSON.stringify({ Code: 'Success', ...KEYS }) };
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: '{}' };
}

/** The key that the first request to the table is signed with. */
async function signedWith(built: 'alone' | 'whole'): Promise<string | undefined> {
  const loaded: BuiltStores = await import(join(folder, built, 'stores.cjs'));
  const stores = loaded.awsStores({ DYNAMODB: server.origin }, () => Date.now());
  const records = await stores.records.open({ kind: 'dynamodb', table: 'headroom' });
  expect(await records.get({ partition: 'p', id: 'a' })).toBeNull();
  const signed = server.received.find(({ headers }) => headers['x-amz-target'] !== undefined);
  return /Credential=([^/]+)\//.exec(signed?.headers.authorization ?? '')?.[1];
}

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

describe('a built lambda', () => {
  test('signs with the keys of its environment, and loads nothing further for that', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'given');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'b');
    vi.stubEnv('AWS_SESSION_TOKEN', 'c');
    expect(await signedWith('alone')).toBe('given');
  });

  test.each<[string, () => Record<string, string>]>([
    [
      'a profile',
      () => {
        const text = '[operator]\naws_access_key_id = given\naws_secret_access_key = b\n';
        return { AWS_PROFILE: 'operator', AWS_SHARED_CREDENTIALS_FILE: write('profile', text) };
      },
    ],
    [
      'a process that a profile names',
      () => {
        const keys = write('keys.json', JSON.stringify({ Version: 1, ...KEYS }));
        const text = `[profile operator]\ncredential_process = cat ${keys}\n`;
        return { AWS_PROFILE: 'operator', AWS_CONFIG_FILE: write('process', text) };
      },
    ],
    [
      'a web identity',
      () => ({
        AWS_WEB_IDENTITY_TOKEN_FILE: write('token', 'ey.ey.ey'),
        AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/headroom',
        AWS_ENDPOINT_URL_STS: server.origin,
      }),
    ],
    ['a container', () => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${server.origin}/credentials` })],
    ['an instance', () => ({ AWS_EC2_METADATA_SERVICE_ENDPOINT: server.origin, AWS_EC2_METADATA_DISABLED: 'false' })],
  ])('signs with the keys of %s where its environment holds none', async (_source, environment) => {
    for (const [name, value] of Object.entries(environment())) vi.stubEnv(name, value);
    expect(await signedWith('whole')).toBe('given');
  });

  test('says so where there are none', async () => {
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    await expect(signedWith('whole')).rejects.toMatchObject({ name: 'HeadroomError', kind: 'denied' });
  });
});
