import type { Message } from '../model.ts';
import { capitalise } from './words.ts';

/**
 * The lead where the title stands right above it: what the title says is not said again, and a cause that was cut to the
 * width of a terminal stands whole. At most three lines.
 */
export function leadBelowTitle({ title, lead, findings }: Pick<Message, 'title' | 'lead' | 'findings'>): string[] {
  const [first = '', ...others] = lead.slice(0, 3);
  if (!first.startsWith(title)) return [first, ...others];
  const left = first.slice(title.length).replace(/^[.:]? */, '');
  const whole = left.endsWith('…') ? findings.find(({ summary }) => summary.startsWith(left.slice(0, -1))) : undefined;
  return [capitalise(whole?.summary ?? left), ...others].filter((line) => line !== '');
}
