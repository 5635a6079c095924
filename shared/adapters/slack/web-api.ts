import { type Logger, LogLevel, WebAPIPlatformError, WebClient } from '@slack/web-api';
import { HeadroomError } from '../../errors.ts';
import { neverSent, throttled } from '../post-json.ts';
import { slackError } from './errors.ts';

export type SlackApiOptions = {
  token: string;
  /** Base URL in place of `https://slack.com`. */
  endpoint?: string;
  /** For all calls of one operation together, the answers included. */
  timeoutMs: number;
};

const REACH =
  'Check that this host reaches slack.com, or what HEADROOM_SLACK_ENDPOINT names; otherwise wait for Slack.';

/** Calls of one operation, each tried once, all under one deadline. */
export type SlackCalls = (method: string, args: Record<string, unknown>) => Promise<unknown>;

const SILENT: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};

/**
 * Opens the Web API for one operation, which ends after `timeoutMs` or with `signal`.
 *
 * The client's own defaults would try ten times in half an hour and hold its whole queue on a 429; here the caller's
 * ledger decides about repeats. Calls reject with `HeadroomError`s that hold neither token nor answer body.
 */
export function openSlack(options: SlackApiOptions, signal?: AbortSignal): SlackCalls {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const deadline = signal ? AbortSignal.any([timeout, signal]) : timeout;
  return async (method, args) => {
    let response: Response | undefined;
    let failure: unknown;
    const client = new WebClient(options.token, {
      slackApiUrl: new URL('/api/', options.endpoint ?? 'https://slack.com').href,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      allowAbsoluteUrls: false,
      logger: SILENT,
      fetch: async (url, init) => {
        try {
          response = await fetch(url, { ...init, redirect: 'manual', signal: deadline });
        } catch (error) {
          failure = error;
          throw error;
        }
        return response;
      },
    });
    try {
      return await client.apiCall(method, args);
    } catch (error) {
      throw translate(error, method, options, deadline.aborted, response ?? failure);
    }
  };
}

function translate(
  error: unknown,
  method: string,
  options: SlackApiOptions,
  aborted: boolean,
  /** Slack's response, or why `fetch` gave none. */
  outcome: unknown,
): HeadroomError {
  if (error instanceof WebAPIPlatformError) return slackError(method, error.data.error, error);
  if (aborted)
    return new HeadroomError('timed-out', `Slack gave no answer to ${method} within ${options.timeoutMs} ms`, {
      cause: error,
      nextStep: REACH,
    });
  const response = outcome instanceof Response ? outcome : undefined;
  const status = response?.status ?? 0;
  if (response && status === 429) return throttled(`Slack answered ${method} with 429`, response.headers);
  if (status >= 300 && status < 500)
    // Slack itself says what it refuses inside a 200.
    return new HeadroomError(
      status === 401 || status === 403 ? 'denied' : 'invalid',
      `Slack answered ${method} with ${status}`,
      {
        cause: error,
        nextStep: 'Check HEADROOM_SLACK_ENDPOINT and the proxy on the way: another service seems to answer there.',
      },
    );
  if (status === 502 || status === 504 || (status === 0 && !neverSent(outcome)))
    return new HeadroomError('timed-out', `Slack gave no answer to ${method}, though it may have taken it`, {
      cause: error,
      nextStep: REACH,
    });
  const said = status === 0 ? 'cannot be reached' : `answered ${status}`;
  return new HeadroomError('unavailable', `Slack ${said} for ${method}`, { cause: error, nextStep: REACH });
}
