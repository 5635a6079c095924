import { openPayloadFolder } from '../../../../shared/adapters/files/payloads.ts';
import { payloadStoreContract } from '../../../contract/payload-store.ts';
import { fakeClock } from '../../../kit.ts';
import { makeFolder, removeFolder } from '../folder.ts';

payloadStoreContract('files', async () => {
  const clock = fakeClock();
  const folder = makeFolder();
  return {
    payloads: await openPayloadFolder({ folder, clock }),
    now: () => new Date(clock.now()).toISOString(),
    advance: async (ms) => clock.advance(ms),
    close: async () => removeFolder(folder),
  };
});
