import { cleanLine, shorten } from '../plain.ts';
import { SLACK_LIMITS } from './limits.ts';

/** `&`, `<` and `>` as Slack wants them in text that it parses. */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** One clean line of at most `max` characters as Slack counts them. */
export function bounded(text: string, max: number): string {
  let line = cleanLine(text, max);
  for (let excess = escapeSlack(line).length - max; excess > 0; excess = escapeSlack(line).length - max)
    line = shorten(line, line.length - Math.ceil(excess / 5));
  return line;
}

const NOTIFICATION_LINES = 4;

/** The top-level text, which Slack parses: escaped, never empty, a few lines as a notification shows them. */
export function notification(lines: readonly string[]): string {
  const shown = lines
    .slice(0, NOTIFICATION_LINES)
    .map((line) => bounded(line, SLACK_LIMITS.notificationText / NOTIFICATION_LINES));
  return (
    shown
      .filter((line) => line !== '')
      .map(escapeSlack)
      .join('\n') || 'Headroom'
  );
}
