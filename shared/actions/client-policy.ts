import * as z from 'zod/mini';
import { HeadroomError } from '../errors.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import type { Finding, Fix, Time } from '../model.ts';
import type { ActionContext, ActionRule, Draft } from './action.ts';

/** Of the 4 h that a lever may live: long enough to mend the cause, short enough to be forgotten without harm. */
const LIFE_HOURS = 2;
const HOUR_MS = 3_600_000;

/** How the library bounds what it is told. @see shared/secrets/levers.ts */
const MAX_TTL_SECONDS = 24 * 3_600;
const MIN_TTL_SECONDS = 60;

/** What the fix asks for, of whatever caller it is about. */
const WANTED = z.union([
  z.strictObject({
    lever: z.literal('ttlSeconds'),
    value: z.number().check(z.gte(MIN_TTL_SECONDS), z.lte(MAX_TTL_SECONDS)),
  }),
  z.strictObject({ lever: z.literal('maxRequestsPerSecond'), value: z.number().check(z.gt(0)) }),
  z.strictObject({ lever: z.literal('paused'), value: z.literal(true) }),
]);
type Wanted = z.infer<typeof WANTED>;

const PARAMS = z.strictObject({
  app: z.string(),
  lever: z.string(),
  value: z.unknown(),
  fleetSize: z.optional(z.int()),
});

/** As it stands in the store; other fields of it are of no interest here. */
const LEVER = z.object({ value: z.union([z.number(), z.boolean()]), until: z.string() });

/**
 * A policy for all processes of one application on `headroom/secrets`, which they obey at their next look at the lever store,
 * without a deployment. It ends by itself.
 */
export const clientPolicy: ActionRule = {
  needs: 'approval',
  id: 'client-policy',
  summary: 'tell an application on headroom/secrets to read less, for 2 h',
  touches: 'lever',
  when: 'open',
  hasEffect: true,
  undoable: true,
  drafts(incident, context) {
    const drafts = incident.findings
      .filter(({ verdict }) => verdict === 'confirmed' || verdict === 'likely')
      .flatMap((finding) => ofFinding(incident, finding, context));
    // Of several causes that ask for the same lever, the one that ranks first is heard.
    return drafts.filter(({ target }, at) => drafts.findIndex((other) => other.target.id === target.id) === at);
  },
  diff(params, before) {
    const { lever, value, fleetSize } = read(params);
    const of = typeof fleetSize === 'number' && lever === 'maxRequestsPerSecond' ? ` for ${fleetSize} processes` : '';
    return `${lever}: ${standing(before)} -> ${said(value)}${of}, for ${LIFE_HOURS} h`;
  },
  desired(plan, { now }) {
    const { value, fleetSize } = read(plan.params);
    const until = endOf(now);
    const size = fleetSize === undefined ? {} : { fleetSize };
    return { value: { value, until, incident: plan.incidentId, by: `headroom ${plan.id}`, ...size }, endsAt: until };
  },
};

function ofFinding(incident: IncidentRecord, finding: Finding, context: ActionContext): Draft[] {
  const { caller, fixes } = finding;
  const app = caller ? context.appOf(caller) : null;
  if (!caller || !app) return [];
  const size = app.fleetSize ?? Math.max(1, caller.addresses);
  const asked = fixes.flatMap((fix) => {
    const wanted = fix.action?.id === clientPolicy.id ? z.safeParse(WANTED, fix.action.params) : null;
    return wanted?.success ? [{ wanted: wanted.data, fix }] : [];
  });
  const paused: Wanted = { lever: 'paused', value: true };
  const all: { wanted: Wanted; fix?: Fix }[] = finding.kind === 'retry-storm' ? [...asked, { wanted: paused }] : asked;
  return all.map(({ wanted, fix }) => ({
    title: titleOf(wanted, app.app),
    params: { app: app.app, ...wanted, ...(wanted.lever === 'maxRequestsPerSecond' ? { fleetSize: size } : {}) },
    target: { kind: 'lever', id: `headroom:${app.app}:secrets:${wanted.lever}`, resource: incident.resource.id },
    // What holds reads back, or keeps what was rotated from being seen, is more than a longer memory.
    risk: wanted.lever === 'ttlSeconds' ? 'low' : 'high',
    ...(fix?.predicted ? { predicted: fix.predicted } : {}),
  }));
}

function titleOf(wanted: Wanted, app: string): string {
  switch (wanted.lever) {
    case 'ttlSeconds':
      return `Let ${app} keep its secrets for ${minutes(wanted.value)}`;
    case 'maxRequestsPerSecond':
      return `Hold ${app} to ${wanted.value} reads a second in all`;
    case 'paused':
      return `Stop the background refresh of ${app}`;
  }
}

function minutes(seconds: number): string {
  if (seconds % 3_600 === 0) return `${seconds / 3_600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

function endOf(now: Time): Time {
  return new Date(Date.parse(now) + LIFE_HOURS * HOUR_MS).toISOString();
}

function standing(before: unknown): string {
  const lever = z.safeParse(LEVER, before);
  if (lever.success) return `${said(lever.data.value)} until ${lever.data.until}`;
  return before === null || before === undefined ? 'not set' : 'something that is no lever';
}

function said(value: unknown): string {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'not set';
}

function read(params: unknown): z.infer<typeof PARAMS> {
  const parsed = z.safeParse(PARAMS, params);
  if (parsed.success) return parsed.data;
  throw new HeadroomError('bug', 'a plan for a client policy has no policy in it');
}
