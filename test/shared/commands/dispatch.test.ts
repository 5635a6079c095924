import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderSlackAnswer } from '../../../shared/chat/slack/answer.ts';
import { renderTeamsAnswer } from '../../../shared/chat/teams/answer.ts';
import { renderTextAnswer } from '../../../shared/chat/text/answer.ts';
import { COMMANDS } from '../../../shared/commands/dispatch.ts';
import { checkSlackPayload } from '../chat/check-slack.ts';
import { checkTeamsMessage } from '../chat/check-teams.ts';
import { chatWorld } from './kit.ts';

const NAMES = COMMANDS.map(({ name }) => name);

describe('what is no command', () => {
  test.each([
    ['statsu', 'status'],
    ['hlep', 'help'],
    ['wy', 'why'],
    ['whyy k3f7q2ab', 'why'],
    ['/status', 'status'],
  ])('%s is answered with the nearest: %s', async (typed, near) => {
    const { title, lines } = await chatWorld().answer(typed);
    expect(title).toBe(`There is no command '${typed.split(' ')[0]}'`);
    expect(lines).toEqual([`Did you mean '${near}'?`, "'help' lists them all"]);
  });

  test('of ten thousand characters is answered briefly', async () => {
    const { title, lines } = await chatWorld().answer('s'.repeat(10_000));
    expect(title.length).toBeLessThan(80);
    expect(lines.join('').length).toBeLessThan(120);
  });
});

describe('a command', () => {
  test.each(['', '   ', '\n\t', 'help', 'HELP', '  help  '])('%j is answered with what can be asked', async (typed) => {
    const { title, lines } = await chatWorld().answer(typed);
    expect(title).toBe('What you can ask');
    expect(lines.map((line) => line.split(/[ :]/)[0])).toEqual(NAMES);
  });

  test.each([
    ['why', 'why takes one incident or resource'],
    ['why a b', 'why takes one incident or resource'],
    ['status a b', 'status takes one resource at most'],
    ['help a b', 'help takes one command at most'],
  ])('with wrong words (%s) is answered with its usage and an example', async (typed, problem) => {
    const name = typed.split(' ')[0];
    const { title, lines } = await chatWorld().answer(typed);
    expect(title).toBe(problem);
    expect(lines).toMatchObject([
      expect.stringMatching(`^usage: ${name} `),
      expect.stringMatching(`^for example: ${name} `),
    ]);
  });

  test.each(COMMANDS.map((command) => [command.name, command] as const))(
    '%s has an example that it takes itself',
    (name, { example, usage, parse }) => {
      const [first, ...words] = example.split(' ');
      expect([first, usage.split(' ')[0]]).toEqual([name, name]);
      expect(parse(words)).toMatchObject({ ok: true });
    },
  );

  test('is the same in upper case, between any white space', async () => {
    const { answer, alert } = chatWorld();
    await alert();
    expect(await answer('\tSTATUS \n KV-Contoso ')).toEqual(await answer('status kv-contoso'));
  });
});

describe('hostile text', () => {
  const LINES = [
    '<!channel> *x* [a](http://b)',
    'why <!channel>',
    'status <https://b|a>',
    'help *x*_y_`z`',
    'why ../../incident/state',
    'why __proto__',
    'constructor',
    'status \u202ereversed \u0000\u001b[31m',
    `why ${'['.repeat(400)}`,
    'status %27;drop',
  ];

  test.each(LINES)('%j is answered, within the limits of every platform', async (typed) => {
    const { answer, alert } = chatWorld();
    await alert();
    expectRendered(await answer(typed));
  });

  test('of any kind is answered, within the limits of every platform', async () => {
    const { ask, alert } = chatWorld();
    await alert();
    const word = fc.oneof(fc.constantFrom(...NAMES, 'kv-contoso', '<!here>'), fc.string({ unit: 'binary' }));
    const line = fc.array(word, { maxLength: 4 }).map((words) => words.join(' '));
    await fc.assert(
      fc.asyncProperty(line, async (typed) => {
        const reply = await ask(typed);
        if (reply.kind === 'answer') expectRendered(reply.answer);
      }),
      { numRuns: 150 },
    );
  });

  function expectRendered(answer: Parameters<typeof renderTextAnswer>[0]): void {
    const text = renderTextAnswer(answer);
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(checkSlackPayload(renderSlackAnswer(answer))).toEqual([]);
    expect(checkTeamsMessage(renderTeamsAnswer(answer))).toEqual([]);
  }
});
