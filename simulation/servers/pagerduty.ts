import { createHmac } from 'node:crypto';
import { type Answered, type FaultyServer, type Received, startFaultyServer } from './faulty-server.ts';

/** An incident as PagerDuty would show it to whoever is on call. */
type PagedIncident = {
  dedupKey: string;
  status: 'triggered' | 'acknowledged' | 'resolved';
  summary: string;
  severity: string;
  /** How often somebody's telephone rang. */
  calls: number;
};

export type SimulatedPagerDuty = FaultyServer & {
  incidents: PagedIncident[];
  /** Events that were taken, as `trigger k3f7q2ab`. */
  taken: string[];
};

/** Events taken a minute and integration. @see https://developer.pagerduty.com/docs/events-api-v2-overview */
const EVENTS_PER_MINUTE = 120;
const SEVERITIES = new Set(['critical', 'error', 'warning', 'info']);
const DEDUP_KEY_MAX = 255;
const SUMMARY_MAX = 1_024;
const BODY_MAX = 512 * 1_024;

/**
 * PagerDuty's Events API v2 on loopback: checks what is required, deduplicates by `dedup_key`, opens anew what is triggered
 * after its resolve, and refuses more than 120 events a minute.
 */
export async function startPagerDuty(options: {
  routingKey: string;
  /** Epoch ms. */
  now?: () => number;
}): Promise<SimulatedPagerDuty> {
  const incidents: PagedIncident[] = [];
  const taken: string[] = [];
  const takenAtMs: number[] = [];
  const now = options.now ?? Date.now;

  const handle = ({ method, path, body }: Received): Answered => {
    if (method !== 'POST' || path !== '/v2/enqueue') return { status: 404, body: '' };
    if (body.length > BODY_MAX) return json(413, { status: 'error', message: 'Payload too large' });
    const errors: string[] = [];
    const event = readEvent(body, options.routingKey, errors);
    if (!event) return json(400, { status: 'invalid event', message: 'Event object is invalid', errors });
    const sinceMs = now() - 60_000;
    if (takenAtMs.filter((at) => at > sinceMs).length >= EVENTS_PER_MINUTE)
      return json(429, { status: 'throttle exceeded', message: 'Requests for this service are arriving too quickly.' });
    takenAtMs.push(now());
    taken.push(`${event.action} ${event.dedupKey}`);
    apply(incidents, event);
    return json(202, { status: 'success', message: 'Event processed', dedup_key: event.dedupKey });
  };
  const server = await startFaultyServer(handle);
  return Object.assign(server, { incidents, taken });
}

type Taken = { action: string; dedupKey: string; summary: string; severity: string };

function readEvent(body: string, routingKey: string, errors: string[]): Taken | null {
  const event = parse(body);
  const action = textOf(event, 'event_action');
  const dedupKey = textOf(event, 'dedup_key');
  if (textOf(event, 'routing_key') !== routingKey) errors.push("'routing_key' is invalid");
  if (!['trigger', 'acknowledge', 'resolve'].includes(action)) errors.push("'event_action' is invalid");
  if (dedupKey === '' || dedupKey.length > DEDUP_KEY_MAX) errors.push("'dedup_key' is missing or too long");
  const payload = Reflect.get(event, 'payload');
  const [summary, source, severity] = ['summary', 'source', 'severity'].map((name) => textOf(payload, name));
  if (action === 'trigger') {
    if (!summary || summary.length > SUMMARY_MAX) errors.push("'payload.summary' is missing or too long");
    if (!source) errors.push("'payload.source' is missing or blank");
    if (!SEVERITIES.has(severity ?? ''))
      errors.push("'payload.severity' is invalid (must be one of the following: ...)");
  }
  return errors.length > 0 ? null : { action, dedupKey, summary: summary ?? '', severity: severity ?? '' };
}

function apply(incidents: PagedIncident[], { action, dedupKey, summary, severity }: Taken): void {
  const open = incidents.find((one) => one.dedupKey === dedupKey && one.status !== 'resolved');
  if (action === 'trigger' && !open) incidents.push({ dedupKey, status: 'triggered', summary, severity, calls: 1 });
  if (!open) return;
  if (action === 'acknowledge' && open.status === 'triggered') open.status = 'acknowledged';
  if (action === 'resolve') open.status = 'resolved';
}

function parse(body: string): object {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

function textOf(value: unknown, name: string): string {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return typeof found === 'string' ? found.trim() : '';
}

function json(status: number, body: unknown): Answered {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** What PagerDuty sends to a webhook subscription (v3) when something happens to an incident, signed. */
export function pagerDutyWebhook(
  secret: string,
  given: { dedupKey: string; type?: string; agent?: { id: string; summary: string; type?: string } | null },
): { body: string; headers: Record<string, string> } {
  const { dedupKey, type = 'incident.acknowledged', agent = { id: 'PLH1HKV', summary: 'Tenex Engineer' } } = given;
  const body = JSON.stringify({
    event: {
      id: '5ac64822-4adc-4fda-ade0-410becf0de4f',
      event_type: type,
      resource_type: 'incident',
      occurred_at: '2026-11-20T14:20:00.322Z',
      agent: agent && { type: 'user_reference', self: 'https://api.pagerduty.com/users/PLH1HKV', ...agent },
      client: null,
      data: {
        id: 'PGR0VU2',
        type: 'incident',
        number: 2,
        status: type.replace('incident.', ''),
        incident_key: dedupKey,
        title: 'kv-contoso is throttled',
        service: { id: 'PF9KMXH', summary: 'API Service', type: 'service_reference' },
      },
    },
  });
  const signature = `v1=${createHmac('sha256', secret).update(body).digest('hex')}`;
  return { body, headers: { 'content-type': 'application/json', 'x-pagerduty-signature': signature } };
}
