import type { Mention, Message } from '../../model.ts';
import { keepWithin, type Part } from '../budget.ts';
import { iconOf, linkLabel } from '../icons.ts';
import { timeWords } from '../words.ts';
import { type TeamsButton, teamsButtons } from './buttons.ts';
import { teamsChart } from './chart.ts';
import {
  cardMessage,
  fitsTeams,
  heading,
  labelled,
  openUrl,
  run,
  type TeamsAction,
  type TeamsElement,
  type TeamsPayload,
  text,
} from './elements.ts';
import { TEAMS_LIMITS } from './limits.ts';
import { type TeamsMentioned, teamsMention } from './mention.ts';
import { findingElements, noteElements } from './sections.ts';

const DETAILS = 'headroom-details';

/** An element of the card: on its face, or behind the button `Details`. */
type Placed = { element: TeamsElement; behind: boolean };

export type TeamsOptions = {
  /** The message's actions as buttons, which a bot alone hears; left out by default. */
  buttons?: boolean;
  /** Whom a mention calls; default nobody. */
  mention?: Mention | undefined;
};

/**
 * A message as Teams takes it: one Adaptive Card 1.5 that stays below 21 KB whatever the message holds. What does not fit is
 * dropped: timeline first, lead, buttons and status never. A webhook's card can only open links and unfold itself.
 */
export function renderTeams(message: Message, options: TeamsOptions = {}): TeamsPayload {
  const [first, ...others] = message.findings;
  const called = message.mention ? teamsMention(options.mention) : null;
  const parts: Part<Placed>[] = [
    part(1, [...leadElements(message), ...(called ? [called.text] : [])]),
    part(3, message.chart ? teamsChart(message.chart) : []),
    part(2, first ? findingElements(first, 0, message.belowTitle[0]) : []),
    ...(message.groups ?? []).map(({ title, fields }, index) => ({
      ...part(index === 0 ? 3 : 5, [
        ...heading(title),
        ...fields.flatMap(({ label, value }) => labelled(label, value)),
      ]),
      heads: 1,
    })),
    { ...part(4, noteElements(message.notes)), heads: 1 },
    part(4, message.verified ? [] : linkElements(message)),
    part(
      5,
      [...(message.impact ?? []), ...message.facts].flatMap((fact) => labelled(fact.label, fact.value)),
      true,
    ),
    ...others.map((finding, index) => part(6, findingElements(finding, index + 1), true)),
    { ...part(7, timelineElements(message), true), heads: 1 },
  ];
  const buttons = options.buttons ? teamsButtons(message.actions) : [];
  const actions = [...buttons, ...(message.verified ? openLinks(message, buttons) : [])];
  const { kept, shortened } = keepWithin(parts, (some) => fitsTeams(compose(message, some, actions, called, true)));
  return compose(message, kept, actions, called, shortened);
}

function part(rank: number, elements: readonly TeamsElement[], behind = false): Part<Placed> {
  return { rank, items: elements.map((element) => ({ element, behind })) };
}

function compose(
  message: Message,
  placed: readonly Placed[],
  actions: readonly TeamsAction[],
  called: TeamsMentioned | null,
  shortened: boolean,
): TeamsPayload {
  const face = placed.filter(({ behind }) => !behind).map(({ element }) => element);
  const details = placed.filter(({ behind }) => behind).map(({ element }) => element);
  const footer = `incident ${message.incidentId}${shortened ? ' · shortened to fit' : ''}`;
  const body: TeamsElement[] = [...face];
  if (details.length > 0) body.push({ type: 'Container', id: DETAILS, isVisible: false, items: details });
  body.push(...text(run(footer, { isSubtle: true, size: 'Small' }, 200), 'Medium'));
  const toggle: TeamsAction[] =
    details.length > 0 ? [{ type: 'Action.ToggleVisibility', title: 'Details', targetElements: [DETAILS] }] : [];
  return cardMessage(message.title, body, [...toggle, ...actions], called);
}

function colourOf(message: Message): 'Good' | 'Attention' | 'Warning' | 'Accent' {
  if (message.state === 'resolved') return 'Good';
  if (message.synthetic !== undefined) return 'Accent';
  if (message.severity <= 1) return 'Attention';
  return message.severity === 2 ? 'Warning' : 'Accent';
}

function leadElements(message: Message): TeamsElement[] {
  const title = run(
    `${iconOf(message)} ${message.title}`,
    { size: 'Large', weight: 'Bolder', color: colourOf(message) },
    200,
  );
  const lines = message.belowTitle
    .slice(0, 3)
    .flatMap((line, index) => text(run(line, index === 0 ? { weight: 'Bolder' } : {}, 240), 'Small'));
  return [...text(title), ...lines, ...text(run(message.status, { isSubtle: true, size: 'Small' }, 300), 'Small')];
}

function timelineElements(message: Message): TeamsElement[] {
  const lines = message.timeline.slice(0, 20).flatMap((entry) => labelled(timeWords(entry.at), entry.text));
  return lines.length === 0 ? [] : [...heading('Timeline'), ...lines];
}

/** Beside the buttons, and the one for details. */
function openLinks(message: Message, buttons: readonly TeamsButton[]): TeamsAction[] {
  return message.links
    .flatMap(({ label, url }) => openUrl(linkLabel(label, url), url))
    .slice(0, Math.max(0, TEAMS_LIMITS.actions - 1 - buttons.length));
}

/** Links of an unverified incident are text with their address, no buttons. */
function linkElements(message: Message): TeamsElement[] {
  return message.links.slice(0, 6).flatMap(({ label, url }) => labelled(label, url));
}
