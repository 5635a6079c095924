import type { Mention } from '../../model.ts';
import { cardMessage, run, type TeamsPayload, text } from './elements.ts';
import { teamsMention } from './mention.ts';

/**
 * An entry of an incident's thread as a card of a few lines: text in a card's runs is shown as it is, a plain message's is not.
 *
 * @param whom a mention calls; default nobody
 */
export function renderTeamsThread(
  { lines, mention }: { lines: readonly string[]; mention?: boolean },
  whom?: Mention,
): TeamsPayload {
  const [first = '', ...others] = lines;
  const said = [
    ...text(run(first, { weight: 'Bolder' }, 300)),
    ...others.flatMap((line) => text(run(line, {}, 300), 'Small')),
  ];
  const called = mention ? teamsMention(whom) : null;
  // No card may be empty.
  const body = said.length === 0 ? text(run('Headroom', {}, 300)) : said;
  return cardMessage(first, called ? [...body, called.text] : body, [], called);
}
