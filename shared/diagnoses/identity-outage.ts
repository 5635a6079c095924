import { activity } from '../evidence/activity.ts';
import { callers } from '../evidence/callers.ts';
import { coverage } from '../evidence/coverage.ts';
import { identity } from '../evidence/identity.ts';
import { load } from '../evidence/load.ts';
import { platform } from '../evidence/platform.ts';
import { rowsOf } from '../evidence/rows.ts';
import { timeline } from '../evidence/timeline.ts';
import type { Cause, Fact, Verdict } from '../model.ts';
import { cleanText } from '../sources/clean.ts';
import { callerOf } from './caller.ts';
import type { Diagnosis, DiagnosisContext } from './diagnosis.ts';
import { digits } from './digits.ts';
import type { Dip } from './dip.ts';
import { FALLEN_SHARE_MIN, ORPHANS_MIN, outageBefore } from './outage.ts';
import { eventsOf, givesTokens, isOpen } from './provider-events.ts';
import { type Storm, stormOf, timeOf } from './storm.ts';
import { type Tokens, tokensDuring } from './tokens.ts';
import { confidenceOf, margin, verdictFor } from './verdict.ts';

const CLEAR_FALLEN = 3;
const CLEAR_ORPHANS = 20;
/** The provider tells when an outage began to the hour, and late. */
const AROUND_MS = 3_600_000;
const TEXT_MAX = 100;

/**
 * The token service failed first: callers fell silent, their challenges unanswered, and came back all at once. Sign-ins that
 * failed or went missing meanwhile, and an event of the provider's, each make it surer; sign-ins as usual speak against it
 * (field-notes 10). Neither is told without the silence: a rush that nothing went before has begun by itself.
 */
export const identityOutage: Diagnosis = {
  kind: 'identity-outage',
  needs: [coverage.kind, timeline.kind, callers.kind, activity.kind, load.kind, identity.kind, platform.kind],
  fixes: ['cache-secrets', 'jittered-start', 'backoff'],
  cure: 'cache-secrets',
  diagnose(context) {
    const storm = stormOf(context);
    const active = rowsOf(context.evidence, activity);
    if (storm === null || active === null) return [];
    const dip = outageBefore(storm, active);
    if (dip === null) return [];
    return [causeFrom(storm, dip, { tokens: tokensDuring(context.evidence, dip), event: eventAround(dip, context) })];
  },
};

/** What else there is to tell by: absent evidence is null, and changes nothing. */
type Beside = { tokens: Tokens | null; event: { words: string; from: Fact['from'] } | null };

/** An event of the service of tokens, open or over, around the silence. */
function eventAround(dip: Dip, { evidence, related = [] }: DiagnosisContext): Beside['event'] {
  const [fromMs, toMs] = [dip.fromSecond * 1000 - AROUND_MS, dip.toSecond * 1000 + AROUND_MS];
  const known = (eventsOf('identity', evidence) ?? []).find(
    (event) =>
      event.eventType !== 'PlannedMaintenance' &&
      (event.startedMs ?? toMs) < toMs &&
      (isOpen(event) || (event.mitigatedMs ?? fromMs) > fromMs),
  );
  if (known !== undefined) {
    const words = cleanText(`${known.trackingId} ${known.title}`, TEXT_MAX);
    return { words, from: { kind: platform.kind, column: 'title', row: known.trackingId, window: 'incident' } };
  }
  const told = related.find(({ facts }) => givesTokens(facts?.['service'] ?? ''));
  if (told === undefined) return null;
  const from: Fact['from'] = { kind: 'alert', column: 'description', row: told.alertId, window: 'incident' };
  return { words: cleanText(told.text, TEXT_MAX), from };
}

function causeFrom(storm: Storm, dip: Dip, beside: Beside): Cause {
  const { tokens, event } = beside;
  const tokensAgree = tokens !== null && tokens.state !== 'as-usual';
  const seconds = dip.toSecond - dip.fromSecond;
  return {
    kind: identityOutage.kind,
    verdict: verdictOf(storm, dip, beside),
    role: 'trigger',
    confidence: confidenceOf([
      margin(dip.fallenShare, FALLEN_SHARE_MIN, 0.9),
      margin(dip.orphans, ORPHANS_MIN, 10 * ORPHANS_MIN),
      margin(dip.fall, 0.5, 0.95),
      ...(tokens === null ? [] : [tokensAgree ? 1 : 0]),
      ...(event === null ? [] : [1]),
    ]),
    explains: 0,
    onset: timeOf(dip.fromSecond),
    // Nobody who asked is to blame; whoever was refused is hurt.
    victims: storm.callers.filter(({ refused }) => refused > 0).map(callerOf),
    facts: [...factsOf(dip), ...besideFacts(beside)],
    summary: `tokens failed first: ${digits(dip.fallen.length)} callers fell silent for ${digits(seconds)} s, then all came back`,
  };
}

function verdictOf(storm: Storm, dip: Dip, { tokens, event }: Beside): Verdict {
  const clear = dip.fallen.length >= CLEAR_FALLEN && dip.orphans >= CLEAR_ORPHANS;
  if (tokens === null) return verdictFor(clear || event !== null, storm.baseline);
  if (tokens.state === 'as-usual') return event === null ? 'inconclusive' : 'likely';
  // Sign-ins have a normal state of their own to be held against.
  return event === null ? verdictFor(true, storm.baseline) : 'confirmed';
}

function besideFacts({ tokens, event }: Beside): Fact[] {
  const facts: Fact[] = [];
  if (tokens !== null) {
    const { given, failed, expected, code } = tokens;
    const failures = `${failed} failed${code === null ? '' : ` (${cleanText(code, 40)})`}`;
    const from: Fact['from'] = { kind: identity.kind, column: 'signIns', window: 'incident' };
    facts.push({ label: 'Sign-ins meanwhile', value: `${given} given, ${failures}, ${expected} usual`, from });
  }
  if (event !== null) facts.push({ label: 'The provider says', value: event.words, from: event.from });
  return facts;
}

function factsOf(dip: Dip): Fact[] {
  const from: Fact['from'] = { kind: activity.kind, column: 'perTenSeconds', window: 'incident' };
  return [
    { label: 'Callers that fell by half or more', value: dip.fallen.length, from },
    { label: 'Their requests fell by', value: Math.round(100 * dip.fall), unit: '%', from },
    { label: 'From', value: timeOf(dip.fromSecond), from },
    { label: 'To', value: timeOf(dip.toSecond), from },
    { label: 'Challenges that nothing followed meanwhile', value: dip.orphans, from },
    { label: 'Such challenges in as much time before', value: Math.round(dip.orphansBefore), from },
  ];
}
