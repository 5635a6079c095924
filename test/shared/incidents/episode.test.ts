import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addEvent,
  EMPTY_EPISODE,
  type Episode,
  type EpisodeEvent,
  foldEpisode,
  MAX_EVENTS,
  MAX_PHASES,
} from '../../../shared/incidents/episode.ts';
import { at } from './alerts.ts';
import { type Legal, legalState } from './legal-state.ts';

type Kind = 'fired' | 'no-data' | 'resolved';

function signal(kind: Kind, instance: string, seconds: number, id = `${kind}-${instance}-${seconds}`): EpisodeEvent {
  return { id, at: at(seconds), kind, instance, rule: 'r' };
}

const fired = (instance: string, seconds: number): EpisodeEvent => signal('fired', instance, seconds);
const resolved = (instance: string, seconds: number): EpisodeEvent => signal('resolved', instance, seconds);
const noData = (instance: string, seconds: number): EpisodeEvent => signal('no-data', instance, seconds);
const cleared = (seconds: number): EpisodeEvent => ({ id: `c-${seconds}`, at: at(seconds), kind: 'metric-cleared' });
const closed = (seconds: number): EpisodeEvent => ({ id: `p-${seconds}`, at: at(seconds), kind: 'closed', by: 'ada' });

function episodeOf(events: readonly EpisodeEvent[]): Episode {
  return events.reduce(addEvent, EMPTY_EPISODE);
}

/** What the state machine says, in the words of the definition. */
function stateOf(events: readonly EpisodeEvent[]): Legal {
  const { openedAt, fired: hasFired, lifecycle, flaps } = foldEpisode(episodeOf(events));
  return { openedAt, fired: hasFired, lifecycle, flaps };
}

const OPEN = { state: 'open' } as const;

