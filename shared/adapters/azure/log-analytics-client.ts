/** A bundle of its own, loaded at the first question: an alert is received without it. */
import { type PipelinePolicy, type PipelineResponse, RestError } from '@azure/core-rest-pipeline';
import { LogsQueryClient, type LogsTable } from '@azure/monitor-query-logs';
import * as z from 'zod/mini';
import { HeadroomError } from '../../errors.ts';
import type { Time } from '../../model.ts';
import type { TokenCredential } from '../../secrets/token.ts';

export type LogsQuestion = {
  /** Whose logs: those of one resource, wherever they lie, or one workspace. */
  about: { resourceId: string } | { workspaceId: string };
  text: string;
  /** `search` takes tables of the plans Basic and Auxiliary, which `query` refuses; each of its questions is paid by what it scans. */
  through?: 'query' | 'search';
  /** What of time is looked at; `to` is exclusive. */
  from: Time;
  to: Time;
};

export type LogsAnswer = {
  /** The first table; null where there is no log at all: nothing was ever sent there. */
  table: { columns: readonly string[]; rows: readonly (readonly unknown[])[] } | null;
  /** Why the rows are not all; absent where they are. */
  cut?: string;
};

/** The service gives up before we do, so that it can say so. @see https://learn.microsoft.com/azure/azure-monitor/logs/api/timeouts */
const SERVER_TIMEOUT_S = 45;
const TIMEOUT_MS = 55_000;

/** Far more than evidence of two hours takes; the service itself gives 100 MB. */
const ANSWER_BYTES = 64 * 1_048_576;

/**
 * Asks one question, once: no retries, no redirects. The SDK's own way with a token refuses the plain http of an emulator on
 * this machine, ignores the signal and fails at an empty answer; the policy makes good for all three.
 *
 * @throws RestError with the innermost code of a refusal; HeadroomError `too-large`, `timed-out` or `unavailable`
 */
export async function askLogs(
  reach: { url: string; scope: string; credential: TokenCredential },
  { about, text, through = 'query', from, to }: LogsQuestion,
  signal?: AbortSignal,
): Promise<LogsAnswer> {
  const client = new LogsQueryClient(reach.credential, {
    endpoint: `${reach.url.replace(/\/+$/, '')}/v1`,
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
  });
  const late = AbortSignal.timeout(TIMEOUT_MS);
  const tooLarge = new AbortController();
  const ends = AbortSignal.any([late, tooLarge.signal, ...(signal === undefined ? [] : [signal])]);
  client.pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' });
  client.pipeline.addPolicy(onceFor(reach, ends, () => tooLarge.abort()));
  if (through === 'search') client.pipeline.addPolicy(searching(`${from}/${to}`));
  const timespan = { startTime: new Date(from), endTime: new Date(to) };
  const options = { serverTimeoutInSeconds: SERVER_TIMEOUT_S };
  try {
    const result =
      'resourceId' in about
        ? await client.queryResource(about.resourceId.replace(/^\/+/, ''), text, timespan, options)
        : await client.queryWorkspace(about.workspaceId, text, timespan, options);
    if (result.status === 'Success') return { table: tableOf(result.tables) };
    const { code, details = [] } = result.partialError;
    return { table: tableOf(result.partialTables), cut: [code, ...details.map((detail) => detail.code)].join(' ') };
  } catch (error) {
    if (tooLarge.signal.aborted) throw tooLargeAnswer(error);
    if (late.aborted) throw lateAnswer(error);
    throw error;
  }
}

function onceFor(
  { scope, credential }: { scope: string; credential: TokenCredential },
  ends: AbortSignal,
  refuse: () => void,
): PipelinePolicy {
  return {
    name: 'oneQuestion',
    async sendRequest(request, next) {
      ends.throwIfAborted();
      const token = await credential.getToken(scope, { abortSignal: ends });
      request.headers.set('authorization', `Bearer ${token?.token ?? ''}`);
      request.allowInsecureConnection = true;
      request.abortSignal = ends;
      request.onDownloadProgress = ({ loadedBytes }) => {
        if (loadedBytes > ANSWER_BYTES) refuse();
      };
      return answered(await next(request));
    },
  };
}

/**
 * The SDK knows no other way than `query`. The time has to stand in the address.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/logs/basic-logs-query
 */
function searching(timespan: string): PipelinePolicy {
  return {
    name: 'searching',
    sendRequest(request, next) {
      const url = new URL(request.url);
      url.pathname = url.pathname.replace(/\/query$/, '/search');
      url.searchParams.set('timespan', timespan);
      request.url = url.toString();
      return next(request);
    },
  };
}

/** Codes from the outermost to the innermost: `BadArgumentError`, `SemanticError`, `SEM0100`. */
const REFUSAL = z.object({
  error: z.object({
    code: z.string(),
    innererror: z.nullish(z.object({ code: z.string(), innererror: z.nullish(z.object({ code: z.string() })) })),
  }),
});

/** 204 is an answer: there is no log. The SDK looks for tables in it, and for a reason in a refusal that has no body. */
function answered(response: PipelineResponse): PipelineResponse {
  const { status, bodyAsText } = response;
  if (status === 204) {
    response.headers.set('content-type', 'application/json');
    return { ...response, status: 200, bodyAsText: '{"tables":[]}' };
  }
  if (status === 504) throw new HeadroomError('timed-out', 'Log Analytics ran out of time');
  if (status < 400 && status !== 200)
    throw new HeadroomError('unavailable', `Log Analytics answered ${status}`, {
      nextStep: 'check HEADROOM_LOGS_ENDPOINT',
    });
  if (status !== 200) throw refusal(response);
  if (!bodyAsText) throw new HeadroomError('unavailable', 'Log Analytics gave an empty answer');
  return response;
}

function refusal(response: PipelineResponse): RestError {
  const { status } = response;
  const { error } = REFUSAL.safeParse(parse(response.bodyAsText)).data ?? {};
  const code = error?.innererror?.innererror?.code ?? error?.innererror?.code ?? error?.code;
  const options = { statusCode: status, response, ...(code === undefined ? {} : { code }) };
  return new RestError(`Log Analytics answered ${status}`, options);
}

function parse(text: string | null | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

function tableOf([table]: readonly LogsTable[]): LogsAnswer['table'] {
  if (table === undefined) return null;
  return { columns: table.columnDescriptors.map(({ name }) => name ?? ''), rows: table.rows };
}

function tooLargeAnswer(cause: unknown): HeadroomError {
  return new HeadroomError('too-large', `Log Analytics gave more than ${ANSWER_BYTES} bytes`, { cause });
}

function lateAnswer(cause: unknown): HeadroomError {
  return new HeadroomError('timed-out', `Log Analytics gave no answer within ${TIMEOUT_MS / 1_000} s`, { cause });
}
