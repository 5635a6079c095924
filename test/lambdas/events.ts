import type { LambdaFunctionURLEvent, LambdaFunctionURLEventWithIAMAuthorizer, SQSEvent } from 'aws-lambda';

/** A function URL's event, payload format 2.0. @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html */
export function functionUrlEvent(
  method: string,
  url: string,
  options: { body?: string; headers?: Record<string, string> } = {},
): LambdaFunctionURLEvent {
  const { pathname, search } = new URL(url, 'https://example.lambda-url.us-east-1.on.aws');
  const event: LambdaFunctionURLEvent = {
    version: '2.0',
    routeKey: '$default',
    rawPath: pathname,
    rawQueryString: search.slice(1),
    headers: { 'content-type': 'application/json', ...options.headers },
    requestContext: {
      accountId: 'anonymous',
      apiId: 'example',
      domainName: 'example.lambda-url.us-east-1.on.aws',
      domainPrefix: 'example',
      http: { method, path: pathname, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: 'e1506fd5-9e7b-434f-bd42-4f8fa224b599',
      routeKey: '$default',
      stage: '$default',
      time: '05/Jan/2026:10:01:01 +0000',
      timeEpoch: 1767607261000,
    },
    isBase64Encoded: false,
  };
  if (options.body !== undefined) event.body = options.body;
  return event;
}

/** The same from a caller that AWS has authenticated (auth type AWS_IAM). */
export function withIamCaller(event: LambdaFunctionURLEvent, userArn: string): LambdaFunctionURLEventWithIAMAuthorizer {
  const iam = {
    accessKey: 'EXAMPLE',
    accountId: '111122223333',
    callerId: 'EXAMPLE',
    cognitoIdentity: null,
    principalOrgId: 'EXAMPLE',
    userArn,
    userId: 'EXAMPLE',
  };
  return { ...event, requestContext: { ...event.requestContext, authorizer: { iam } } };
}

/** A batch as the event source mapping hands it over. @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
export function sqsEvent(bodies: readonly { id: string; body: string; dueAtMs?: number }[]): SQSEvent {
  return {
    Records: bodies.map(({ id, body, dueAtMs }) => ({
      messageId: id,
      receiptHandle: `receipt-${id}`,
      body,
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '1767607261000',
        SenderId: 'EXAMPLE',
        ApproximateFirstReceiveTimestamp: '1767607261001',
      },
      messageAttributes: dueAtMs === undefined ? {} : { dueAt: { stringValue: String(dueAtMs), dataType: 'Number' } },
      md5OfBody: 'EXAMPLE',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:111122223333:headroom-work',
      awsRegion: 'us-east-1',
    })),
  };
}

/** What EventBridge Scheduler sends when a schedule gives no input of its own. */
export const SCHEDULE_EVENT = {
  version: '0',
  id: '53dc4d37-0000-0000-0000-2ac2f2d5a6e0',
  'detail-type': 'Scheduled Event',
  source: 'aws.scheduler',
  account: '111122223333',
  time: '2026-01-05T10:01:00Z',
  region: 'us-east-1',
  resources: ['arn:aws:scheduler:us-east-1:111122223333:schedule/default/headroom-watch'],
  detail: '{}',
};
