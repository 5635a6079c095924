/**
 * Colours of a drawn chart, one set for each background. Every colour has at least 3:1 against its background and text
 * 4.5:1 (WCAG 2.2, 1.4.11 and 1.4.3); neighbours in a stack are told apart with any of the three kinds of colour
 * blindness, and refused is hatched beside.
 */
export type Palette = {
  background: string;
  text: string;
  /** Axis labels, unit, legend. */
  faint: string;
  /** Lines of the grid, which carry no meaning. */
  grid: string;
  served: string;
  refused: string;
  limit: string;
  marker: string;
  /** Of a stack, from the bottom up. */
  callers: readonly [string, string, string, string];
  /** What no single caller of the stack asked. */
  others: string;
};

export const PALETTES = {
  light: {
    background: '#ffffff',
    text: '#1d1c1d',
    faint: '#57606a',
    grid: '#e3e5e8',
    served: '#0072b2',
    refused: '#c43e00',
    limit: '#1d1c1d',
    marker: '#57606a',
    callers: ['#0072b2', '#b8860b', '#6a3d9a', '#0b5d44'],
    others: '#7d8590',
  },
  dark: {
    background: '#1a1d21',
    text: '#e8e8e8',
    faint: '#abb2ba',
    grid: '#33383e',
    served: '#56b4e9',
    refused: '#ff7043',
    limit: '#ffffff',
    marker: '#abb2ba',
    callers: ['#56b4e9', '#e8b93e', '#b08be0', '#7ee6c0'],
    others: '#8b949e',
  },
} as const satisfies Record<string, Palette>;

export type Theme = keyof typeof PALETTES;
