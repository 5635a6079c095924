import { LANGUAGES, type Language } from '../callers/clients.ts';
import { LANGUAGE_RETRY, type Retry } from '../callers/retry.ts';
import { logarithmic, type Random } from '../random.ts';
import type { CorpusStage } from './stage.ts';

/** What can be the matter with a log, as the product names it. */
export const CORPUS_KINDS = [
  'missing-cache',
  'startup-stampede',
  'restart-loop',
  'polling',
  'failing-loop',
  'service-caller',
  'enumeration',
  'client-per-call',
  'write-pressure',
  'key-type-limit',
  'subscription-limit',
  'identity-outage',
  'noisy-neighbour',
  'organic-growth',
  'transient',
  'retry-storm',
  'unpaced-retries',
] as const;

export type CorpusKind = (typeof CORPUS_KINDS)[number];
export type CorpusRole = 'trigger' | 'amplifier' | 'condition';

/** What a part is to be drawn for. */
export type Draw = {
  random: Random;
  /** Of the application. */
  name: string;
  /** Secret reads that the vault admits per 10 s. */
  limit: number;
  /** What the part asks at its peak, in multiples of the limit that it meets. */
  demand: number;
  /** After the stage's onset. */
  offsetMs: number;
  instancesPerAddress: number;
  /** Instead of what the client does by default. */
  retry: NamedRetry | null;
  /** Long logs take callers that are quiet before the onset. */
  isLong: boolean;
};

export type NamedRetry = { name: string; retry: Retry };

/** One thing that goes on in a log beside the background. Drawn parameters are kept for show. */
export type Part = {
  kind: CorpusKind;
  role: CorpusRole;
  parameters: Readonly<Record<string, number | string | boolean>>;
  /** How long after the stage's onset it is over. */
  lastsMs: number;
  /** It loads the vault from the first record on, not only from the onset. */
  isSteady: boolean;
  play(stage: CorpusStage): PlayedPart;
};

/** `appId` null where the cause is no single application. */
export type PlayedPart = { appId: string | null; appIds: readonly string[]; onsetMs: number };

export type DrawPart = (draw: Draw) => Part;

/** How a fleet of this language waits: as drawn for the case, else as its client does by default. */
export function retryOf(draw: Draw, language: Language): NamedRetry {
  return draw.retry ?? { name: `${language} default`, retry: LANGUAGE_RETRY[language] };
}

export function languageOf(client: string): Language {
  const [language = ''] = client.split('-');
  return LANGUAGES.find((known) => known === language) ?? 'go';
}

/** Instances and secrets each, of which the product is what is needed, as far as the ranges allow. */
export function sizeFleet(
  random: Random,
  need: number,
  secrets: readonly [number, number],
  instances: readonly [number, number],
): { instances: number; secrets: number } {
  const low = Math.min(secrets[1], Math.max(secrets[0], need / instances[1]));
  const high = Math.max(low, Math.min(secrets[1], need / instances[0]));
  const each = Math.round(logarithmic(random, low, high));
  const many = Math.round(need / each);
  return { secrets: each, instances: Math.min(instances[1], Math.max(instances[0], many)) };
}
