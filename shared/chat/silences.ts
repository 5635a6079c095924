/** How long one may keep an incident quiet by a form, as the command takes it and as people read it. */
export const SILENCES: readonly (readonly [value: string, label: string])[] = [
  ['15m', '15 minutes'],
  ['30m', '30 minutes'],
  ['1h', '1 hour'],
  ['2h', '2 hours'],
  ['4h', '4 hours'],
  ['8h', '8 hours'],
  ['1d', '1 day'],
  ['3d', '3 days'],
  ['7d', '7 days'],
];

export const USUAL_SILENCE = '1h';
