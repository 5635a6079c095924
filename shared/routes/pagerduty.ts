import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod/mini';
import { acknowledge } from '../actions/acknowledge.ts';
import { cleanLine } from '../chat/plain.ts';
import { type MarkDeps, markIncident } from '../pipeline/mark.ts';
import { getIncident } from '../pipeline/read.ts';
import type { Log } from '../ports.ts';
import { createRefusal } from './auth.ts';
import { errorResponse, jsonResponse, type Route, wrongMethod } from './http.ts';

export type PagerDutyRouteDeps = {
  ports: MarkDeps & { log: Log };
  /** HEADROOM_PAGERDUTY_WEBHOOK_SECRET, two while one takes the other's place; without any, nobody is believed. */
  secrets: readonly string[];
  /** HEADROOM_BODY_BYTES */
  bodyBytes: number;
};

/** @see https://developer.pagerduty.com/docs/webhooks-overview */
const EVENT = z.object({
  event: z.object({
    event_type: z.string(),
    agent: z.nullish(
      z.object({ id: z.nullish(z.string()), summary: z.nullish(z.string()), type: z.nullish(z.string()) }),
    ),
    data: z.looseObject({ incident_key: z.nullish(z.string()) }),
  }),
});

/** Somebody there has it; who resolves it there has seen it too, and here it ends with its alerts. */
const ACKNOWLEDGES = new Set(['incident.acknowledged', 'incident.resolved']);

const DONE = jsonResponse(200, {});

/**
 * `POST /api/pagerduty/webhook`: what PagerDuty (webhooks v3) says of incidents that were called for. An acknowledgement there
 * is one here. Sent again it changes nothing, so repeats need no memory. 413 over the bound, before anything else; whoever does
 * not show the secret's signature gets the same 401 as everyone who is not known.
 */
export function pagerDutyRoute({ ports, secrets, bodyBytes }: PagerDutyRouteDeps): Route {
  const refuse = createRefusal(ports, 'pagerduty');
  return async (request) => {
    if (request.method !== 'POST') return wrongMethod('PagerDuty sends by POST', 'POST');
    const raw = await request.body(bodyBytes);
    if (!(raw instanceof Uint8Array)) return errorResponse(413, `the body is longer than ${bodyBytes} bytes`);
    if (secrets.length === 0) return refuse('HEADROOM_PAGERDUTY_WEBHOOK_SECRET is not set');
    if (!isSigned(request.header('x-pagerduty-signature') ?? '', raw, secrets))
      return refuse('no signature of the header x-pagerduty-signature fits');
    const read = readEvent(raw);
    if (!read) return errorResponse(400, 'this is nothing that PagerDuty sends');
    await take(ports, read.event);
    return DONE;
  };
}

/** While secrets change PagerDuty signs with both: `v1=…,v1=…`. All are compared, so that the time says nothing. */
function isSigned(header: string, raw: Uint8Array, secrets: readonly string[]): boolean {
  const given = header.split(',', 8).map((one) => digest(one.trim()));
  const fits = secrets.flatMap((secret) => {
    const expected = digest(`v1=${createHmac('sha256', secret).update(raw).digest('hex')}`);
    return given.map((one) => timingSafeEqual(one, expected));
  });
  return fits.includes(true);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function readEvent(raw: Uint8Array): z.infer<typeof EVENT> | null {
  try {
    const parsed = z.safeParse(EVENT, JSON.parse(new TextDecoder().decode(raw)));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Another event, or of an incident that is none of ours, is no error: the subscription may cover a whole service. */
async function take(ports: PagerDutyRouteDeps['ports'], event: z.infer<typeof EVENT>['event']): Promise<void> {
  const { agent, data, event_type: type } = event;
  const incident = await getIncident(ports, data.incident_key ?? '');
  if (!incident?.escalated || !ACKNOWLEDGES.has(type)) return;
  // What a service of PagerDuty did by itself, as at our own resolve, is nobody's acknowledgement.
  if (agent?.type !== 'user_reference') return;
  const id = cleanLine(agent.id ?? '', 40) || 'unknown';
  const person = { id: `pagerduty:${id}`, name: `${cleanLine(agent.summary ?? '', 60) || 'somebody'} (PagerDuty)` };
  await markIncident(ports, person, { rule: acknowledge, incidentId: incident.id, params: {}, detail: type });
}
