import { readdirSync } from 'node:fs';
import type { Sample } from './flat.ts';

/** Looks at this process after a full collection; needs `node --expose-gc`. */
export function sampleNow(atMs: number): Sample {
  if (!globalThis.gc) throw new Error('start this with npm run soak: it needs node --expose-gc');
  globalThis.gc();
  return {
    atMs,
    heapBytes: process.memoryUsage().heapUsed,
    handles: process.getActiveResourcesInfo().length,
    descriptors: openDescriptors(),
  };
}

/** 0 where the system does not say. */
function openDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}
