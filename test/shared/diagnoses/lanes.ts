import type { Evidence } from '../../../shared/model.ts';
import { type Asked, gatherFrom, line, withFiles } from '../evidence/kit.ts';
import type { Changes } from './kit.ts';

/** Requests that the vault of these tests admits in any 10 s, by class, as published. */
export const ADMITS = { secret: 4000, create: 300, key: 4000 } as const;
type Class = keyof typeof ADMITS;

const WINDOW_S = 10;
const WAITS_S = [1, 2, 4, 8, 16];
/** Retries fall into a later bucket than the try before them. */
const BUCKETS_PER_S = 10;
const LOG_FROM_S = -3_900;
const GOLDEN = 0.618_033_988_75;

export type Offer = Asked & { operation: string; keyProperties?: unknown };

function classOf(operation: string): Class {
  return operation === 'SecretSet' ? 'create' : operation.startsWith('Key') ? 'key' : 'secret';
}

/** What the vault answers to these requests and to the retries of those it refuses: exported lines. */
export function served(offers: readonly Offer[], admits: Partial<Record<Class, number>> = {}): string[] {
  const buckets = new Map<number, { offer: Offer; tries: number }[]>();
  const put = (offer: Offer, tries: number): void => {
    const bucket = Math.floor(offer.at * BUCKETS_PER_S);
    const waiting = buckets.get(bucket);
    if (waiting === undefined) buckets.set(bucket, [{ offer, tries }]);
    else waiting.push({ offer, tries });
  };
  for (const offer of offers) put(offer, 0);
  const admitted: Record<Class, number[]> = { secret: [], create: [], key: [] };
  const lines: string[] = [];
  const last = Math.max(...buckets.keys()) + 60 * BUCKETS_PER_S;
  for (let bucket = LOG_FROM_S * BUCKETS_PER_S; bucket <= last; bucket++)
    for (const { offer, tries } of (buckets.get(bucket) ?? []).sort((a, b) => a.offer.at - b.offer.at)) {
      const lane = admitted[classOf(offer.operation)];
      while ((lane[0] ?? offer.at) <= offer.at - WINDOW_S) lane.shift();
      const full = lane.length >= { ...ADMITS, ...admits }[classOf(offer.operation)];
      if (!full) lane.push(offer.at);
      lines.push(recordOf(offer, full ? 429 : (offer.status ?? 200)));
      const wait = WAITS_S[tries];
      if (full && wait !== undefined) put({ ...offer, at: offer.at + wait }, tries + 1);
    }
  return lines;
}

function recordOf(offer: Offer, status: number | string): string {
  const text = line({ ...offer, status });
  if (classOf(offer.operation) !== 'key') return text;
  const record = JSON.parse(text);
  const id = `https://kv-contoso.vault.azure.net/keys/${offer.secret ?? 'key'}`;
  const { keyProperties } = offer;
  return JSON.stringify({ ...record, properties: { ...record.properties, id, requestUri: id, keyProperties } });
}

export async function evidenceOf(lines: readonly string[]): Promise<Evidence> {
  return withFiles({ 'log.json': `${lines.join('\n')}\n` }, (folder) => gatherFrom([folder]));
}

/**
 * The same request at an even rate from eight addresses, over ten targets unless told otherwise. Times are spread by the
 * golden ratio: what comes at even times falls into step with the window, and is then always served or always refused.
 */
export function steady(
  asked: Partial<Offer> & { operation: string },
  { from, to, perS, targets = 10 }: { from: number; to: number; perS: number; targets?: number },
): Offer[] {
  return Array.from({ length: Math.round((to - from) * perS) }, (_, index) => ({
    address: `10.0.${(asked.appId ?? 'app-a').length}.${index % 8}`,
    secret: `t${index % targets}`,
    ...asked,
    at: from + (index + ((index * GOLDEN) % 1)) / perS,
  }));
}

/** Others that stay far below every limit, and what `caller` did before. */
export function quiet(caller?: Partial<Offer> & { operation: string }): Offer[] {
  const whole = { from: LOG_FROM_S, to: 1_100 };
  return [
    ...steady({ operation: 'SecretGet', appId: 'reader' }, { ...whole, perS: 0.5 }),
    ...steady({ operation: 'SecretGet', appId: 'reader-two' }, { ...whole, perS: 0.2 }),
    ...steady({ operation: 'SecretSet', appId: 'other-writer', secret: 'w' }, { ...whole, perS: 0.1 }),
    ...steady({ operation: 'KeyUnwrap', appId: 'other-signer' }, { ...whole, perS: 0.2 }),
    ...(caller === undefined ? [] : steady(caller, { ...whole, perS: 0.2 })),
  ];
}

/** A change by which one caller makes this share, in percent, of the first tries of a class, and everyone else the rest. */
export function sharing(caller: string, name: Class, percent: number): Changes {
  return {
    load: (row) => {
      const first = row['first'];
      if (row['class'] !== name || !Array.isArray(first)) return {};
      return {
        first: first.map(() =>
          row['caller'] === caller ? percent : row['caller'] === REST_OF[name] ? 100 - percent : 0,
        ),
      };
    },
  };
}

/** Of the quiet callers one for each class stands for the rest. */
const REST_OF: Record<Class, string> = { secret: 'reader', create: 'other-writer', key: 'other-signer' };
