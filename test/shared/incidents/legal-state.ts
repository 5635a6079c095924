import type { EpisodeEvent, EpisodeState } from '../../../shared/incidents/episode.ts';

export type Legal = Omit<EpisodeState, 'phases'>;

const ORDER = ['fired', 'no-data', 'resolved', 'metric-cleared', 'closed'];

/**
 * The definition of an incident's state, written without a state machine: it looks at whole histories.
 *
 * An instance is held while its last Fired stands after its last Resolved and the last reading of the metric. The incident
 * ends with the first event after the last Fired that is a person's word, or that ends something and leaves nothing held;
 * where that was no person's word, a later Resolved says that it went on until then, unknown though its Fired is. Each
 * Fired that finds it ended, after another Fired, is a flap.
 */
export function legalState(history: readonly EpisodeEvent[]): Legal {
  const events = history.toSorted(
    (a, b) =>
      Date.parse(a.at) - Date.parse(b.at) || ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || (a.id < b.id ? -1 : 1),
  );
  const firstFired = events.findIndex(({ kind }) => kind === 'fired');
  const end = endOf(events);
  return {
    openedAt: events[Math.max(0, firstFired)]?.at ?? null,
    fired: firstFired >= 0,
    lifecycle: end ? { state: 'resolved', at: end.at, by: byOf(end) } : { state: 'open' },
    flaps: events.filter(({ kind }, i) => kind === 'fired' && firstFired < i && endOf(events.slice(0, i)) !== undefined)
      .length,
  };
}

function endOf(events: readonly EpisodeEvent[]): EpisodeEvent | undefined {
  const first = firstEndOf(events);
  if (!first || first.kind === 'closed') return first;
  return events.findLast((event, i) => event.kind === 'resolved' && i > events.indexOf(first)) ?? first;
}

function firstEndOf(events: readonly EpisodeEvent[]): EpisodeEvent | undefined {
  const lastFired = events.findLastIndex(({ kind }) => kind === 'fired');
  return events.find((event, i) => {
    if (i <= lastFired) return false;
    if (event.kind === 'closed') return true;
    return (
      (event.kind === 'resolved' || event.kind === 'metric-cleared') && heldAfter(events.slice(0, i + 1)).size === 0
    );
  });
}

function heldAfter(events: readonly EpisodeEvent[]): Set<string> {
  const instances = new Set(events.flatMap((event) => ('instance' in event ? event.instance : [])));
  return new Set(
    [...instances].filter((instance) => {
      const own = (event: EpisodeEvent): boolean => 'instance' in event && event.instance === instance;
      const lastFired = events.findLastIndex((event) => event.kind === 'fired' && own(event));
      const lastEnd = events.findLastIndex(
        (event) => event.kind === 'metric-cleared' || (event.kind === 'resolved' && own(event)),
      );
      return lastFired > lastEnd;
    }),
  );
}

function byOf({ kind }: EpisodeEvent): 'signals' | 'metric' | 'person' {
  return kind === 'closed' ? 'person' : kind === 'metric-cleared' ? 'metric' : 'signals';
}
