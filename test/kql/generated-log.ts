import fc from 'fast-check';
import { type Asked, line } from '../shared/evidence/kit.ts';

const APPS = ['11111111-aaaa-4111-8111-000000000001', '22222222-BBBB-4222-8222-000000000002', 'app-three'] as const;
const PEOPLE = ['someone@contoso.com', 'Other@Contoso.com'] as const;
const CLIENTS = ['azsdk-net-Security.KeyVault.Secrets/4.7.0 (.NET 8.0.11)', 'azsdk-python-keyvault-secrets/4.8.0', ''];
/** Each thing is asked for in the ways of one limit: which limit a need that counts against two is of, is anybody's guess. */
const OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  one: ['SecretGet'],
  Two: ['SecretGet', 'SecretGet', 'SecretList'],
  three: ['KeySign', 'KeyGet', 'KeyUnwrap'],
  four: ['SecretSet', 'VaultGet'],
};
const STATUSES = [200, 200, 200, 200, 429, 429, 429, 403, 404, 500] as const;
const KEYS = [undefined, { type: 'RSA', size: 2048 }, { type: 'EC-HSM' }, { type: 'RSA-HSM', size: '4096' }];

/** Seconds before the window in which the same hours of the day before begin. */
const DAY_S = 86_400;

/** One request, as often as not near others in time, so that refusals have retries and rests have ends. */
const asked = fc.record({
  at: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 30 }).map((tenth) => 300 + tenth / 2) },
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 11_990 }).map((tenth) => tenth / 10) },
    { weight: 2, arbitrary: fc.integer({ min: -3_800, max: -1 }) },
    { weight: 1, arbitrary: fc.integer({ min: -DAY_S, max: -DAY_S + 1_100 }) },
    { weight: 1, arbitrary: fc.integer({ min: -7 * DAY_S, max: -7 * DAY_S + 1_100 }) },
  ),
  app: fc.constantFrom(...APPS),
  person: fc.option(fc.constantFrom(...PEOPLE), { freq: 6, nil: undefined }),
  oid: fc.option(fc.constantFrom('33333333-cccc-4333-8333-000000000003', 'oid-x'), { freq: 3, nil: undefined }),
  anonymous: fc.integer({ min: 0, max: 7 }).map((one) => one === 0),
  address: fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.1.7'),
  client: fc.constantFrom(...CLIENTS),
  secret: fc.constantFrom('one', 'one', 'Two', 'three', 'four'),
  way: fc.nat({ max: 11 }),
  status: fc.constantFrom(...STATUSES),
  durationMs: fc.integer({ min: 1, max: 900 }),
  key: fc.constantFrom(...KEYS),
});

/** Lines of an exported log: no two requests at one moment, so that nothing depends on how a tie is broken. */
export const generatedLog: fc.Arbitrary<readonly string[]> = fc
  .array(asked, { minLength: 1, maxLength: 160, size: 'max' })
  .map((records) => records.map((record, index) => lineOf(record, index)));

function lineOf(record: typeof asked extends fc.Arbitrary<infer T> ? T : never, index: number): string {
  const { app, person, oid, anonymous, key, way, ...plain } = record;
  const ways = OPERATIONS[plain.secret] ?? [];
  const operation = ways[way % ways.length] ?? 'SecretGet';
  const challenge = anonymous && plain.status !== 429;
  const text: Asked = {
    ...plain,
    operation,
    ...(challenge && { operation: 'Authentication', status: 401 }),
    at: plain.at + index / 1_000,
    appId: anonymous ? null : app,
    ...(!anonymous && person !== undefined && { upn: person }),
    ...(!anonymous && oid !== undefined && { oid }),
    correlationId: `correlation-${index}`,
  };
  const written = JSON.parse(line(text));
  if (key !== undefined && operation.startsWith('Key')) written.properties.keyProperties = key;
  return JSON.stringify(written);
}
