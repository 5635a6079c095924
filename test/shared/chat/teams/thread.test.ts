import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderTeamsThread } from '../../../../shared/chat/teams/thread.ts';
import { checkTeamsMessage } from '../check-teams.ts';

test('an entry of a thread is a card that shows every character as it is', () => {
  const line = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 400 }).map((any) => `kv ${any}`),
    fc.constantFrom('<at>everyone</at> **bold** [a](http://b)', 'kv {{DATE(2026-11-20T14:03:00Z)}}'),
  );
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 3 }), (lines) => {
      expect(checkTeamsMessage(renderTeamsThread({ lines }), 'bot')).toEqual([]);
    }),
  );
});
