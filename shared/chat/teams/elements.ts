/**
 * Builders of the Adaptive Card elements in use. Text from outside stands only in `TextRun`s, which hold no Markdown;
 * `TextBlock`s and `FactSet`s, which do, are not used, save one `TextBlock` for whom a route names.
 */
import type { ILineChart, IOpenUrlAction, IRichTextBlock, ITextRun } from '@microsoft/teams.cards';
import { cleanBlock, cleanLine, safeUrl } from '../plain.ts';
import type { TeamsButton } from './buttons.ts';
import { TEAMS_LIMITS } from './limits.ts';
import type { TeamsMentioned, TeamsMentionText } from './mention.ts';

export type TeamsText = Pick<IRichTextBlock, 'type' | 'spacing' | 'separator'> & { inlines: ITextRun[] };
type TeamsContainer = {
  type: 'Container';
  items: TeamsElement[];
  id?: string;
  isVisible?: boolean;
  spacing?: 'Small' | 'Medium';
  separator?: boolean;
};
type TeamsChart = Pick<
  ILineChart,
  'type' | 'title' | 'showTitle' | 'showLegend' | 'xAxisTitle' | 'yAxisTitle' | 'data'
> & { fallback: TeamsContainer };
export type TeamsElement = TeamsChart | TeamsContainer | TeamsText | TeamsMentionText;
export type TeamsAction =
  | TeamsButton
  | Pick<IOpenUrlAction, 'type' | 'title' | 'url'>
  | { type: 'Action.ToggleVisibility'; title: string; targetElements: string[] };

export type TeamsPayload = {
  type: 'message';
  attachments: [
    {
      contentType: 'application/vnd.microsoft.card.adaptive';
      contentUrl: null;
      content: {
        $schema: 'http://adaptivecards.io/schemas/adaptive-card.json';
        type: 'AdaptiveCard';
        version: typeof TEAMS_LIMITS.version;
        fallbackText: string;
        msteams: { width: 'Full'; entities?: [TeamsMentioned['entity']] };
        body: TeamsElement[];
        actions?: TeamsAction[];
      };
    },
  ];
};

export type RunStyle = Pick<ITextRun, 'weight' | 'size' | 'color' | 'isSubtle' | 'fontType'>;

/** Cards replace `{{DATE(…)}}` and `{{TIME(…)}}` everywhere, also in plain runs: a word joiner breaks the pair of braces. */
function withoutMacros(text: string): string {
  return text.replace(/\{\{(?=\s*(?:DATE|TIME)\b)/gi, '{\u2060{');
}

/** One clean line as a card shows it, anywhere outside a run too. */
export function plain(text: string, max: number): string {
  return withoutMacros(cleanLine(text, max));
}

/** A run of one clean line; none for an empty one. */
export function run(text: string, style: RunStyle = {}, max: number = TEAMS_LIMITS.textRun): ITextRun[] {
  const line = plain(text, max);
  return line === '' ? [] : [{ type: 'TextRun', text: line, ...style }];
}

/** Text of ours between two runs, whose spaces matter. */
export function own(text: string): ITextRun {
  return { type: 'TextRun', text };
}

export function text(inlines: ITextRun[], spacing?: 'None' | 'Small' | 'Medium'): TeamsText[] {
  if (inlines.length === 0) return [];
  return [{ type: 'RichTextBlock', inlines, ...(spacing === undefined ? {} : { spacing }) }];
}

export function labelled(label: string, value: string): TeamsText[] {
  return text([...run(label, { weight: 'Bolder' }, 80), own('  '), ...run(value, {}, 300)], 'Small');
}

export function heading(title: string): TeamsText[] {
  return text(run(title, { weight: 'Bolder' }, 120), 'Medium');
}

/**
 * Lines in fixed width. Spaces that a card would collapse become no-break spaces; a single one stays, so that a line that is
 * too wide for the card goes on below instead of being cut off.
 */
export function monospace(lines: string, maxLines = 40): TeamsText[] {
  const block = cleanBlock(lines, maxLines, 240);
  if (block.trim() === '') return [];
  return block.split('\n').flatMap((line) => {
    const fixed = withoutMacros(line).replace(/^ +| {2,}/g, (spaces) => '\u00a0'.repeat(spaces.length)) || '\u00a0';
    return text([{ type: 'TextRun', text: fixed, fontType: 'Monospace', size: 'Small' }], 'None');
  });
}

/** A button that opens a link; none when the link may not be shown. */
export function openUrl(title: string, url: string): Pick<IOpenUrlAction, 'type' | 'title' | 'url'>[] {
  const safe = safeUrl(url);
  return safe === null ? [] : [{ type: 'Action.OpenUrl', title: plain(title, 60) || 'Open', url: safe }];
}

/** One message that holds one card. `mentioned`: whom the card calls, whose text stands in the body. */
export function cardMessage(
  fallbackText: string,
  body: TeamsElement[],
  actions: TeamsAction[],
  mentioned: TeamsMentioned | null = null,
): TeamsPayload {
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: TEAMS_LIMITS.version,
          fallbackText: plain(fallbackText, 300),
          msteams: { width: 'Full', ...(mentioned ? { entities: [mentioned.entity] } : {}) },
          body,
          ...(actions.length === 0 ? {} : { actions }),
        },
      },
    ],
  };
}

const ENCODER = new TextEncoder();

/** Whether the whole message stays below what Teams was seen to accept. */
export function fitsTeams(payload: TeamsPayload): boolean {
  return ENCODER.encode(JSON.stringify(payload)).length <= TEAMS_LIMITS.targetBytes;
}
