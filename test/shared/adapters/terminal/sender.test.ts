import { describe, expect, test } from 'vitest';
import { terminal } from '../../../../shared/adapters/terminal/sender.ts';
import { chatSenderContract, renderedFor } from '../../../contract/chat-sender.ts';

const RULE = /^─{80}/gm;

chatSenderContract('the terminal', { canEdit: true, canFind: false, editLeaves: 2, network: false }, async () => {
  let printed = '';
  return {
    sender: terminal({ write: (text) => (printed += text) }),
    standing: () => printed.match(RULE)?.length ?? 0,
    secrets: [],
    close: async () => {},
  };
});

describe('the terminal', () => {
  test('marks what it prints anew', async () => {
    const printed: string[] = [];
    const sender = terminal({ write: (text) => printed.push(text) });
    const rendered = { ...renderedFor(sender), body: 'kv: retry storm' };
    const { ref } = await sender.post(rendered);
    await sender.edit(ref ?? '', rendered);
    expect(printed).toEqual([`${'─'.repeat(80)}\nkv: retry storm\n`, `${'─'.repeat(80)} updated\nkv: retry storm\n`]);
  });

  test('says unavailable when nothing can be written', async () => {
    const sender = terminal({
      write: () => {
        throw new Error('EPIPE');
      },
    });
    await expect(sender.post({ ...renderedFor(sender), body: 'x' })).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('refuses a body that is no text', async () => {
    const sender = terminal({ write: () => {} });
    await expect(sender.post({ ...renderedFor(sender), body: {} })).rejects.toMatchObject({ kind: 'bug' });
  });
});
