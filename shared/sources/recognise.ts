import type { Source } from '../model.ts';

/** The source that a body belongs to, told by its shape; null when none of them knows it. */
export function detectSource(sources: readonly Source[], body: unknown): Source | null {
  return sources.find((source) => source.recognises(body)) ?? null;
}
