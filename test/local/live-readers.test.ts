import { expect, test } from 'vitest';
import { liveReaders } from '../../local/live-readers.ts';
import { fakeClock, seededRandom } from '../kit.ts';
import { configOf } from '../shared/config/kit.ts';

const AZURE = '/subscriptions/11111111-1111-1111-1111-111111111111';
const AWS = '123456789012';
const WORKSPACE = '44444444-4444-4444-4444-444444444444';

test.each([
  ['nothing is named', {}, [], false, false],
  ['a subscription is in scope', {}, [AZURE], true, false],
  ['an account is in scope', {}, [AWS], false, true],
  ['files are given beside scopes', { HEADROOM_LOGS: 'logs' }, [AZURE, AWS], false, false],
  [
    'files are given and a workspace is named',
    { HEADROOM_LOGS: 'logs', HEADROOM_WORKSPACE_ID: WORKSPACE },
    [],
    true,
    false,
  ],
  [
    'files are given and CloudWatch is named',
    { HEADROOM_LOGS: 'logs', HEADROOM_CLOUDWATCH_ENDPOINT: 'https://c.example' },
    [],
    false,
    true,
  ],
])('where %s, one machine asks the clouds that were meant', (_case, environment, scopes, azure, aws) => {
  const config = configOf(environment, { settings: { scopes } });
  const stores = liveReaders(config, { clock: fakeClock(), random: seededRandom(1) }).map(({ store }) => store);
  expect(stores.some((store) => /azure|log analytics|resource graph/i.test(store))).toBe(azure);
  expect(stores.some((store) => /cloudwatch/i.test(store))).toBe(aws);
});
