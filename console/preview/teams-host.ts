import type { Theme } from '../../shared/charts/palette.ts';

type Colour = { default: string; subtle: string };

/** Colours of Fluent 2 as Teams uses them in cards. */
const COLOURS: Record<
  Theme,
  { background: string } & Record<'default' | 'accent' | 'attention' | 'good' | 'warning', Colour>
> = {
  light: {
    background: '#ffffff',
    default: { default: '#242424', subtle: '#616161' },
    accent: { default: '#5b5fc7', subtle: '#5b5fc7' },
    attention: { default: '#c4314b', subtle: '#c4314b' },
    good: { default: '#237b4b', subtle: '#237b4b' },
    warning: { default: '#835c00', subtle: '#835c00' },
  },
  dark: {
    background: '#292929',
    default: { default: '#ffffff', subtle: '#adadad' },
    accent: { default: '#9ea2ff', subtle: '#9ea2ff' },
    attention: { default: '#f9526b', subtle: '#f9526b' },
    good: { default: '#92c353', subtle: '#92c353' },
    warning: { default: '#f8d22a', subtle: '#f8d22a' },
  },
};

const FONT = "'Segoe UI', 'DejaVu Sans', sans-serif";

function hostOf(theme: Theme): Record<string, unknown> {
  const { background, ...foregroundColors } = COLOURS[theme];
  return {
    fontFamily: FONT,
    fontTypes: { default: { fontFamily: FONT }, monospace: { fontFamily: "Consolas, 'DejaVu Sans Mono', monospace" } },
    fontSizes: { small: 12, default: 14, medium: 14, large: 18, extraLarge: 24 },
    fontWeights: { lighter: 400, default: 400, bolder: 600 },
    lineHeights: { small: 16, default: 20, medium: 20, large: 24, extraLarge: 32 },
    spacing: { small: 8, default: 12, medium: 16, large: 20, extraLarge: 24, padding: 16 },
    separator: { lineThickness: 1, lineColor: theme === 'light' ? '#e0e0e0' : '#3d3d3d' },
    supportsInteractivity: true,
    containerStyles: { default: { backgroundColor: background, foregroundColors } },
    actions: {
      maxActions: 6,
      buttonSpacing: 8,
      actionsOrientation: 'Horizontal',
      actionAlignment: 'Left',
      spacing: 'Default',
    },
  };
}

/** How Teams configures the card renderer in its two themes, as far as our cards show it. */
export const TEAMS_HOST: Record<Theme, Record<string, unknown>> = { light: hostOf('light'), dark: hostOf('dark') };
