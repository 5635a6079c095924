import { describe, expect, test } from 'vitest';
import { renderSlackAnswer } from '../../../shared/chat/slack/answer.ts';
import { renderTeamsAnswer } from '../../../shared/chat/teams/answer.ts';
import { renderTextAnswer } from '../../../shared/chat/text/answer.ts';
import { COMMANDS } from '../../../shared/commands/dispatch.ts';
import { chatWorld } from './kit.ts';

describe('help', () => {
  test('lists every command with what it answers', async () => {
    expect(await chatWorld().answer('help')).toEqual({
      title: 'What you can ask',
      lines: COMMANDS.map(({ usage, summary }) => `${usage}: ${summary}`),
      notes: [{ text: "'help why' shows an example of why; 'page 2' behind a command its next page" }],
    });
  });

  test.each(COMMANDS.map(({ name, usage, summary, example }) => ({ name, usage, summary, example })))(
    'on $name tells usage, summary and example, in any case',
    async ({ name, usage, summary, example }) => {
      const answer = { title: usage, lines: [summary, `for example: ${example}`], notes: [] };
      expect(await chatWorld().answer(`help ${name}`)).toEqual(answer);
      expect(await chatWorld().answer(`help ${name.toUpperCase()}`)).toEqual(answer);
    },
  );

  test('on what is no command says so and lists them all', async () => {
    const { title, lines } = await chatWorld().answer(`help ${'x'.repeat(400)}`);
    expect(title).toBe(`No command '${'x'.repeat(40)}'; there are`);
    expect(lines).toHaveLength(COMMANDS.length);
  });
});

test('help is shown whole on every platform', async () => {
  const answer = await chatWorld().answer('help');
  const shown = [
    renderTextAnswer(answer),
    JSON.stringify(renderSlackAnswer(answer)),
    JSON.stringify(renderTeamsAnswer(answer)),
  ];
  for (const text of shown) expect(text).not.toContain('…');
  for (const { summary } of COMMANDS) expect(renderTextAnswer(answer).replaceAll(/\s+/g, ' ')).toContain(summary);
});
