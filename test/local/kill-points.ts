import type { RecordKey } from '../../shared/model.ts';

/** Where a process kills itself: before or after a call of a port, the first that matches. */
export type KillPoint = {
  port: 'records' | 'queue' | 'delivery' | 'payloads' | 'chat';
  method: string;
  when: 'before' | 'after';
  /** What is asked, and what it comes to where it is killed after; default: any. */
  matches?: (given: readonly unknown[], result: unknown) => boolean;
  /**
   * Only once the first message is recorded: another worker may diagnose and acknowledge while it is on its way, and a death
   * then falls into the one gap that no client can close.
   */
  posted?: boolean;
};

function putInto(
  partition: string,
  holds: (value: Record<string, unknown>) => boolean = () => true,
): NonNullable<KillPoint['matches']> {
  return ([key, value]) =>
    (key as RecordKey).partition.startsWith(partition) && holds(value as Record<string, unknown>);
}

function isSent(value: Record<string, unknown>): boolean {
  const { effects = [] } = value as { effects?: { state: string }[] };
  return effects.some(({ state }) => state === 'sent');
}

/** Whether this record says that a first message stands. */
export function isPostRecorded(key: RecordKey, value: unknown): boolean {
  return putInto('incident/', isSent)([key, value], undefined);
}

const RECORD = { port: 'records', method: 'put' } as const;

export const KILL_POINTS: Readonly<Record<string, KillPoint>> = {
  'before the inbox write': { ...RECORD, when: 'before', matches: putInto('inbox/') },
  'after the inbox write': { ...RECORD, when: 'after', matches: putInto('inbox/') },
  'after the claim': { ...RECORD, when: 'after', matches: putInto('open') },
  'after the enqueue': { port: 'queue', method: 'send', when: 'after' },
  'after the dequeue': {
    port: 'queue',
    method: 'receive',
    when: 'after',
    matches: (_given, result) => Array.isArray(result) && result.length > 0,
  },
  'after the incident is written': { ...RECORD, when: 'after', matches: putInto('incident/') },
  'before the first post': { port: 'chat', method: 'post', when: 'before' },
  'after the first post, before it is recorded': { port: 'chat', method: 'post', when: 'after' },
  'after the first post is recorded': { ...RECORD, when: 'after', matches: putInto('incident/', isSent) },
  'after the evidence': {
    port: 'payloads',
    method: 'put',
    when: 'after',
    matches: ([id]) => String(id).startsWith('evidence-'),
  },
  'after the diagnosis': {
    ...RECORD,
    when: 'after',
    matches: putInto('incident/', (value) => 'diagnosedAt' in value),
    posted: true,
  },
  'before the edit': { port: 'chat', method: 'edit', when: 'before' },
  'after the edit, before it is recorded': { port: 'chat', method: 'edit', when: 'after' },
  'before the ack': { port: 'delivery', method: 'ack', when: 'before', posted: true },
  'after the ack': { port: 'delivery', method: 'ack', when: 'after', posted: true },
};
