import type { Link, Signal } from '../model.ts';
import type { RuleDetail } from './record.ts';

/**
 * UTF-8 bytes of JSON that one rule may take of the incident's record, where it stands twice: as it was told, and as people
 * see it. 16 rules must leave room for the rest of 256 KiB. Usual alerts take 1,000 to 2,000; of one that takes more, each part is cut to its share. The payload keeps it all.
 */
export const RULE_BYTES = 3_500;

const SHARE_BYTES = { id: 400, name: 400, description: 300, custom: 500, links: 400, signals: 700 } as const;
const SIGNAL_BYTES = { metric: 250, word: 60, dimensions: 200 } as const;

/** Custom properties that routes look at by name; they are kept before all others. */
const ROUTED_BY = ['team', 'owner'];

/** The detail as it is while it fits, else its parts cut to their shares. */
export function boundDetail(detail: RuleDetail): RuleDetail {
  if (bytesOf(detail) <= RULE_BYTES) return detail;
  const { ruleId, description, ...rest } = detail;
  return {
    ...rest,
    rule: cutBytes(detail.rule, SHARE_BYTES.name),
    instance: cutBytes(detail.instance, SHARE_BYTES.id),
    ...(ruleId === undefined ? {} : { ruleId: cutBytes(ruleId, SHARE_BYTES.id) }),
    ...(description === undefined ? {} : { description: cutBytes(description, SHARE_BYTES.description) }),
    custom: Object.fromEntries(whatFits(customInOrder(detail.custom), SHARE_BYTES.custom)),
    links: whatFits<Link>(detail.links, SHARE_BYTES.links),
    signals: whatFits(detail.signals.map(shrinkSignal), SHARE_BYTES.signals),
  };
}

function customInOrder(custom: Record<string, string>): [string, string][] {
  const first = (name: string): number => (ROUTED_BY.includes(name.toLowerCase()) ? 0 : 1);
  return Object.entries(custom).sort(([a], [b]) => first(a) - first(b));
}

function shrinkSignal(signal: Signal): Signal {
  const { namespace, operator, aggregation } = signal;
  return {
    ...signal,
    metric: cutBytes(signal.metric, SIGNAL_BYTES.metric),
    ...(namespace === undefined ? {} : { namespace: cutBytes(namespace, SIGNAL_BYTES.word) }),
    ...(operator === undefined ? {} : { operator: cutBytes(operator, SIGNAL_BYTES.word) }),
    ...(aggregation === undefined ? {} : { aggregation: cutBytes(aggregation, SIGNAL_BYTES.word) }),
    dimensions: Object.fromEntries(whatFits(Object.entries(signal.dimensions), SIGNAL_BYTES.dimensions)),
  };
}

/** Items in order, without those for which no room is left. */
function whatFits<T>(items: readonly T[], maxBytes: number): T[] {
  let left = maxBytes;
  return items.filter((item) => {
    const bytes = bytesOf(item);
    if (bytes > left) return false;
    left -= bytes;
    return true;
  });
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** The text, or its beginning and `…`, so that its JSON takes no more than the bytes. */
function cutBytes(text: string, maxBytes: number): string {
  if (bytesOf(text) <= maxBytes) return text;
  const characters = [...text];
  for (;;) {
    const cut = `${characters.join('')}…`;
    const bytes = bytesOf(cut);
    if (bytes <= maxBytes) return cut;
    characters.length = Math.floor(characters.length * Math.min(0.95, maxBytes / bytes));
  }
}
