import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Source } from '../../shared/model.ts';
import type { Random } from '../../shared/ports.ts';
import { alertmanager } from '../../shared/sources/alertmanager.ts';
import { azure } from '../../shared/sources/azure.ts';
import { cloudwatch } from '../../shared/sources/cloudwatch.ts';

/** One payload that a sender sends at this time of the story; again until it is answered 202, unless it gives up. */
export type Call = {
  name: string;
  atMs: number;
  source: Source;
  body: unknown;
  /** Sent once more as long after, though it was answered. */
  repeatAfterMs?: number;
  /** A sender that tries only once. */
  givesUp?: true;
};

const FIXTURES = resolve(import.meta.dirname, '../fixtures');

function fixture(path: string): string {
  return readFileSync(resolve(FIXTURES, path), 'utf8');
}

const AZURE = {
  fired: fixture('azure/metric-static-kv429-fired.json'),
  resolved: fixture('azure/metric-static-kv429-resolved.json'),
  hits: fixture('azure/metric-dynamic-kv-hits-fired.json'),
};
const CLOUDWATCH = fixture('cloudwatch/eventbridge-metric.json');
const ALERTMANAGER = {
  firing: fixture('alertmanager/firing-group.json'),
  resolved: fixture('alertmanager/resolved.json'),
};

/** When the recorded payloads say that it happened. */
const RECORDED = {
  azureFired: '2026-01-05T10:07:24.3713213Z',
  azureResolved: '2026-01-05T10:22:31.2246313Z',
  cloudwatch: '2026-01-05T10:01:00.989+0000',
  alertmanagerStart: '2026-01-05T10:01:26.739266876+02:00',
  alertmanagerEnd: '2026-01-05T08:17:26.739266876Z',
};

type Turn = { firedMs: number; resolvedMs?: number };

/** A recorded payload at another time, about another vault or under another rule. */
function azureBody(text: string, vault: string, rule: string, turn: Turn): unknown {
  return JSON.parse(
    text
      .replaceAll(RECORDED.azureFired, iso(turn.firedMs))
      .replaceAll(RECORDED.azureResolved, iso(turn.resolvedMs ?? turn.firedMs))
      .replaceAll('kv-contoso', vault)
      .replaceAll('kv-throttled', rule)
      .replaceAll('kv-hits-dynamic', rule)
      .replaceAll('11111111-1111-1111-1111-111111111111', `${rule}-${vault}-${turn.firedMs}`),
  );
}

function cloudwatchBody(atMs: number, state: 'ALARM' | 'OK'): unknown {
  const stamp = iso(atMs).replace('Z', '+0000');
  const body = JSON.parse(CLOUDWATCH.replaceAll(RECORDED.cloudwatch, stamp));
  if (state === 'ALARM') return body;
  const { previousState, state: now } = body.detail;
  const turned = { ...body.detail, state: { ...previousState, timestamp: stamp }, previousState: now };
  return { ...body, detail: turned };
}

function alertmanagerBody(text: string, turn: Turn): unknown {
  return JSON.parse(
    text
      .replaceAll(RECORDED.alertmanagerStart, iso(turn.firedMs))
      .replaceAll(RECORDED.alertmanagerEnd, iso(turn.resolvedMs ?? turn.firedMs)),
  );
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

const MINUTE_MS = 60_000;

/** What senders send: fired and resolved, of several resources and rules; out of order, twice, and at times given up on; `moreVaults` fire and end beside them. */
export function drawStory(random: Random, startMs: number, moreVaults = 0): Call[] {
  const calls: Call[] = [];
  const between = (least: number, most: number): number => Math.floor(least + random() * (most - least));
  const send = (name: string, happenedMs: number, source: Source, body: unknown): void => {
    // Most come at once; some are under way for so long that what came later stands before them.
    const delayMs = random() < 0.2 ? between(20_000, 150_000) : between(500, 5_000);
    calls.push({
      name,
      atMs: happenedMs - startMs + delayMs,
      source,
      body,
      ...(random() < 0.25 ? { repeatAfterMs: between(100, 120_000) } : {}),
      ...(random() < 0.08 ? { givesUp: true } : {}),
    });
  };
  const firesAndEnds = (vault: string, rule: string, fromMs: number, hits = false): number => {
    const firedMs = fromMs + between(0, 2 * MINUTE_MS);
    const resolvedMs = firedMs + between(20_000, 4 * MINUTE_MS);
    const turn = { firedMs, resolvedMs };
    send(`${rule} of ${vault} fired`, firedMs, azure, azureBody(hits ? AZURE.hits : AZURE.fired, vault, rule, turn));
    send(`${rule} of ${vault} resolved`, resolvedMs, azure, azureBody(AZURE.resolved, vault, rule, turn));
    return resolvedMs;
  };
  const resolvedMs = firesAndEnds('kv-a', 'kv-throttled', startMs);
  if (random() < 0.5) firesAndEnds('kv-a', 'kv-hits', startMs, true);
  // It comes back, within the fifteen minutes of the same incident or after them.
  if (random() < 0.5)
    firesAndEnds(
      'kv-a',
      'kv-throttled',
      resolvedMs + (random() < 0.7 ? between(1_000, 3 * MINUTE_MS) : 16 * MINUTE_MS),
    );
  if (random() < 0.5) firesAndEnds('kv-b', 'kv-throttled', startMs);
  if (random() < 0.4) {
    const firedMs = startMs + between(0, 3 * MINUTE_MS);
    send('the alarm rings', firedMs, cloudwatch, cloudwatchBody(firedMs, 'ALARM'));
    const endMs = firedMs + between(20_000, 3 * MINUTE_MS);
    send('the alarm ends', endMs, cloudwatch, cloudwatchBody(endMs, 'OK'));
  }
  if (random() < 0.4) {
    const turn = { firedMs: startMs + between(0, 3 * MINUTE_MS), resolvedMs: startMs + between(3, 5) * MINUTE_MS };
    send('the group fires', turn.firedMs, alertmanager, alertmanagerBody(ALERTMANAGER.firing, turn));
    send('one of the group is resolved', turn.resolvedMs, alertmanager, alertmanagerBody(ALERTMANAGER.resolved, turn));
  }
  for (let vault = 0; vault < moreVaults; vault += 1) firesAndEnds(`kv-more-${vault}`, 'kv-throttled', startMs);
  return calls.sort((a, b) => a.atMs - b.atMs);
}

/** Ids of the alerts in a payload; empty when it is not understood. */
export function alertIdsOf({ source, body }: Call): string[] {
  const parsed = source.parse(body, '2026-11-20T14:00:00.000Z');
  return parsed.ok ? parsed.alerts.map(({ id }) => id) : [];
}
