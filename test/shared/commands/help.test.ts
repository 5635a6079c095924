import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../shared/commands/dispatch.ts';
import { chatWorld } from './kit.ts';

describe('help', () => {
  test('lists every command with what it answers and an example', async () => {
    expect(await chatWorld().answer('help')).toEqual({
      title: 'What you can ask',
      lines: [],
      table: {
        columns: ['command', 'answers', 'for example'],
        rows: COMMANDS.map(({ usage, summary, example }) => [usage, summary, example]),
      },
      notes: [],
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
    const { title, table } = await chatWorld().answer(`help ${'x'.repeat(400)}`);
    expect(title).toBe(`No command '${'x'.repeat(40)}'; there are`);
    expect(table?.rows).toHaveLength(COMMANDS.length);
  });
});
