import { LIMIT_PROFILES } from '../limits.ts';
import { nearest } from './nearest.ts';
import { bad, good, type Parse, text } from './values.ts';

/** Which limits count: a profile of published ones, or the path of a limits file. */
export type LimitsChoice = { kind: 'profile'; name: string } | { kind: 'file'; path: string };

const PROFILES = LIMIT_PROFILES.map((profile) => profile.name);

/** A profile's name; what has a dot or slash in it is the path of a file. */
export const limitsChoice: Parse<LimitsChoice> = (value) => {
  const parsed = text(value);
  if (!parsed.ok) return parsed;
  if (PROFILES.includes(value)) return good({ kind: 'profile', name: value });
  if (/[./\\]/.test(value)) return good({ kind: 'file', path: value });
  return bad(
    `is neither a profile (${PROFILES.join(', ')}) nor the path of a file`,
    `Did you mean ${nearest(value, PROFILES)}? Write a file in this folder as ./name.json.`,
  );
};
