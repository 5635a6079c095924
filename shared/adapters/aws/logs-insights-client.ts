/** A bundle of its own, loaded at the first question: few resources name log groups. */
import {
  CloudWatchLogsClient,
  GetQueryResultsCommand,
  type GetQueryResultsResponse,
  StartQueryCommand,
  StopQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { HeadroomError } from '../../errors.ts';
import type { Cell, Row } from '../../model.ts';
import type { Clock } from '../../ports.ts';
import { type AwsCall, type CallLimits, createAwsCalls } from './calls.ts';
import { clientOptions } from './client-options.ts';
import type { AwsCredentials } from './taken-role.ts';

type LogsQuestion = {
  /** Names or ARNs, at most 50. */
  logGroups: readonly string[];
  text: string;
  fromMs: number;
  /** Exclusive. */
  toMs: number;
};

export type AskLogs = (question: LogsQuestion, signal?: AbortSignal) => Promise<{ rows: Row[]; truncated: boolean }>;

/** How long a query may take, and how long is waited between two looks at it: longer and longer. */
const QUERY_MS = 25_000;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 2_000;

/**
 * What one question may scan: 10 GiB, about 5 cents. A minute of log groups that hold more is for a person to ask.
 *
 * @see https://aws.amazon.com/cloudwatch/pricing/
 */
const SCANNED_BYTES_MAX = 10 * 1_073_741_824;

/** Evidence has a row a minute; a page of results has at most 10,000. */
const ROWS_MAX = 10_000;
const PAGES_MAX = 3;

/**
 * Starts a query, looks whether it is done, reads its pages, and stops it where it takes too long or scans too much: a query
 * that nobody waits for is paid all the same.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
 */
export function openLogs(reach: {
  endpoint: string | undefined;
  region: string | undefined;
  limits: CallLimits;
  clock: Clock;
  /** Absent: those of this process. */
  credentials?: AwsCredentials | undefined;
}): AskLogs {
  const { endpoint, region, limits, clock, credentials } = reach;
  const client = new CloudWatchLogsClient({
    ...clientOptions(endpoint, limits),
    ...(region === undefined ? {} : { region }),
    ...(credentials === undefined ? {} : { credentials }),
  });
  const session: Session = { client, call: createAwsCalls('logs', limits), clock };
  return async (question, signal) => {
    const queryId = await start(session, question, signal);
    try {
      const done = await untilDone(session, queryId, signal);
      return await rowsOfAll(session, queryId, done, signal);
    } catch (error) {
      await stop(session, queryId);
      throw error;
    }
  };
}

type Session = { client: CloudWatchLogsClient; call: AwsCall; clock: Clock };

async function start(
  { client, call }: Session,
  question: LogsQuestion,
  signal: AbortSignal | undefined,
): Promise<string> {
  const { logGroups, text, fromMs, toMs } = question;
  const isNamed = logGroups.every((group) => !group.startsWith('arn:'));
  const command = new StartQueryCommand({
    ...(isNamed
      ? { logGroupNames: [...logGroups] }
      : { logGroupIdentifiers: logGroups.map((group) => group.replace(/:\*$/, '')) }),
    queryString: text,
    startTime: Math.floor(fromMs / 1_000),
    // Both ends are included.
    endTime: Math.ceil(toMs / 1_000) - 1,
    limit: ROWS_MAX,
  });
  const { queryId } = await call('starting a query of Logs Insights', (ends) =>
    client.send(command, { abortSignal: either(ends, signal) }),
  );
  if (queryId === undefined) throw new HeadroomError('unavailable', 'Logs Insights started a query without an id');
  return queryId;
}

async function untilDone(
  session: Session,
  queryId: string,
  signal: AbortSignal | undefined,
): Promise<GetQueryResultsResponse> {
  const { clock } = session;
  const endsAtMs = clock.now() + QUERY_MS;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)) {
    const found = await results(session, { queryId }, signal);
    const { status, statistics } = found;
    if (status === 'Complete') return found;
    if (status === 'Timeout') throw late();
    if (status === 'Failed' || status === 'Cancelled')
      throw new HeadroomError('unavailable', `a query of Logs Insights ended as ${status}`);
    if ((statistics?.bytesScanned ?? 0) > SCANNED_BYTES_MAX) throw tooMuch();
    if (clock.now() + waitMs >= endsAtMs) throw late();
    await pause(clock, waitMs, signal);
  }
}

async function rowsOfAll(
  session: Session,
  queryId: string,
  first: GetQueryResultsResponse,
  signal: AbortSignal | undefined,
): Promise<{ rows: Row[]; truncated: boolean }> {
  const rows: Row[] = [];
  let page = first;
  for (let pages = 1; ; pages += 1) {
    rows.push(...(page.results ?? []).map(rowOf));
    const { nextToken } = page;
    if (nextToken === undefined || nextToken === '') return { rows, truncated: rows.length >= ROWS_MAX };
    if (pages >= PAGES_MAX) return { rows, truncated: true };
    page = await results(session, { queryId, nextToken }, signal);
  }
}

function results(
  { client, call }: Session,
  of: { queryId: string; nextToken?: string },
  signal: AbortSignal | undefined,
): Promise<GetQueryResultsResponse> {
  const command = new GetQueryResultsCommand(of);
  return call('reading a query of Logs Insights', (ends) =>
    client.send(command, { abortSignal: either(ends, signal) }),
  );
}

/** One that has ended meanwhile cannot be stopped, which is as well. */
async function stop({ client, call }: Session, queryId: string): Promise<void> {
  const command = new StopQueryCommand({ queryId });
  await call('stopping a query of Logs Insights', (abortSignal) => client.send(command, { abortSignal })).catch(
    () => undefined,
  );
}

function either(ends: AbortSignal, signal: AbortSignal | undefined): AbortSignal {
  const both = signal === undefined ? ends : AbortSignal.any([ends, signal]);
  both.throwIfAborted();
  return both;
}

async function pause(clock: Clock, waitMs: number, signal: AbortSignal | undefined): Promise<void> {
  await clock.sleep(waitMs, signal).catch(() => undefined);
  if (signal?.aborted) throw late();
}

function late(): HeadroomError {
  return new HeadroomError('timed-out', 'a query of Logs Insights took too long and was stopped', {
    nextStep: 'The query took too long and was stopped: it is asked again with the next run; name fewer log groups',
  });
}

function tooMuch(): HeadroomError {
  return new HeadroomError('too-large', 'a query of Logs Insights scanned more than 10 GiB and was stopped', {
    nextStep: 'The log groups hold too much to be read for one alert: name fewer in resources of headroom.json',
  });
}

/** All values come as text; a time is of UTC and carries no zone. */
function rowOf(fields: readonly { field?: string | undefined; value?: string | undefined }[]): Row {
  return Object.fromEntries(
    fields.flatMap(({ field, value }): [string, Cell][] =>
      field === undefined || field === '@ptr' ? [] : [[field, cellOf(value)]],
    ),
  );
}

const TIME = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3})$/;
const NUMBER = /^-?\d{1,15}(?:\.\d{1,15})?(?:E[+-]?\d{1,3})?$/i;

function cellOf(value: string | undefined): Cell {
  if (value === undefined) return null;
  const [, day, time] = TIME.exec(value) ?? [];
  if (day !== undefined) return Date.parse(`${day}T${time}Z`);
  return NUMBER.test(value) ? Number(value) : value;
}