describe('the lifecycle of an incident', () => {
  test.each<[string, EpisodeEvent[], Partial<Legal>]>([
    ['a Fired opens it', [fired('a', 0)], { lifecycle: OPEN, flaps: 0, fired: true, openedAt: at(0) }],
    [
      'its Resolved ends it',
      [fired('a', 0), resolved('a', 60)],
      { lifecycle: { state: 'resolved', at: at(60), by: 'signals' } },
    ],
    ['one of two Resolved leaves it open', [fired('a', 0), fired('b', 5), resolved('a', 60)], { lifecycle: OPEN }],
    [
      'the last Resolved ends it',
      [fired('a', 0), fired('b', 5), resolved('a', 60), resolved('b', 90)],
      { lifecycle: { state: 'resolved', at: at(90), by: 'signals' } },
    ],
    [
      'a Fired after the Resolved is a flap',
      [fired('a', 0), resolved('a', 60), fired('a', 120)],
      { lifecycle: OPEN, flaps: 1, openedAt: at(0) },
    ],
    [
      'a Fired while it is open is none',
      [fired('a', 0), fired('b', 60), fired('a', 90)],
      { lifecycle: OPEN, flaps: 0 },
    ],
    [
      'a Resolved alone opens nothing',
      [resolved('a', 60)],
      { fired: false, openedAt: at(60), lifecycle: { state: 'resolved', at: at(60), by: 'signals' } },
    ],
    [
      'the Fired that comes after its Resolved happened first',
      [resolved('a', 60), fired('a', 0)],
      { fired: true, openedAt: at(0), flaps: 0, lifecycle: { state: 'resolved', at: at(60), by: 'signals' } },
    ],
    [
      'a stray Resolved before the first Fired is no flap',
      [resolved('z', 0), fired('a', 60)],
      { fired: true, flaps: 0, openedAt: at(60), lifecycle: OPEN },
    ],
    [
      'Fired and Resolved of one moment are over',
      [resolved('a', 60), fired('a', 60)],
      { lifecycle: { state: 'resolved', at: at(60), by: 'signals' } },
    ],
    [
      'a Resolved of something unknown says that it went on until then',
      [fired('a', 0), resolved('a', 60), resolved('z', 90)],
      { lifecycle: { state: 'resolved', at: at(90), by: 'signals' }, flaps: 0 },
    ],
    ['no data alone is no Fired', [noData('a', 0)], { fired: false, lifecycle: OPEN }],
    ['no data after a Fired keeps it open', [fired('a', 0), noData('a', 60)], { lifecycle: OPEN, fired: true }],
    [
      'and is over with the Resolved',
      [fired('a', 0), noData('a', 60), resolved('a', 90)],
      { lifecycle: { state: 'resolved', at: at(90), by: 'signals' } },
    ],
    [
      'no data after the Resolved reopens nothing',
      [fired('a', 0), resolved('a', 60), noData('a', 90)],
      { lifecycle: { state: 'resolved', at: at(60), by: 'signals' }, flaps: 0 },
    ],
    [
      'and holds nothing open later',
      [fired('a', 0), resolved('a', 60), noData('a', 90), fired('b', 120), resolved('b', 150)],
      { lifecycle: { state: 'resolved', at: at(150), by: 'signals' }, flaps: 1 },
    ],
    [
      'no data that never fired holds nothing open',
      [noData('a', 0), fired('b', 30), resolved('b', 60)],
      { lifecycle: { state: 'resolved', at: at(60), by: 'signals' } },
    ],
    [
      'the metric read again ends what never resolves',
      [fired('a', 0), fired('b', 30), cleared(600)],
      { lifecycle: { state: 'resolved', at: at(600), by: 'metric' } },
    ],
    [
      'but not what fired after it was read',
      [fired('a', 0), cleared(600), fired('b', 601)],
      { lifecycle: OPEN, flaps: 1 },
    ],
    [
      'of one moment the Fired stands before the reading',
      [cleared(600), fired('a', 600)],
      { lifecycle: { state: 'resolved', at: at(600), by: 'metric' } },
    ],
    [
      'a person ends it although it fires',
      [fired('a', 0), closed(60)],
      { lifecycle: { state: 'resolved', at: at(60), by: 'person' } },
    ],
    [
      'a later Resolved does not end it again',
      [fired('a', 0), closed(60), resolved('a', 90)],
      { lifecycle: { state: 'resolved', at: at(60), by: 'person' } },
    ],
    [
      'a Fired after a person closed it reopens it',
      [fired('a', 0), closed(60), fired('b', 90)],
      { lifecycle: OPEN, flaps: 1 },
    ],
  ])('%s', (_what, events, expected) => {
    expect(stateOf(events)).toMatchObject(expected);
    expect(stateOf(events.toReversed())).toMatchObject(expected);
  });

  test('a repeat of an event gives back the very same episode', () => {
    const episode = episodeOf([fired('a', 0), resolved('a', 60)]);
    expect(addEvent(episode, fired('a', 0))).toBe(episode);
  });

  test('what fired is told since when, and until when', () => {
    const { phases } = foldEpisode(
      episodeOf([fired('a', 0), noData('a', 30), fired('a', 60), fired('b', 10), resolved('b', 40)]),
    );
    expect(phases).toEqual({
      a: { rule: 'r', state: 'fired', firedAt: at(0) },
      b: { rule: 'r', state: 'resolved', firedAt: at(10), resolvedAt: at(40) },
    });
  });
});

const event = fc
  .record({
    kind: fc.constantFrom('fired', 'fired', 'resolved', 'resolved', 'no-data', 'metric-cleared', 'closed'),
    instance: fc.constantFrom('a', 'b', 'c', 'd'),
    seconds: fc.nat({ max: 12 }),
    id: fc.nat({ max: 400 }),
  })
  .map(({ kind, instance, seconds, id }): EpisodeEvent => {
    const shared = { id: `${kind}${id}`, at: at(seconds) };
    if (kind === 'fired' || kind === 'resolved' || kind === 'no-data') return { ...shared, kind, instance, rule: 'r' };
    return kind === 'closed' ? { ...shared, kind, by: 'ada' } : { ...shared, kind: 'metric-cleared' };
  });
const history = fc.uniqueArray(event, { selector: ({ id }) => id, maxLength: 24 });

