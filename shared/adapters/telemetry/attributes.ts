import type { Queue, Telemetry } from '../../ports.ts';

type Attributes = Record<string, string | number>;

const INCIDENT = /"incident":"([a-z2-7]{8})"/;

type Answer = { status?: number | undefined; statusCode?: number | undefined; body?: unknown };

/** What a span says of an answer: its status, and the incident that it names. */
export function tellAnswer(answer: Answer): Attributes {
  const status = answer.status ?? answer.statusCode ?? 200;
  const incident = typeof answer.body === 'string' ? INCIDENT.exec(answer.body)?.[1] : undefined;
  return { 'http.response.status_code': status, ...(incident === undefined ? {} : { 'headroom.incident': incident }) };
}

/** What a span says of a queue message: the incident that it is about, where it names one. */
export function tellMessage(message: unknown): Attributes {
  const id =
    typeof message === 'object' && message !== null && 'incidentId' in message ? message.incidentId : undefined;
  return typeof id === 'string' && /^[a-z2-7]{8}$/.test(id) ? { 'headroom.incident': id } : {};
}

/** Notes how long a message lay in the queue, the delay that it was sent with included; nothing where that is not known. */
export function noteAge(telemetry: Telemetry, sentAtMs: number, nowMs: number): void {
  if (!Number.isFinite(sentAtMs)) return;
  const value = Math.max(0, nowMs - sentAtMs) / 1_000;
  telemetry.note({ kind: 'spread', name: 'headroom.queue.age', value, unit: 's' });
}

/** Notes how much waits and how much was laid aside; a queue that does not answer is noted by its own failure. */
export async function noteDepth(telemetry: Telemetry, queue: Pick<Queue, 'depth'>): Promise<void> {
  const depth = await queue.depth().catch(() => null);
  for (const [state, value] of Object.entries(depth ?? {}))
    telemetry.note({ kind: 'level', name: 'headroom.queue.depth', value, attributes: { state } });
}
