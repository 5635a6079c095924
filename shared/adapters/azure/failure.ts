import { type ErrorKind, HeadroomError, isHeadroomError } from '../../errors.ts';
import { retryAfterMs } from '../../pacing/retry-after.ts';

/**
 * A service and the role that its calls need; `arm`: Resource Manager, which is only read; `logs`: Log Analytics; `metrics`:
 * Azure Monitor metrics.
 */
export type AzureService = 'table' | 'queue' | 'blob' | 'arm' | 'logs' | 'metrics';

const ROLES: Readonly<Record<AzureService, string>> = {
  table: 'Storage Table Data Contributor',
  queue: 'Storage Queue Data Contributor',
  blob: 'Storage Blob Data Contributor',
  arm: 'Monitoring Reader on the scopes of the settings',
  logs: 'Log Analytics Reader',
  metrics: 'Monitoring Reader on the subscription',
};

/** Longer waits are cut: nobody waits an hour for a store. */
const LONGEST_WAIT_MS = 3_600_000;

const TOO_LARGE: ReadonlySet<string> = new Set(['RequestBodyTooLarge', 'EntityTooLarge', 'PropertyValueTooLarge']);

/** Storage says so when an account or partition is over its rate, with 503 and mostly without a wait. */
const BUSY: ReadonlySet<string> = new Set(['ServerBusy', 'AccountBeingThrottled']);

/**
 * What a failed storage call means for its caller; an error of the family stays what it is. The cause is told by name and
 * code alone: the client's own error holds the request with its token and the answer with its body.
 *
 * @param nowMs against which a wait that is given as a date is counted
 */
export function azureFailure(error: unknown, service: AzureService, what: string, nowMs: number): HeadroomError {
  if (isHeadroomError(error)) return error;
  if (tokenRefused(error)) return tokenFailure(error, what);
  const { kind, nextStep } = meaningOf(error, service);
  const waitMs = kind === 'throttled' ? retryAfterMs((name) => headerOf(error, name), nowMs, LONGEST_WAIT_MS) : null;
  return new HeadroomError(kind, `${what} failed: ${reasonOf(error)}`, {
    cause: new Error(reasonOf(error)),
    ...(nextStep === undefined ? {} : { nextStep }),
    ...(waitMs === null ? {} : { retryAfterMs: waitMs }),
  });
}

/** The service's own word for what went wrong, `QueueNotFound`; undefined when it said none. */
export function codeOf(error: unknown): string | undefined {
  const code = headerOf(error, 'x-ms-error-code') ?? read(read(error, 'details'), 'errorCode') ?? read(error, 'code');
  return typeof code === 'string' && /^\w{1,80}$/.test(code) ? code : undefined;
}

/** HTTP status of the answer; undefined when there was none. */
export function statusOf(error: unknown): number | undefined {
  const status = read(error, 'statusCode');
  return typeof status === 'number' ? status : undefined;
}

function meaningOf(error: unknown, service: AzureService): { kind: ErrorKind; nextStep?: string } {
  const name = read(error, 'name');
  const [status, code = ''] = [statusOf(error), codeOf(error)];
  if (name === 'AbortError' || name === 'TimeoutError' || status === 408 || code === 'OperationTimedOut')
    return { kind: 'timed-out' };
  if (status === undefined)
    return { kind: 'unavailable', nextStep: 'check the address of the store and the way to it' };
  if (status === 401 || status === 403)
    return { kind: 'denied', nextStep: `give this identity the role ${ROLES[service]}, and let its network in` };
  if (status === 429 || BUSY.has(code)) return { kind: 'throttled' };
  if (status === 413 || TOO_LARGE.has(code))
    return { kind: 'too-large', nextStep: 'put what is large into PayloadStore' };
  if (status === 404) return { kind: 'not-found' };
  return { kind: status >= 500 ? 'unavailable' : 'invalid' };
}

function reasonOf(error: unknown): string {
  const status = statusOf(error);
  const code = codeOf(error) ?? read(error, 'name');
  const reason = typeof code === 'string' ? code : 'unknown';
  return status === undefined ? reason : `${status} ${reason}`;
}

/** The guarded credential's error, also when it came from another copy of its module. */
function tokenRefused(error: unknown): boolean {
  return read(error, 'name') === 'SecretsError';
}

function tokenFailure(error: unknown, what: string): HeadroomError {
  const status = statusOf(read(error, 'cause'));
  const denied = status !== undefined && status >= 400 && status < 500 && status !== 429;
  return new HeadroomError(denied ? 'denied' : 'unavailable', `${what} failed: this process has no token`, {
    cause: error,
    nextStep: denied
      ? 'assign a managed identity to this app, and set AZURE_CLIENT_ID where it has several'
      : 'wait for the identity service; what needs no token goes on',
  });
}

function headerOf(error: unknown, name: string): string | undefined {
  const headers = read(read(error, 'response'), 'headers');
  const get = read(headers, 'get');
  const value: unknown = typeof get === 'function' ? Reflect.apply(get, headers, [name]) : undefined;
  return typeof value === 'string' ? value : undefined;
}

function read(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null ? Reflect.get(holder, name) : undefined;
}
