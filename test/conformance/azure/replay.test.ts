import { afterAll, test, vi } from 'vitest';
import { replayOverCloud } from '../replay.ts';
import { placeIn, startIdentity } from './account.ts';

const identity = await startIdentity();
afterAll(() => {
  vi.unstubAllEnvs();
  return identity.close();
});

test('the command line replays over a storage account, as whoever has signed in', async () => {
  for (const [name, value] of Object.entries(identity.endpoint.environment)) vi.stubEnv(name, value);
  await replayOverCloud({
    HEADROOM_RECORDS: `table:${placeIn('table')}`,
    HEADROOM_QUEUE: `storage:${placeIn('queue')}`,
    HEADROOM_PAYLOADS: `blob:${placeIn('blob')}`,
  });
});
