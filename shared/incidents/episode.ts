import type { Incident, Time } from '../model.ts';

/** A Fired within this time of the last Resolved reopens the incident; later it is a new one (design §3). */
export const REOPEN_WITHIN_MS = 15 * 60_000;

/** Events kept one by one; older ones are folded into a base, so that an alert that fires for weeks stays small. */
export const MAX_EVENTS = 400;

/** Alert instances remembered from folded events: rules that never resolve make a new one at each evaluation. */
const MAX_PHASES = 64;

/** What happened to one incident, as far as its lifecycle is concerned. `id` makes a repeat of the same event harmless. */
export type EpisodeEvent = { id: string; at: Time } & (
  | { kind: 'fired' | 'no-data' | 'resolved'; instance: string }
  /** The metric was read again and is back to normal: resolves what fired at or before `at`. */
  | { kind: 'metric-cleared' }
  | { kind: 'closed'; by: string }
);

export type SignalPhase = { state: 'fired' | 'resolved' | 'no-data'; firedAt?: Time; resolvedAt?: Time };

/** What a fold over events gives; plain data, so that a base can be stored. */
export type EpisodeState = {
  openedAt: Time | null;
  /** A signal has really fired: before that, a lone Resolved or no-data posts nothing. */
  fired: boolean;
  lifecycle: Incident['lifecycle'];
  flaps: number;
  phases: Record<string, SignalPhase>;
};

export type Episode = { base: EpisodeState | null; events: EpisodeEvent[] };

export const EMPTY_EPISODE: Episode = { base: null, events: [] };

const INITIAL: EpisodeState = { openedAt: null, fired: false, lifecycle: { state: 'open' }, flaps: 0, phases: {} };

/** Sorts by time, then id, so that the order of arrival does not matter. */
function byTime(a: EpisodeEvent, b: EpisodeEvent): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** The episode with the event in it; the same episode when that event is there already. */
export function addEvent(episode: Episode, event: EpisodeEvent): Episode {
  if (episode.events.some((known) => known.id === event.id)) return episode;
  const events = [...episode.events, event].sort(byTime);
  if (events.length <= MAX_EVENTS) return { base: episode.base, events };
  const folded = foldFrom(episode.base ?? INITIAL, events.slice(0, MAX_EVENTS / 2));
  return { base: { ...folded, phases: boundPhases(folded.phases) }, events: events.slice(MAX_EVENTS / 2) };
}

/** Keeps the phases that can still matter: settled ones go first, then those that fired longest ago. */
function boundPhases(phases: EpisodeState['phases']): EpisodeState['phases'] {
  const kept = Object.entries(phases).sort(([a, x], [b, y]) => rank(y) - rank(x) || since(y, x) || (a < b ? -1 : 1));
  return Object.fromEntries(kept.slice(0, MAX_PHASES));
}

function rank(phase: SignalPhase): number {
  return phase.state === 'resolved' ? 0 : 1;
}

function since(a: SignalPhase, b: SignalPhase): number {
  const [x, y] = [a.firedAt ?? a.resolvedAt ?? '', b.firedAt ?? b.resolvedAt ?? ''];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** The state of the incident: a fold over its events in order of time. */
export function foldEpisode(episode: Episode): EpisodeState {
  return foldFrom(episode.base ?? INITIAL, episode.events);
}

function foldFrom(start: EpisodeState, events: readonly EpisodeEvent[]): EpisodeState {
  return events.reduce(step, start);
}

function step(state: EpisodeState, event: EpisodeEvent): EpisodeState {
  const next: EpisodeState = {
    ...state,
    openedAt: state.openedAt === null || event.at < state.openedAt ? event.at : state.openedAt,
  };
  switch (event.kind) {
    case 'fired':
      return fire(next, event.instance, event.at);
    case 'no-data':
      return {
        ...next,
        phases: { ...next.phases, [event.instance]: { ...next.phases[event.instance], state: 'no-data' } },
      };
    case 'resolved':
      return settle(resolvePhase(next, event.instance, event.at), event.at, 'signals');
    case 'metric-cleared':
      return settle(
        Object.entries(next.phases).reduce(
          (s, [instance, phase]) => (phase.state === 'resolved' ? s : resolvePhase(s, instance, event.at)),
          next,
        ),
        event.at,
        'metric',
      );
    case 'closed':
      return next.lifecycle.state === 'resolved'
        ? next
        : { ...next, lifecycle: { state: 'resolved', at: event.at, by: 'person' } };
  }
}

function fire(state: EpisodeState, instance: string, at: Time): EpisodeState {
  const known = state.phases[instance];
  const firedAt = known?.state === 'fired' && known.firedAt !== undefined ? known.firedAt : at;
  const phases = { ...state.phases, [instance]: { ...known, state: 'fired' as const, firedAt } };
  const reopens = state.lifecycle.state === 'resolved' && state.fired;
  return { ...state, fired: true, phases, lifecycle: { state: 'open' }, flaps: state.flaps + (reopens ? 1 : 0) };
}

function resolvePhase(state: EpisodeState, instance: string, at: Time): EpisodeState {
  const phase: SignalPhase = { ...state.phases[instance], state: 'resolved', resolvedAt: at };
  return { ...state, phases: { ...state.phases, [instance]: phase } };
}

/** Resolved once no signal is fired or without data any more. */
function settle(state: EpisodeState, at: Time, by: 'signals' | 'metric'): EpisodeState {
  const open = Object.values(state.phases).some(
    (phase) => phase.state === 'fired' || (phase.state === 'no-data' && phase.firedAt !== undefined),
  );
  if (open || state.lifecycle.state === 'resolved') return state;
  return { ...state, lifecycle: { state: 'resolved', at, by } };
}
