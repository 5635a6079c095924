import { createMemoryPayloads } from '../../../../shared/adapters/memory/payloads.ts';
import { createMemoryQueue } from '../../../../shared/adapters/memory/queue.ts';
import { createMemoryRecords } from '../../../../shared/adapters/memory/records.ts';
import { payloadStoreContract } from '../../../contract/payload-store.ts';
import { queueContract } from '../../../contract/queue.ts';
import { recordsContract } from '../../../contract/records.ts';
import { fakeClock } from '../../../kit.ts';

const nothing = async (): Promise<void> => {};

recordsContract('memory', async () => ({ records: createMemoryRecords(), close: nothing }));

queueContract(
  'memory',
  async () => {
    const clock = fakeClock();
    const queue = createMemoryQueue({ clock, maxAttempts: 3 });
    return { queue, maxAttempts: 3, advance: async (ms) => clock.advance(ms), close: nothing };
  },
  { ordered: true },
);

payloadStoreContract('memory', async () => {
  const clock = fakeClock();
  const now = (): string => new Date(clock.now()).toISOString();
  return { payloads: createMemoryPayloads({ clock }), now, advance: async (ms) => clock.advance(ms), close: nothing };
});
