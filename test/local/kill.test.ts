import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeFolder, removeFolder } from '../shared/adapters/folder.ts';
import { azureAlert } from '../shared/pipeline/kit.ts';
import {
  atRest,
  buildChild,
  type Chat,
  DEAD_FOR_MS,
  inboxAtRest,
  isAccepted,
  kill,
  repeats,
  start,
  withHome,
} from './kill-home.ts';
import { KILL_POINTS } from './kill-points.ts';

/** Before the clock of the process that dies. */
const firedMs = Date.now() - DEAD_FOR_MS - 60_000;
const times = { firedAt: new Date(firedMs).toISOString(), resolvedAt: new Date(firedMs + 30_000).toISOString() };
const FIRED = azureAlert({ firedAt: times.firedAt });
const RESOLVED = azureAlert({ ...times, condition: 'Resolved' });

const BEFORE_POST = 'before the first post';
const AFTER_POST = 'after the first post, before it is recorded';

/** Where a plain webhook differs: it can be neither asked nor edited. */
const OF_WEBHOOK = [
  BEFORE_POST,
  AFTER_POST,
  'after the first post is recorded',
  'after the diagnosis',
  'after the ack',
];

const CASES: [string, Chat][] = [
  ...Object.keys(KILL_POINTS).map((killAt): [string, Chat] => [killAt, 'bot']),
  ...OF_WEBHOOK.map((killAt): [string, Chat] => [killAt, 'webhook']),
];

/**
 * Which of the first messages say that they may be repeats. Only where a send may have been under way to a webhook, the
 * one gap that no client can close (design §5), is there any doubt.
 */
function expectedRepeats(killAt: string, chat: Chat): boolean[] {
  if (chat === 'bot') return [false];
  return killAt === BEFORE_POST ? [true] : killAt === AFTER_POST ? [false, true] : [false];
}

let folder: string;
let program: string;
beforeAll(async () => {
  folder = makeFolder();
  program = await buildChild(folder);
});
afterAll(() => removeFolder(folder));

describe('kill -9', () => {
  test.concurrent.each(CASES)(
    '%s (%s): the alert has one outcome and the message stands once',
    async (killAt, chat) => {
      await withHome(program, chat, async (home) => {
        const first = await start(home, { killAt, behindMs: DEAD_FOR_MS });
        const exited = once(first.child, 'exit');
        const accepted = await isAccepted(first, FIRED);
        expect(await exited).toEqual([null, 'SIGKILL']);

        const second = await start(home);
        if (!accepted) expect(await isAccepted(second, FIRED)).toBe(true);
        const [incident, ...others] = await atRest(second, ({ delivery }) => delivery === 'diagnosed');
        expect(others).toEqual([]);
        expect(incident?.alerts.map(({ outcome }) => outcome)).toEqual(['posted']);
        expect(repeats(home)).toEqual(expectedRepeats(killAt, chat));

        const before = home.slack.messages.length;
        expect(await isAccepted(second, RESOLVED)).toBe(true);
        const [resolved] = await atRest(second, ({ lifecycle }) => lifecycle.state === 'resolved');
        expect(resolved?.id).toBe(incident?.id);
        expect(resolved?.alerts.map(({ outcome }) => outcome)).toEqual(['posted', 'joined']);
        const standing = home.slack.messages.at(-1);
        expect(home.slack.messages).toHaveLength(chat === 'bot' ? 1 : before + 1);
        expect(JSON.stringify(standing)).toContain('Resolved');
        expect(repeats(home).at(-1)).toBe(false);
        const states = await inboxAtRest(home);
        await kill(second.child);
        expect(states).toEqual(states.map(() => 'taken'));
        expect(states.length).toBeGreaterThanOrEqual(2);
      });
    },
    240_000,
  );
});
