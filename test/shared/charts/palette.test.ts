import { describe, expect, test } from 'vitest';
import { PALETTES, type Palette, type Theme } from '../../../shared/charts/palette.ts';

type Rgb = [number, number, number];

function linear(colour: string): Rgb {
  const channel = (from: number): number => {
    const value = Number.parseInt(colour.slice(from, from + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

/** @see https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(one: string, other: string): number {
  const luminance = ([red, green, blue]: Rgb): number => 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  const [low = 0, high = 0] = [luminance(linear(one)), luminance(linear(other))].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** How full colour blindness of each kind sees linear RGB. @see Machado, Oliveira, Fernandes 2009, severity 1.0 */
const BLINDNESS: Record<string, readonly (readonly [number, number, number])[]> = {
  none: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** Distance in OKLab, in which 0.02 is about the least difference that is noticed. @see https://bottosson.github.io/posts/oklab/ */
function distance(one: string, other: string, kind: string): number {
  const [a, b] = [one, other].map((colour) => {
    const [r = 0, g = 0, b = 0] = (BLINDNESS[kind] ?? []).map((row) => {
      const seen = row.reduce((sum, weight, index) => sum + weight * (linear(colour)[index] ?? 0), 0);
      return Math.min(1, Math.max(0, seen));
    });
    const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    return [
      0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
      1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
      0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
    ];
  });
  return Math.hypot(...(a ?? []).map((value, index) => value - (b?.[index] ?? 0)));
}

const THEMES: Theme[] = ['light', 'dark'];

describe.each(THEMES)('on the %s background', (theme) => {
  const palette: Palette = PALETTES[theme];

  test.each(['text', 'faint'] as const)('%s is read: at least 4.5:1', (name) => {
    expect(contrast(palette[name], palette.background)).toBeGreaterThanOrEqual(4.5);
  });

  test.each([
    ...(['served', 'refused', 'limit', 'marker', 'others'] as const).map((name) => [name, palette[name]] as const),
    ...palette.callers.map((colour, index) => [`caller ${index + 1}`, colour] as const),
  ])('%s is seen: at least 3:1', (_name, colour) => {
    expect(contrast(colour, palette.background)).toBeGreaterThanOrEqual(3);
  });

  test.each(Object.keys(BLINDNESS))('neighbours are told apart (colour blindness: %s)', (kind) => {
    const stacked = [...palette.callers, palette.others];
    const neighbours = stacked.slice(1).map((colour, index) => [stacked[index] ?? '', colour] as const);
    const pairs = [...neighbours, [palette.served, palette.refused] as const];
    expect(pairs.filter(([one, other]) => distance(one, other, kind) < 0.1)).toEqual([]);
  });
});

test('contrast is counted as WCAG counts it', () => {
  expect(contrast('#ffffff', '#000000')).toBeCloseTo(21, 5);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});
