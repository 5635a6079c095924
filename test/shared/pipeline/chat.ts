import type { ChatSender, Rendered } from '../../../shared/ports.ts';

/** A message that stands in the fake chat. */
export type Standing = { ref: string; incidentId: string; revisions: number[]; body: string };

export type FakeChat = ChatSender & {
  /** What stands there, oldest first; an edit changes it in place. */
  standing: Standing[];
  /** Every call that reached it. */
  calls: string[];
  /** What stands in threads, as `<ref> <text>`. */
  replies: string[];
  /** Thrown by the next replies, one each, before or after they stand there. */
  replyFailures: { error: Error; stands: boolean }[];
};

const REPEAT = 'may be a repeat';

export type FakeChatOptions = {
  key?: string;
  canEdit?: boolean;
  /** Whether it can be asked what stands there. */
  canAsk?: boolean;
  /** Whether it has threads. */
  canReply?: boolean;
};

/** A chat in memory that takes what it is given. Faults are put around it with `faulty`. */
export function fakeChat(options: FakeChatOptions = {}): FakeChat {
  const { key = 'slack-bot:C1', canEdit = true, canAsk = canEdit, canReply = false } = options;
  const standing: Standing[] = [];
  const calls: string[] = [];
  const replies: string[] = [];
  const replyFailures: FakeChat['replyFailures'] = [];
  const reply: ChatSender['reply'] = async (ref, body) => {
    const failure = replyFailures.shift();
    if (failure && !failure.stands) throw failure.error;
    replies.push(`${ref} ${String(body)}`);
    if (failure) throw failure.error;
  };
  return {
    key,
    platform: 'text',
    canEdit,
    standing,
    calls,
    replies,
    replyFailures,
    ...(canReply ? { reply } : {}),
    async post(rendered) {
      calls.push(`post ${rendered.revision}`);
      // As Slack's bot refers to its posts: channel and timestamp.
      const ref = `${key.split(':')[1] ?? key}:${standing.length}`;
      standing.push({ ref, incidentId: rendered.incidentId, revisions: [rendered.revision], body: textOf(rendered) });
      return { ref: canEdit ? ref : null };
    },
    async edit(ref, rendered) {
      calls.push(`edit ${rendered.revision}`);
      const message = standing.find((one) => one.ref === ref);
      if (!message) throw new Error(`nothing stands at ${ref}`);
      message.revisions.push(rendered.revision);
      message.body = textOf(rendered);
      return { ref };
    },
    async find(incidentId) {
      calls.push('find');
      if (!canAsk) return 'cannot-ask';
      const message = standing.find((one) => one.incidentId === incidentId);
      return message ? { ref: message.ref } : 'absent';
    },
  };
}

function textOf({ body }: Rendered): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

/** The chat with its first post lost: it reaches it or not, and its answer never comes. */
export function losing(chat: FakeChat, lost: { reaches: boolean }): ChatSender {
  let isFirst = true;
  return {
    ...chat,
    async post(rendered) {
      if (!isFirst) return chat.post(rendered);
      isFirst = false;
      if (lost.reaches) await chat.post(rendered);
      return new Promise<never>(() => undefined);
    },
  };
}

/** Whether the message says of itself that it may stand there twice. */
export function isMarkedRepeat(message: Standing | undefined): boolean {
  return message?.body.replaceAll(/\s+/g, ' ').includes(REPEAT) ?? false;
}
