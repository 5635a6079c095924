import type { Clock, PayloadStore } from '../../ports.ts';
import { checkIdLimit, checkPayloadId } from '../bounds.ts';

/** Payloads that end with the process; bytes are copied in and out. */
export function createMemoryPayloads(options: { clock: Clock }): PayloadStore {
  const { clock } = options;
  const payloads = new Map<string, { bytes: Uint8Array; writtenAtMs: number }>();
  return {
    async put(id, bytes) {
      payloads.set(checkPayloadId(id), { bytes: new Uint8Array(bytes), writtenAtMs: clock.now() });
    },
    async get(id) {
      const payload = payloads.get(checkPayloadId(id));
      return payload === undefined ? null : new Uint8Array(payload.bytes);
    },
    async delete(id) {
      payloads.delete(checkPayloadId(id));
    },
    async olderThan(time, limit) {
      checkIdLimit(limit);
      const beforeMs = Date.parse(time);
      return [...payloads]
        .filter(([, payload]) => payload.writtenAtMs < beforeMs)
        .slice(0, limit)
        .map(([id]) => id);
    },
  };
}
