import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from 'aws-lambda';
import { type Route, type RouteRequest, TOO_LARGE_HEAD_BYTES } from '../shared/routes/http.ts';

/** Answers a function URL's request through a route. */
export async function answer(route: Route, event: LambdaFunctionURLEvent): Promise<LambdaFunctionURLResult> {
  const { status, headers, body } = await route(fromFunctionUrl(event));
  return { statusCode: status, headers, body };
}

/** A function URL's event (payload format 2.0) as a `RouteRequest`; header names come in lower case. */
export function fromFunctionUrl(event: LambdaFunctionURLEvent): RouteRequest {
  return {
    method: event.requestContext.http.method,
    path: event.rawPath,
    query: new URLSearchParams(event.rawQueryString),
    header: (name) => event.headers[name],
    body: async (limitBytes) => {
      const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
      if (bytes.byteLength <= limitBytes) return bytes;
      return { head: bytes.subarray(0, TOO_LARGE_HEAD_BYTES), bytes: bytes.byteLength };
    },
  };
}

/** Tells a function URL's request from every other event. */
export function isFunctionUrlEvent(event: unknown): event is LambdaFunctionURLEvent {
  if (typeof event !== 'object' || event === null || !('requestContext' in event) || !('rawPath' in event))
    return false;
  const context = event.requestContext;
  return typeof context === 'object' && context !== null && 'http' in context;
}

/**
 * Whether AWS has checked the caller's signature (auth type AWS_IAM) and let it through: Lambda itself writes this part of
 * the event, no caller can.
 */
export function isIamCaller(event: LambdaFunctionURLEvent): boolean {
  const { authorizer } = { authorizer: undefined, ...event.requestContext };
  return typeof authorizer === 'object' && authorizer !== null && 'iam' in authorizer;
}
