import type { Incident, Time } from '../model.ts';

/** A Fired within this time of the last Resolved reopens the incident; later it is a new one (design §3). */
export const REOPEN_WITHIN_MS = 15 * 60_000;

/** Events kept one by one; older ones are folded into a base, so that an alert that fires for weeks stays small. */
export const MAX_EVENTS = 200;

/** Alert instances remembered from folded events: rules that never resolve make a new one at each evaluation. */
export const MAX_PHASES = 64;

/** What happened to one incident, as far as its lifecycle is concerned. `id` makes a repeat of the same event harmless. */
export type EpisodeEvent = { id: string; at: Time } & (
  | { kind: 'fired' | 'no-data' | 'resolved'; instance: string; rule: string }
  /** The metric was read again and is back to normal: resolves what fired at or before `at`. */
  | { kind: 'metric-cleared' }
  | { kind: 'closed'; by: string }
  /** The first region tells of it from now on. */
  | { kind: 'merged' }
);

type SignalEvent = EpisodeEvent & { kind: 'fired' | 'no-data' | 'resolved' };

/** How one alert instance stands. `firedAt`: since when it fires, or fired last; `resolvedAt`: there once that is over. */
export type SignalPhase = { rule: string; state: 'fired' | 'resolved' | 'no-data'; firedAt?: Time; resolvedAt?: Time };

/** What a fold over events gives; plain data, so that a base can be stored. */
export type EpisodeState = {
  /** When the first signal fired; before that, when the first event was. */
  openedAt: Time | null;
  /** A signal has really fired: before that, a lone Resolved or no-data posts nothing. */
  fired: boolean;
  lifecycle: Incident['lifecycle'];
  flaps: number;
  /** By alert instance. */
  phases: Record<string, SignalPhase>;
};

/** `through`: the time of the last event in the base. */
export type Episode = { base: EpisodeState | null; through?: Time; events: EpisodeEvent[] };

export const EMPTY_EPISODE: Episode = { base: null, events: [] };

const INITIAL: EpisodeState = { openedAt: null, fired: false, lifecycle: { state: 'open' }, flaps: 0, phases: {} };

/** Of one moment: what begins stands before what ends, since a source puts a Resolved never before its Fired. */
const RANK: Readonly<Record<EpisodeEvent['kind'], number>> = {
  fired: 0,
  'no-data': 1,
  resolved: 2,
  'metric-cleared': 3,
  closed: 4,
  merged: 5,
};

/** Sorts by time, rank and id, so that the order of arrival does not matter. */
function byTime(a: EpisodeEvent, b: EpisodeEvent): number {
  return compare(a.at, b.at) || RANK[a.kind] - RANK[b.kind] || compare(a.id, b.id);
}

/** The episode with the event in it; the same episode when that event is there already, or can change nothing. */
export function addEvent(episode: Episode, event: EpisodeEvent): Episode {
  if (episode.events.some((known) => known.id === event.id)) return episode;
  const placed = placeAfterBase(episode, event);
  if (!placed) return episode;
  const events = [...episode.events, placed].sort(byTime);
  if (events.length <= MAX_EVENTS) return { ...episode, events };
  const old = events.slice(0, MAX_EVENTS / 2);
  const folded = foldFrom(episode.base ?? INITIAL, old);
  const through = old.at(-1)?.at;
  return {
    base: { ...folded, phases: boundPhases(folded.phases) },
    ...(through === undefined ? {} : { through }),
    events: events.slice(MAX_EVENTS / 2),
  };
}

/**
 * An event older than what is folded already is either a repeat or hundreds of events late: it can no longer open anything,
 * but the Resolved of what is still fired ends it, as of then.
 */
function placeAfterBase({ base, through }: Episode, event: EpisodeEvent): EpisodeEvent | null {
  if (!base || through === undefined || event.at >= through) return event;
  if (event.kind !== 'resolved') return null;
  const phase = base.phases[event.instance];
  return phase && isHeld(phase) && (phase.firedAt ?? '') <= event.at ? { ...event, at: through } : null;
}

/** Keeps the phases that can still matter: what is held open before what is not, then the latest. */
function boundPhases(phases: EpisodeState['phases']): EpisodeState['phases'] {
  const kept = Object.entries(phases).sort(
    ([a, x], [b, y]) => Number(isHeld(y)) - Number(isHeld(x)) || compare(lastOf(y), lastOf(x)) || compare(a, b),
  );
  return Object.fromEntries(kept.slice(0, MAX_PHASES));
}

function lastOf(phase: SignalPhase): Time {
  return phase.resolvedAt ?? phase.firedAt ?? '';
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The state of the incident: a fold over its events in order of time. */
export function foldEpisode(episode: Episode): EpisodeState {
  return foldFrom(episode.base ?? INITIAL, episode.events);
}

/** Works on one copy of the state: hundreds of events, each with hundreds of phases to copy, would be felt. */
function foldFrom(start: EpisodeState, events: readonly EpisodeEvent[]): EpisodeState {
  const state: EpisodeState = { ...start, phases: { ...start.phases } };
  for (const event of events) apply(state, event);
  return state;
}

function apply(state: EpisodeState, event: EpisodeEvent): void {
  state.openedAt ??= event.at;
  switch (event.kind) {
    case 'fired':
      fire(state, event);
      break;
    case 'no-data':
      // Silence after a Fired is no all-clear; silence otherwise holds nothing open.
      state.phases[event.instance] = { ...state.phases[event.instance], rule: event.rule, state: 'no-data' };
      break;
    case 'resolved':
      resolvePhase(state, event.instance, event.rule, event.at);
      settle(state, event.at, 'signals');
      break;
    case 'metric-cleared':
      for (const [instance, phase] of Object.entries(state.phases))
        if (isHeld(phase)) resolvePhase(state, instance, phase.rule, event.at);
      settle(state, event.at, 'metric');
      break;
    case 'closed':
      if (state.lifecycle.state === 'open') state.lifecycle = { state: 'resolved', at: event.at, by: 'person' };
      break;
    case 'merged':
      if (state.lifecycle.state === 'open') state.lifecycle = { state: 'resolved', at: event.at, by: 'merge' };
  }
}

function fire(state: EpisodeState, { instance, rule, at }: SignalEvent): void {
  // What was merged away had not calmed down.
  if (state.fired && state.lifecycle.state === 'resolved' && state.lifecycle.by !== 'merge') state.flaps += 1;
  if (!state.fired) state.openedAt = at;
  state.fired = true;
  state.lifecycle = { state: 'open' };
  const known = state.phases[instance];
  const firedAt = (known && isHeld(known) ? known.firedAt : undefined) ?? at;
  state.phases[instance] = { rule, state: 'fired', firedAt };
}

function resolvePhase(state: EpisodeState, instance: string, rule: string, at: Time): void {
  state.phases[instance] = { ...state.phases[instance], rule, state: 'resolved', resolvedAt: at };
}

/** It has fired and not been resolved since, whatever was heard or not heard of it after that. */
export function isHeld(phase: SignalPhase): boolean {
  return phase.firedAt !== undefined && phase.resolvedAt === undefined;
}

/** Resolved once nothing that fired is left; by its signals, until the last of them has said so. */
function settle(state: EpisodeState, at: Time, by: 'signals' | 'metric'): void {
  const { lifecycle } = state;
  const isOver =
    lifecycle.state === 'resolved' && (lifecycle.by === 'person' || lifecycle.by === 'merge' || by === 'metric');
  if (isOver || Object.values(state.phases).some(isHeld)) return;
  state.lifecycle = { state: 'resolved', at, by };
}