describe('any history', () => {
  test('gives the state that the definition gives, and never another', () => {
    fc.assert(
      fc.property(history, (events) => {
        expect(stateOf(events)).toEqual(legalState(events));
      }),
      { numRuns: 2_000 },
    );
  });

  test('gives the same episode in any order of arrival, with any repeats', () => {
    const shuffled = history.chain((events) =>
      fc.record({
        events: fc.constant(events),
        arrivals: fc
          .array(fc.constantFrom(...events, ...(events.length === 0 ? [closed(0)] : [])), { maxLength: 8 })
          .chain((repeats) =>
            fc.shuffledSubarray([...events, ...repeats], { minLength: events.length + repeats.length }),
          ),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ events, arrivals }) => {
        const known = events.length === 0 ? [] : arrivals;
        expect(episodeOf(known)).toEqual(episodeOf(events));
      }),
      { numRuns: 1_000 },
    );
  });

  test('has no phase that contradicts itself', () => {
    fc.assert(
      fc.property(history, (events) => {
        for (const phase of Object.values(foldEpisode(episodeOf(events)).phases)) {
          if (phase.state === 'fired')
            expect(phase).toEqual({ rule: 'r', state: 'fired', firedAt: expect.any(String) });
          if (phase.state === 'resolved') expect(phase.resolvedAt).toEqual(expect.any(String));
          if (phase.firedAt !== undefined && phase.resolvedAt !== undefined)
            expect(phase.firedAt <= phase.resolvedAt).toBe(true);
        }
      }),
    );
  });
});

describe('an incident that goes on for weeks', () => {
  /** Fires and resolves once a minute, a new instance each time, as Azure does. */
  const cycles = (count: number): EpisodeEvent[] =>
    Array.from({ length: count }, (_, i) => [fired(`i${i}`, i * 60), resolved(`i${i}`, i * 60 + 30)]).flat();

  test.each([MAX_EVENTS / 2, MAX_EVENTS / 2 + 1, MAX_EVENTS, MAX_EVENTS * 3])(
    'keeps its state over %i cycles',
    (count) => {
      const events = cycles(count);
      expect(stateOf(events)).toEqual(legalState(events));
    },
  );

  test('stays small', () => {
    const episode = episodeOf(cycles(MAX_EVENTS * 3));
    expect(episode.events.length).toBeLessThanOrEqual(MAX_EVENTS);
    expect(Object.keys(episode.base?.phases ?? {}).length).toBeLessThanOrEqual(MAX_PHASES);
  });

  test('forgets what is over before what still fires', () => {
    const held = Array.from({ length: 5 }, (_, i) => fired(`held${i}`, i));
    const events = [...held, ...cycles(MAX_EVENTS)];
    const { phases, lifecycle } = foldEpisode(episodeOf(events));
    expect(held.map((_, i) => phases[`held${i}`]?.state)).toEqual(held.map(() => 'fired'));
    expect(lifecycle).toEqual(OPEN);
  });

  test('a repeat from before what was folded opens nothing', () => {
    const events = cycles(MAX_EVENTS);
    const episode = episodeOf(events);
    const folded = events.filter((event) => event.at < (episode.through ?? ''));
    expect(folded.length).toBeGreaterThan(MAX_EVENTS / 2);
    for (const old of folded) expect(addEvent(episode, old)).toBe(episode);
  });

  test('the Resolved of what still fires counts however late it comes', () => {
    const events = [fired('long', 0), ...cycles(MAX_EVENTS)];
    const episode = addEvent(episodeOf(events), resolved('long', 100));
    expect(foldEpisode(episode)).toMatchObject({ lifecycle: { state: 'resolved', by: 'signals' } });
  });

  test('a Resolved from before the Fired that still holds does not count', () => {
    const events = [fired('long', 300), ...cycles(MAX_EVENTS)];
    const episode = episodeOf(events);
    expect(addEvent(episode, resolved('long', 100))).toBe(episode);
  });

  test('hundreds of events of one moment are all taken in', () => {
    const events = Array.from({ length: MAX_EVENTS * 2 }, (_, i) => fired(`i${i % 3}`, 0)).map((one, i) => ({
      ...one,
      id: `e${i}`,
    }));
    const ended = ['i0', 'i1', 'i2'].map((instance) => resolved(instance, 60));
    expect(stateOf([...events, ...ended])).toEqual({
      openedAt: at(0),
      fired: true,
      flaps: 0,
      lifecycle: { state: 'resolved', at: at(60), by: 'signals' },
    });
  });
});
