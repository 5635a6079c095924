import type { Effect, EffectReason, Incident, Time } from '../model.ts';

export type Destination = { key: string; canEdit: boolean };

/**
 * The effects with the given revision desired at each destination.
 *
 * A destination that can edit always gets the newest revision. One that cannot gets three messages at most: the post,
 * the first likely or confirmed finding, the resolve (design §9). A send that is on its way is left alone; when it has
 * ended, `settleEffect` sees that a newer revision is desired.
 */
export function desireRevision(
  effects: readonly Effect[],
  destinations: readonly Destination[],
  revision: number,
  reason: EffectReason,
): Effect[] {
  const known = new Map(effects.map((effect) => [effect.key, effect]));
  const wanted = destinations.map(({ key, canEdit }): Effect => {
    const effect = known.get(key);
    known.delete(key);
    if (!effect) return { key, revision, reason: 'post', attempts: 0, state: 'pending' };
    if (!canEdit && !deserves(effect, reason)) return effect;
    if (effect.state === 'sending') return { ...effect, revision, reason };
    // A destination that asked for time is given it, whatever there is to say by then.
    if (effect.state === 'pending') return { ...effect, revision, reason: effect.delivered ? reason : 'post' };
    return pendingAgain(effect, revision, effect.delivered ? reason : 'post');
  });
  return [...wanted, ...known.values()];
}

/**
 * The effect with its first message held back until the time; null lets go of what was held. A destination that was told
 * already, or that asked for time itself, is left alone.
 */
export function holdBack(effect: Effect, until: Time | null): Effect {
  if (effect.state !== 'pending' || effect.delivered || effect.attempts > 0) return effect;
  if (until === null) return effect.held ? { ...base(effect), state: 'pending' } : effect;
  if (effect.held && effect.notBefore === until) return effect;
  return { ...base(effect), state: 'pending', notBefore: until, held: true };
}

/** The effect after its send has ended well. */
export function settleEffect(
  effect: Effect,
  sent: { ref: string | null; hash: string; at: string },
  canEdit: boolean,
): Effect {
  if (effect.state !== 'sending') return effect;
  const reasons = [...new Set([...(effect.delivered?.reasons ?? []), effect.why])];
  const delivered = { ref: sent.ref, revision: effect.of, hash: sent.hash, at: sent.at, reasons };
  // Its end is known now, so the next send has nothing to ask about.
  const { unsure: _unsure, ...known } = base(effect);
  const settled: Effect = { ...known, delivered, attempts: 0, state: 'sent', ref: sent.ref, hash: sent.hash };
  const newer = effect.revision > effect.of;
  return newer && (canEdit || deserves(settled, effect.reason))
    ? pendingAgain(settled, effect.revision, effect.reason)
    : settled;
}

/** True while something is to be done for the effect at the time: it is due, or its sender has died. */
export function isDue(effect: Effect, now: string): boolean {
  if (effect.state === 'pending') return effect.notBefore === undefined || effect.notBefore <= now;
  return effect.state === 'sending' && effect.until <= now;
}

/** The reason of a change of content, from the incident before and after it. */
export function reasonOf(before: Incident, after: Incident): EffectReason {
  if (before.lifecycle.state === 'open' && after.lifecycle.state === 'resolved') return 'resolve';
  return !hasFinding(before) && hasFinding(after) ? 'finding' : 'update';
}

function hasFinding(incident: Incident): boolean {
  return incident.findings.some(({ verdict }) => verdict === 'likely' || verdict === 'confirmed');
}

function deserves(effect: Effect, reason: EffectReason): boolean {
  return reason !== 'update' && !(effect.delivered?.reasons ?? []).includes(reason);
}

function pendingAgain(effect: Effect, revision: number, reason: EffectReason): Effect {
  return { ...base(effect), revision, reason, attempts: 0, state: 'pending' };
}

/** The effect that was given up, tried anew: what stood in its way may be gone. */
export function tryAnew(effect: Effect): Effect {
  if (effect.state !== 'failed') return effect;
  return pendingAgain(effect, effect.revision, effect.delivered ? effect.reason : 'post');
}

/** The effect after a send of which nobody knows whether it arrived. */
export function withDoubt<E extends Omit<Effect, 'state'>>(effect: E, why: EffectReason): E {
  return { ...effect, doubted: [...new Set([...(effect.doubted ?? []), why])] };
}

/** The part of an effect that is the same in all states. */
export function base(effect: Effect): Omit<Effect, 'state'> & { key: string } {
  const { key, revision, reason, delivered, attempts, unsure, doubted, possibleRepeat } = effect;
  return {
    key,
    revision,
    reason,
    attempts,
    ...(delivered ? { delivered } : {}),
    ...(unsure ? { unsure } : {}),
    ...(doubted ? { doubted } : {}),
    ...(possibleRepeat ? { possibleRepeat } : {}),
  };
}
