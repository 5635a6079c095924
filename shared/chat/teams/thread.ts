import { cardMessage, run, type TeamsPayload, text } from './elements.ts';

/** An entry of an incident's thread as a card of a few lines: text in a card's runs is shown as it is, a plain message's is not. */
export function renderTeamsThread({ lines }: { lines: readonly string[] }): TeamsPayload {
  const [first = '', ...others] = lines;
  const body = [
    ...text(run(first, { weight: 'Bolder' }, 300)),
    ...others.flatMap((line) => text(run(line, {}, 300), 'Small')),
  ];
  // No card may be empty.
  return cardMessage(first, body.length === 0 ? text(run('Headroom', {}, 300)) : body, []);
}
