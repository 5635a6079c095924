import { asHeadroomError, HeadroomError } from '../../errors.ts';
import type { ChatSender, Rendered } from '../../ports.ts';

export type TerminalOptions = {
  /** Takes text with its line breaks, as `process.stdout.write` does. */
  write(text: string): void;
  /** The first line of a message stands out, the rule above it stands back; default plain. */
  colour?: boolean;
};

const ESC = String.fromCharCode(0x1b);
const RULE = '─'.repeat(80);

/**
 * Prints messages. What stands on a terminal cannot be changed, so an edit prints the message anew, marked `updated`:
 * a reader sees each state, the last one last.
 */
export function terminal(options: TerminalOptions): ChatSender {
  const rule = options.colour ? `${ESC}[2m${RULE}${ESC}[0m` : RULE;

  function print(rendered: Rendered, mark: string): { ref: string } {
    if (typeof rendered.body !== 'string')
      throw new HeadroomError('bug', `the terminal takes text, not ${typeof rendered.body}`);
    try {
      options.write(`${rule}${mark}\n${options.colour ? emphasise(rendered.body) : rendered.body}\n`);
    } catch (error) {
      throw asHeadroomError(error, 'unavailable', 'the terminal cannot be written to');
    }
    return { ref: rendered.incidentId };
  }

  return {
    key: 'terminal',
    platform: 'text',
    canEdit: true,
    post: async (rendered) => print(rendered, ''),
    edit: async (_ref, rendered) => print(rendered, ' updated'),
    find: async () => 'cannot-ask',
  };
}

function emphasise(text: string): string {
  const [first = '', ...rest] = text.split('\n');
  return [`${ESC}[1m${first}${ESC}[0m`, ...rest].join('\n');
}
