import { createHmac } from 'node:crypto';
import type { Escalation } from '../ports.ts';
import { postJson, secretUrl } from './post-json.ts';
import { reach } from './reach.ts';

export type EscalationWebhookOptions = {
  /** Settings `escalation.webhook`, a secret. */
  url: string;
  /** HEADROOM_ESCALATION_SECRET; without it calls are not signed. */
  secret?: string;
  /** Epoch ms, signed with the body so that an old call cannot be played again. */
  now(): number;
  /** For everything, the answer included; default 5,000. */
  timeoutMs?: number;
};

/**
 * Calls any service by POST: `{ id, action, incident, severity, summary, resource, details, links, at, possibleRepeat }`.
 * `id` stays the same when a call is repeated, and stands in `idempotency-key` too.
 */
export function escalationWebhook(options: EscalationWebhookOptions): Escalation {
  const target = {
    name: 'the escalation webhook',
    url: secretUrl('escalation.webhook of the settings', options.url),
    timeoutMs: options.timeoutMs ?? 5_000,
    nextStep: 'Check escalation.webhook of the settings, and HEADROOM_ESCALATION_SECRET where it checks signatures.',
  };
  return {
    key: 'webhook',
    async send({ step, incidentId, ...event }, signal) {
      const body = { v: 1, ...event, action: step, incident: incidentId };
      const signed = options.secret === undefined ? {} : signatureOf(options.secret, options.now(), body);
      await postJson({ ...target, headers: { 'idempotency-key': event.id, ...signed } }, body, signal);
    },
    probe: (signal) => reach(target, signal),
  };
}

/** HMAC-SHA256 over `v1:<seconds>:<body>`. */
function signatureOf(secret: string, nowMs: number, body: unknown): Record<string, string> {
  const seconds = Math.floor(nowMs / 1_000);
  const signature = createHmac('sha256', secret)
    .update(`v1:${seconds}:${JSON.stringify(body)}`)
    .digest('hex');
  return { 'x-headroom-timestamp': String(seconds), 'x-headroom-signature': `v1=${signature}` };
}
