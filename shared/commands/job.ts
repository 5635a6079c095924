import { createHash } from 'node:crypto';
import { RESPONSE_LIFE_MS, RESPONSES_MAX } from '../chat/slack/response-url.ts';
import { asHeadroomError, HeadroomError, isRetryable } from '../errors.ts';
import type { Answer, Privacy, RecordKey, Time } from '../model.ts';
import type { Person } from '../pipeline/audit.ts';
import { timeNow } from '../pipeline/deps.ts';
import { chatKey } from '../pipeline/keys.ts';
import { readVersioned } from '../pipeline/versions.ts';
import type { Worked } from '../pipeline/work.ts';
import type { Revision, SlackDesk, Stored, TeamsListener, TeamsPlace } from '../ports.ts';
import { type CommandPorts, plainAnswer, type Reply } from './command.ts';
import { readCommand, runCommand } from './dispatch.ts';
import { slackReply } from './slack-reply.ts';
import { teamsBotReply } from './teams-reply.ts';

/** `chat/<hour>` `job~…`: what somebody is owed an answer to. The queue carries its key alone. */
type ChatJob = {
  v: 1;
  askedAt: Time;
  person: Person;
  privacy: Privacy;
  /** A command that is yet to be run, or what is to be said. */
  ask: { text: string } | { answer: Answer };
  /** Whoever has it can post for half an hour; it is forgotten with the end of the job. */
  responseUrl?: string;
  /** Where the answer goes on Teams, which takes it at any time. */
  place?: TeamsPlace;
  /** Who asked there; a refusal is for them alone. */
  listener?: TeamsListener;
  /** Uses of the address so far. */
  sends: number;
  /** A use whose end is not known. */
  unsure?: true;
} & (
  | { state: 'waiting' }
  | { state: 'taken'; until: Time }
  | { state: 'done' }
  | { state: 'given-up'; reason: string }
);

export type Asked = Pick<ChatJob, 'person' | 'privacy' | 'ask'> &
  (
    | { responseUrl: string }
    /** `once`: what the platform repeats when it sends the question again, which is then the same job. */
    | { place: TeamsPlace; listener?: TeamsListener; once: { at: Time; id: string } }
  );

/** Longer than any command may take, its answer included. */
const LEASE_MS = 90_000;
/** Before each further use of the address, of which there are five. */
const PAUSES_MS = [2_000, 10_000, 60_000, 300_000] as const;
const LONGEST_PAUSE_MS = 300_000;
const STORE_PAUSE_MS = 5_000;
/** A bot may post as often as it likes; half an hour is what bounds it. */
const TEAMS_USES_MAX = 10;

/** Keeps what is asked, and queues it. Resolves once both are durable. */
export async function queueJob(
  ports: Pick<CommandPorts, 'records' | 'queue' | 'clock' | 'random'>,
  asked: Asked,
): Promise<void> {
  const { person, privacy, ask } = asked;
  const askedAt = timeNow(ports.clock);
  const isFresh = 'responseUrl' in asked;
  const to = isFresh ? { responseUrl: asked.responseUrl } : teamsAddress(asked);
  const key = isFresh
    ? jobKey(askedAt, `${askedAt}\u0000${asked.responseUrl}\u0000${ports.random()}`)
    : jobKey(asked.once.at, asked.once.id);
  // One that stands there already was perhaps not queued, and is answered once all the same.
  await ports.records.put<ChatJob>(
    key,
    { v: 1, askedAt, person, privacy, ask, ...to, sends: 0, state: 'waiting' },
    'absent',
  );
  await ports.queue.send({ v: 1, chat: key });
}

function teamsAddress({ place, listener }: Extract<Asked, { place: TeamsPlace }>): Pick<ChatJob, 'place' | 'listener'> {
  return { place, ...(listener === undefined ? {} : { listener }) };
}

