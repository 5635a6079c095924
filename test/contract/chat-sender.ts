import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { buildMessage } from '../../shared/chat/message.ts';
import { RENDERERS } from '../../shared/chat/render.ts';
import { isHeadroomError } from '../../shared/errors.ts';
import type { Incident } from '../../shared/model.ts';
import type { ChatSender, Rendered } from '../../shared/ports.ts';
import type { Fault } from '../../simulation/servers/faulty-server.ts';
import { CASES } from '../shared/chat/cases.ts';
import { incident } from '../shared/chat/incidents.ts';

/** A sender with its destination, as one test sees it. */
export type ChatSenderSubject = {
  sender: ChatSender;
  /** How many messages a reader finds there. */
  standing(): number;
  /** Makes the next request fail; only where a network lies between. */
  fail?(fault: Fault): void;
  /** Must appear in no error. */
  secrets: readonly string[];
  close(): Promise<void>;
};

export type ChatSenderTraits = {
  canEdit: boolean;
  canFind: boolean;
  /** What an edit leaves standing: the message changed in place, or a second one below it. */
  editLeaves?: 1 | 2;
  network: boolean;
};

const TIMEOUT_MS = 4000;
const SHORT_TIMEOUT_MS = 400;
const SINCE = '2026-11-20T14:00:00.000Z';

/** A case rendered as the pipeline would render it for the sender. */
export function renderedFor(sender: ChatSender, of: Incident = CASES['retry-storm'] ?? incident()): Rendered {
  const body = RENDERERS[sender.platform](buildMessage(of), sender);
  return { incidentId: of.id, revision: of.revision, hash: 'h', body };
}

async function failureOf(sending: Promise<unknown>): Promise<unknown> {
  return sending.then(
    (result) => expect.fail(`nothing was thrown, the answer was ${inspect(result)}`),
    (error: unknown) => error,
  );
}

