import { HeadroomError } from '../../errors.ts';
import { postJson } from '../post-json.ts';

export type ConnectorCall = {
  method: 'POST' | 'PUT' | 'GET';
  /** Where the conversation lives, as Teams said and as was checked when it did. */
  serviceUrl: string;
  /** `/v3/conversations/…` */
  path: string;
  body?: unknown;
  /** For everything, the answer included, save the token. */
  timeoutMs: number;
};

/** The Bot Framework connector, called as the bot. @see https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference */
export interface TeamsConnector {
  /** The first 2 KB of the answer. Failures are those of `ChatSender`; `not-found` where a PUT meets nothing. */
  call(call: ConnectorCall, signal?: AbortSignal): Promise<string>;
  /** A token can be had; rejects with what stands in the way. */
  probe(): Promise<void>;
}

const NEXT_STEP =
  'Add the Teams app to the team or chat again, and check HEADROOM_TEAMS_APP_ID and HEADROOM_TEAMS_TENANT_ID.';

/** @param token of the bot, as `botTokens` gives it */
export function teamsConnector(token: () => Promise<string>): TeamsConnector {
  return {
    async call({ method, serviceUrl, path, body, timeoutMs }, signal) {
      const target = {
        name: 'Teams',
        url: `${serviceUrl.replace(/\/+$/, '')}${path}`,
        method,
        headers: { authorization: `Bearer ${await token()}` },
        timeoutMs,
        nextStep: NEXT_STEP,
      };
      try {
        return (await postJson(target, body, signal)).body;
      } catch (error) {
        throw translate(error, method);
      }
    },
    async probe() {
      await token();
    },
  };
}

/**
 * 412 is to be tried again like a 5xx.
 * @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit#handle-rate-limits
 */
function translate(error: unknown, method: ConnectorCall['method']): unknown {
  if (!(error instanceof HeadroomError)) return error;
  const status = /^Teams answered (\d{3})/.exec(error.message)?.[1];
  if (status === '412') return new HeadroomError('unavailable', error.message, { cause: error });
  if (status === '404' && method === 'PUT') return new HeadroomError('not-found', error.message, { cause: error });
  return error;
}

export function activitiesPath(conversationId: string, activityId?: string): string {
  const all = `/v3/conversations/${encodeURIComponent(conversationId)}/activities`;
  return activityId === undefined ? all : `${all}/${encodeURIComponent(activityId)}`;
}