function jobKey(at: Time, told: string): RecordKey {
  return chatKey(at, `job~${createHash('sha256').update(told).digest('hex').slice(0, 24)}`);
}

/**
 * Answers one job: runs its command and delivers what it says, once. An answer whose delivery may have succeeded is repeated
 * with a note that it may be a repeat; after five uses or half an hour the address is dead, and the job is given up.
 */
export async function answerJob(ports: CommandPorts, desk: SlackDesk, key: RecordKey): Promise<Worked> {
  const taken = await take(ports, key);
  if ('done' in taken) return taken;
  const { job } = taken;
  let reply: Reply;
  try {
    reply = await replyTo(ports, job);
  } catch (error) {
    const known = asHeadroomError(error, 'bug', 'a question from chat could not be answered');
    ports.log.error('chat-failed', { job: key.id, kind: known.kind, error: known.message });
    if (isRetryable(known)) return putBack(ports, key, taken, known, STORE_PAUSE_MS);
    reply = plainAnswer('This could not be answered', ['The log of this process says why']);
  }
  return deliver(ports, desk, key, taken, reply);
}

type Taken = { job: ChatJob; revision: Revision };

async function take(ports: CommandPorts, key: RecordKey): Promise<Taken | Worked> {
  const { records, clock } = ports;
  const stored: Stored<ChatJob> | null = await records.get<ChatJob>(key);
  if (!stored) return { done: true };
  const job = readVersioned(`chat job ${key.id}`, stored.value);
  const nowMs = clock.now();
  if (job.state === 'done' || job.state === 'given-up') return { done: true };
  if (job.state === 'taken' && Date.parse(job.until) > nowMs)
    return { done: false, retryAfterMs: Date.parse(job.until) - nowMs, reason: 'another worker answers it' };
  const late = nowMs - Date.parse(job.askedAt) > RESPONSE_LIFE_MS;
  if (late || job.sends >= usesOf(job) || (job.responseUrl === undefined && job.place === undefined)) {
    const reason = late ? 'the address for answers has expired' : 'the address for answers is used up';
    await giveUp(ports, key, { job, revision: stored.revision }, reason);
    return { done: true };
  }
  const until = new Date(nowMs + LEASE_MS).toISOString();
  const next: ChatJob = { ...job, state: 'taken', until };
  const revision = await records.put<ChatJob>(key, next, stored.revision);
  if (revision === 'conflict')
    return { done: false, retryAfterMs: STORE_PAUSE_MS, reason: 'another worker answers it' };
  return { job: next, revision };
}

async function replyTo(ports: CommandPorts, { ask, person, privacy }: ChatJob): Promise<Reply> {
  if ('answer' in ask) return { kind: 'answer', answer: ask.answer };
  return runCommand({ ...ports, person, privacy }, ask.text);
}

async function deliver(
  ports: CommandPorts,
  desk: SlackDesk,
  key: RecordKey,
  { job, revision }: Taken,
  reply: Reply,
): Promise<Worked> {
  // Written down first: a process that dies on the way leaves a use of the address behind, and the doubt.
  const sending: ChatJob = { ...job, sends: job.sends + 1, unsure: true };
  const before = await ports.records.put<ChatJob>(key, sending, revision);
  if (before === 'conflict') return { done: false, retryAfterMs: STORE_PAUSE_MS, reason: 'another worker answers it' };
  try {
    await say(ports, desk, job, job.unsure ? withDoubt(reply) : reply);
  } catch (error) {
    const known = asHeadroomError(error, 'unavailable', 'the answer could not be delivered');
    ports.log.warn('chat-answer-failed', { job: key.id, kind: known.kind, error: known.message, sends: sending.sends });
    if (!isRetryable(known) || sending.sends >= usesOf(job)) {
      await giveUp(ports, key, { job: sending, revision: before }, known.message);
      return { done: true };
    }
    const pauseMs = Math.max(known.retryAfterMs ?? 0, PAUSES_MS[sending.sends - 1] ?? LONGEST_PAUSE_MS);
    // Refused for now, it has surely not arrived.
    const { unsure: _unsure, ...sure } = sending;
    const next: ChatJob = known.kind === 'throttled' && !job.unsure ? sure : sending;
    return putBack(ports, key, { job: next, revision: before }, known, pauseMs);
  }
  if (job.unsure) ports.log.warn('chat-possible-repeat', { job: key.id });
  await ports.records.put<ChatJob>(key, ended(sending, { state: 'done' }), before);
  return { done: true };
}