/** What every implementation of `ChatSender` promises. */
export function chatSenderContract(
  name: string,
  traits: ChatSenderTraits,
  open: (options: { timeoutMs: number }) => Promise<ChatSenderSubject>,
): void {
  describe(`${name} as a ChatSender`, () => {
    const opened: ChatSenderSubject[] = [];
    const subject = async (timeoutMs = TIMEOUT_MS): Promise<ChatSenderSubject> => {
      const one = await open({ timeoutMs });
      opened.push(one);
      return one;
    };
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((one) => one.close()));
    });

    test('says truly whether it can edit', async () => {
      expect((await subject()).sender.canEdit).toBe(traits.canEdit);
    });

    test('posts every kind of message, each once', async () => {
      const { sender, standing } = await subject();
      for (const each of Object.values(CASES)) await sender.post(renderedFor(sender, each));
      expect(standing()).toBe(Object.keys(CASES).length);
    });

    test('answers with a reference exactly when it can edit', async () => {
      const { sender } = await subject();
      const { ref } = await sender.post(renderedFor(sender));
      expect(ref === null).toBe(!traits.canEdit);
    });

    if (traits.canEdit) {
      test('edits what it posted', async () => {
        const { sender, standing } = await subject();
        const { ref } = await sender.post(renderedFor(sender, incident()));
        await sender.edit(ref ?? '', renderedFor(sender));
        expect(standing()).toBe(traits.editLeaves ?? 1);
      });
    } else {
      test('refuses to edit, as a fault of the caller', async () => {
        const { sender } = await subject();
        expect(await failureOf(sender.edit('ref', renderedFor(sender)))).toMatchObject({ kind: 'bug' });
      });
    }

    if (traits.canFind) {
      test('finds a post of an incident and knows when there is none', async () => {
        const { sender } = await subject();
        const { ref } = await sender.post(renderedFor(sender));
        expect(await sender.find('inc-20261120-7f3a', SINCE)).toEqual({ ref });
        expect(await sender.find('inc-of-another', SINCE)).toBe('absent');
      });
    } else {
      test('says that it cannot ask what stands there', async () => {
        const { sender } = await subject();
        expect(await sender.find('inc-20261120-7f3a', SINCE)).toBe('cannot-ask');
      });
    }

    if (!traits.network) return;

    const cases: [string, Fault, Record<string, unknown>][] = [
      [
        '429 with seconds',
        { status: 429, headers: { 'retry-after': '30' } },
        { kind: 'throttled', retryAfterMs: 30_000 },
      ],
      ['429 without a wait', { status: 429 }, { kind: 'throttled', retryAfterMs: undefined }],
      [
        '429 with an absurd wait',
        { status: 429, headers: { 'retry-after': '999999' } },
        { kind: 'throttled', retryAfterMs: 3_600_000 },
      ],
      [
        '429 with a date gone by',
        { status: 429, headers: { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' } },
        { kind: 'throttled', retryAfterMs: 0 },
      ],
      ['500', { status: 500, body: 'rollup_error' }, { kind: 'unavailable' }],
      ['503', { status: 503 }, { kind: 'unavailable' }],
      ['504, behind which it may have arrived', { status: 504 }, { kind: 'timed-out' }],
      ['dead: a cut connection, before which it may have arrived', { cut: 'before' }, { kind: 'timed-out' }],
      ['denied: 401', { status: 401 }, { kind: 'denied' }],
      ['denied: 403', { status: 403 }, { kind: 'denied' }],
      ['400', { status: 400, body: 'invalid_payload' }, { kind: 'invalid' }],
    ];
    test.each(cases)('%s has its kind', async (_what, fault, expected) => {
      const { sender, fail } = await subject();
      fail?.(fault);
      expect(await failureOf(sender.post(renderedFor(sender)))).toMatchObject(expected);
    });

    test('posts again after a failure', async () => {
      const { sender, fail, standing } = await subject();
      fail?.({ status: 503 });
      await failureOf(sender.post(renderedFor(sender)));
      await sender.post(renderedFor(sender));
      expect(standing()).toBe(1);
    });

    test('tries once and leaves repeats to the caller', async () => {
      const { sender, fail, standing } = await subject();
      fail?.({ status: 500 });
      await failureOf(sender.post(renderedFor(sender)));
      expect(standing()).toBe(0);
    });

    test.each(['before', 'after'] as const)(
      'slow: gives up when no answer comes, the message posted or not (%s)',
      async (hang) => {
        const { sender, fail, standing } = await subject(SHORT_TIMEOUT_MS);
        fail?.({ hang });
        expect(await failureOf(sender.post(renderedFor(sender)))).toMatchObject({ kind: 'timed-out' });
        expect(standing()).toBe(hang === 'after' ? 1 : 0);
      },
    );

    test('stops when the caller does', async () => {
      const { sender, fail } = await subject();
      fail?.({ hang: 'before' });
      const failure = await failureOf(sender.post(renderedFor(sender), AbortSignal.abort()));
      expect(failure).toMatchObject({ kind: 'timed-out' });
    });

    test('follows no redirect', async () => {
      const { sender, fail, standing } = await subject();
      fail?.({ status: 307, headers: { location: '/elsewhere' } });
      expect(await failureOf(sender.post(renderedFor(sender)))).toMatchObject({ kind: 'invalid' });
      expect(standing()).toBe(0);
    });

    const faults: Fault[] = [
      { status: 400, body: 'invalid_payload' },
      { status: 403, body: 'action_prohibited' },
      { status: 429 },
      { status: 500 },
      { cut: 'before' },
      { status: 302, headers: { location: 'http://127.0.0.1:1/' } },
    ];
    test('names no secret in any failure, its causes and its stack', async () => {
      const { sender, fail, secrets } = await subject();
      for (const fault of faults) {
        fail?.(fault);
        const failure = await failureOf(sender.post(renderedFor(sender)));
        expect(isHeadroomError(failure)).toBe(true);
        const told = inspect(failure, { depth: 10, showHidden: true }) + JSON.stringify(failure);
        for (const secret of secrets) expect(told).not.toContain(secret);
      }
    });
  });
}
