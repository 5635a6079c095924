import * as z from 'zod/mini';

const text = (max: number) => z.string().check(z.maxLength(max));
const common = () => ({
  MessageId: text(100),
  TopicArn: text(400),
  Message: text(1_048_576),
  Timestamp: text(40),
  SignatureVersion: z.enum(['1', '2']),
  Signature: text(1_000),
  SigningCertURL: text(500),
});

/** @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html (read 2026-11) */
const snsMessage = () =>
  z.discriminatedUnion('Type', [
    z.object({ Type: z.literal('Notification'), Subject: z.optional(z.nullable(text(400))), ...common() }),
    z.object({
      Type: z.literal('SubscriptionConfirmation'),
      Token: text(2_000),
      SubscribeURL: text(2_000),
      ...common(),
    }),
    z.object({
      Type: z.literal('UnsubscribeConfirmation'),
      Token: text(2_000),
      SubscribeURL: text(2_000),
      ...common(),
    }),
  ]);

let built: ReturnType<typeof snsMessage> | undefined;

export type SnsMessage = z.infer<ReturnType<typeof snsMessage>>;

export function readSnsMessage(
  body: unknown,
): { ok: true; message: SnsMessage } | { ok: false; error: string; path: string } {
  // Built at the first message: where no topic sends, none comes.
  built ??= snsMessage();
  const parsed = built.safeParse(body);
  if (parsed.success) return { ok: true, message: parsed.data };
  const [issue] = parsed.error.issues;
  return {
    ok: false,
    error: `not an SNS message: ${issue?.message ?? 'unknown shape'}`,
    path: (issue?.path ?? []).join('.'),
  };
}

/** Whether a body claims to come from SNS over HTTP, and so has to prove it. */
export function looksLikeSns(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'Type' in body && ('Signature' in body || 'TopicArn' in body);
}