async function say(
  { teams }: CommandPorts,
  desk: SlackDesk,
  { ask, responseUrl, place, listener }: ChatJob,
  reply: Reply,
): Promise<void> {
  if (place === undefined) return desk.respond(responseUrl ?? '', slackReply(reply));
  if (teams && listener && isShared(place) && isRefusal(ask, reply)) {
    const heard = await teams.whisper(place, listener, teamsBotReply(reply));
    return heard === 'said' ? undefined : teams.say(place, teamsBotReply(UNSAID));
  }
  if (teams) return teams.say(place, teamsBotReply(reply));
  throw new HeadroomError('unavailable', 'this process has no Teams bot to answer with', {
    nextStep: 'Set HEADROOM_TEAMS_APP_ID and HEADROOM_TEAMS_TENANT_ID for every process of the installation.',
  });
}

/** What all may read where Teams lets nobody be told alone. */
const UNSAID = plainAnswer('That is not done', ['Ask me in a chat of our own to read why']);

/** Others read what is said there: a channel or group chat, in which nobody is alone with the bot. */
function isShared({ conversationId }: TeamsPlace): boolean {
  return conversationId.startsWith('19:');
}

/** Why somebody may not, or what was wrong with what they wanted done, concerns them alone. */
function isRefusal(ask: ChatJob['ask'], reply: Reply): boolean {
  if (reply.kind === 'message' || reply.done) return false;
  return 'answer' in ask || (readCommand(ask.text).command?.writes ?? false);
}

function usesOf({ place }: ChatJob): number {
  return place === undefined ? RESPONSES_MAX : TEAMS_USES_MAX;
}

/** Nobody can be told any more; the log is. */
async function giveUp(
  { records, log }: CommandPorts,
  key: RecordKey,
  { job, revision }: Taken,
  reason: string,
): Promise<void> {
  await records.put<ChatJob>(key, ended(job, { state: 'given-up', reason }), revision);
  log.error('chat-unanswered', { job: key.id, person: job.person.id, reason });
}

async function putBack(
  { records }: CommandPorts,
  key: RecordKey,
  { job, revision }: Taken,
  error: HeadroomError,
  retryAfterMs: number,
): Promise<Worked> {
  await records.put<ChatJob>(key, { ...base(job), state: 'waiting' }, revision);
  return { done: false, retryAfterMs, reason: error.message };
}

function ended(job: ChatJob, end: { state: 'done' } | { state: 'given-up'; reason: string }): ChatJob {
  const { responseUrl: _address, unsure: _unsure, ...rest } = base(job);
  return { ...rest, ...end };
}

function base({ v, askedAt, person, privacy, ask, responseUrl, place, listener, sends, unsure }: ChatJob) {
  return {
    v,
    askedAt,
    person,
    privacy,
    ask,
    sends,
    ...(responseUrl === undefined ? {} : { responseUrl }),
    ...(place === undefined ? {} : { place }),
    ...(listener === undefined ? {} : { listener }),
    ...(unsure ? { unsure } : {}),
  };
}

function withDoubt(reply: Reply): Reply {
  const note = { text: 'This may be a repeat: the end of an earlier attempt is not known.' };
  if (reply.kind === 'message')
    return { ...reply, message: { ...reply.message, notes: [note, ...reply.message.notes] } };
  return { ...reply, answer: { ...reply.answer, notes: [note, ...reply.answer.notes] } };
}
