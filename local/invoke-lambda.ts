import { randomUUID } from 'node:crypto';
import type { Clock, Log } from '../shared/ports.ts';
import { jsonResponse, type Route, type RouteRequest, type RouteResponse } from '../shared/routes/http.ts';

/** A lambda as its runtime calls it: resolves to what is answered, rejects with the function's error. */
export type LambdaHandler = (event: unknown, context: LambdaContext) => Promise<unknown>;

/** The part of Lambda's context that can be told on one machine. */
type LambdaContext = {
  functionName: string;
  functionVersion: string;
  invokedFunctionArn: string;
  awsRequestId: string;
};

/** @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (read 2026-11) */
const SYNC_PAYLOAD_BYTES = 6_291_456;
const ASYNC_PAYLOAD_BYTES = 1_048_576;

/** Waits before the second and third try of an `Event` invocation. @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const ASYNC_RETRY_DELAYS_MS = [60_000, 120_000];

const VERSION = '$LATEST';

/**
 * `POST /2015-03-31/functions/{name}/invocations`: invokes a lambda as AWS's own API does, so that
 * `aws lambda invoke --endpoint-url http://127.0.0.1:7071` works.
 *
 * `{name}` is a function's name, with or without qualifier, or its ARN. Header `X-Amz-Invocation-Type` is
 * `RequestResponse` (the default: 200 with the payload; a function's error is 200 with `X-Amz-Function-Error`), `Event`
 * (202 at once, up to two more tries) or `DryRun` (204). Refusals have AWS's own shapes, not those of the other routes.
 *
 * It checks no signature: mount it on loopback only.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function invokeRoute(
  handlers: Readonly<Record<string, LambdaHandler>>,
  deps: { clock: Clock; log: Log; signal?: AbortSignal },
): Route {
  return async (request) => {
    const name = functionName(request.path);
    const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined;
    const context = contextOf(name);
    if (!handler) return refusal(404, 'ResourceNotFoundException', `Function not found: ${context.invokedFunctionArn}`);
    const type = request.header('x-amz-invocation-type') ?? 'RequestResponse';
    const event = await readEvent(request, type === 'Event' ? ASYNC_PAYLOAD_BYTES : SYNC_PAYLOAD_BYTES);
    if (!event.ok) return event.refusal;
    switch (type) {
      case 'RequestResponse':
        return await invokeNow(handler, event.value, context);
      case 'Event':
        void invokeLater(handler, event.value, context, deps);
        return { status: 202, headers: requestHeaders(context), body: '' };
      case 'DryRun':
        return { status: 204, headers: requestHeaders(context), body: '' };
      default:
        return refusal(400, 'InvalidParameterValueException', 'Unknown invocation type');
    }
  };
}

async function invokeNow(handler: LambdaHandler, event: unknown, context: LambdaContext): Promise<RouteResponse> {
  const headers = { ...requestHeaders(context), 'x-amz-executed-version': VERSION };
  try {
    return jsonResponse(200, (await handler(event, context)) ?? null, headers);
  } catch (error) {
    return jsonResponse(200, errorPayload(error), { ...headers, 'x-amz-function-error': 'Unhandled' });
  }
}

/** Never rejects: the caller has its answer already, so failures only go to the log. */
async function invokeLater(
  handler: LambdaHandler,
  event: unknown,
  context: LambdaContext,
  deps: { clock: Clock; log: Log; signal?: AbortSignal },
): Promise<void> {
  for (const delayMs of [...ASYNC_RETRY_DELAYS_MS, null]) {
    try {
      await handler(event, context);
      return;
    } catch (error) {
      const { errorType, errorMessage } = errorPayload(error);
      deps.log.warn('lambda-failed', { function: context.functionName, errorType, error: errorMessage, delayMs });
    }
    if (delayMs === null) return;
    try {
      await deps.clock.sleep(delayMs, deps.signal);
    } catch {
      return;
    }
  }
}

type ReadEvent = { ok: true; value: unknown } | { ok: false; refusal: RouteResponse };

async function readEvent(request: RouteRequest, limitBytes: number): Promise<ReadEvent> {
  const body = await request.body(limitBytes);
  if (!(body instanceof Uint8Array)) {
    const message = `Request must be smaller than ${limitBytes} bytes for the InvokeFunction operation`;
    return { ok: false, refusal: refusal(413, 'RequestTooLargeException', message) };
  }
  if (body.byteLength === 0) return { ok: true, value: {} };
  try {
    return { ok: true, value: JSON.parse(Buffer.from(body).toString('utf8')) };
  } catch {
    const message = 'Could not parse request body into json';
    return { ok: false, refusal: refusal(400, 'InvalidRequestContentException', message) };
  }
}

/** `name` of `/2015-03-31/functions/{name}/invocations`; of an ARN what follows `:function:`; without qualifier. */
function functionName(path: string): string {
  const [, encoded = ''] = /^\/2015-03-31\/functions\/([^/]+)\/invocations\/?$/.exec(path) ?? [];
  const given = safeDecode(encoded);
  const [name = ''] = given.replace(/^.*:function:/, '').split(':');
  return name;
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

function contextOf(name: string): LambdaContext {
  return {
    functionName: name,
    functionVersion: VERSION,
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    awsRequestId: randomUUID(),
  };
}

function requestHeaders(context: LambdaContext): Record<string, string> {
  return { 'x-amzn-requestid': context.awsRequestId };
}

function errorPayload(error: unknown): { errorType: string; errorMessage: string; trace: string[] } {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] };
}

/** AWS spells the field `Message` in some errors and `message` in others; clients read either. */
function refusal(status: number, type: string, message: string): RouteResponse {
  return jsonResponse(status, { Type: 'User', Message: message, message }, { 'x-amzn-errortype': type });
}
