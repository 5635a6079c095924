import type { Incident, Note } from '../model.ts';

/** What a message says that may stand at its destination twice. */
export function repeatNotes({ effects }: Pick<Incident, 'effects'>): Note[] {
  return effects.some((effect) => effect.possibleRepeat === true)
    ? [{ text: 'This post may be a repeat: the end of an earlier attempt is not known.' }]
    : [];
}
