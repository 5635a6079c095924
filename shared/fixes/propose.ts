import { type Client, clientOf } from '../evidence/client-language.ts';
import { platformService } from '../evidence/platform-services.ts';
import type { Cause, Fix, Resource } from '../model.ts';
import type { FixRule, Proposal } from './fix.ts';
import type { WhatIf } from './what-if.ts';

/** A fix that takes away less than this share of the refusals is not worth offering beside one that does. */
const WORTHWHILE_SHARE = 0.1;

/** Those whose own code and settings are not theirs to change (a person at the portal, a service of Microsoft's). */
const UNCHANGING: readonly (Client | null)[] = ['portal', 'microsoft-service'];

type Candidate = { rule: FixRule; proposal: Proposal; predicted: Fix['predicted'] };

type Offer = { resource: Resource; whatIf: WhatIf | null };

/**
 * The fixes of a cause with their predicted effect, least invasive first, then the one that leaves fewest refusals; the
 * first one of all lowers the peak, if any does.
 * Without a faithful replay no effect is promised and all are offered.
 */
export function proposeFixes(cause: Cause, rules: readonly FixRule[], context: Offer): Fix[] {
  const fixed = UNCHANGING.includes(callerClient(cause));
  const candidates = rules
    .filter(({ changesCaller }) => !(fixed && changesCaller))
    .flatMap((rule) => candidateOf(rule, cause, context));
  const worthwhile = candidates.filter(({ predicted }) => relief(predicted) >= WORTHWHILE_SHARE);
  const offered = (worthwhile.some(({ predicted }) => predicted !== undefined) ? worthwhile : candidates).sort(
    (a, b) =>
      a.rule.invasiveness - b.rule.invasiveness ||
      (a.predicted?.throttledAfter ?? 0) - (b.predicted?.throttledAfter ?? 0),
  );
  return leadByPeak(offered).map(({ rule, proposal: { title, snippet, action }, predicted }) => ({
    id: rule.id,
    title,
    invasiveness: rule.invasiveness,
    ...(snippet !== undefined && { snippet }),
    // Whoever waits instead of giving up is refused more often before it is served: more refusals are no effect to promise.
    ...(predicted !== undefined && predicted.throttledAfter <= predicted.throttledBefore && { predicted }),
    ...(action !== undefined && { action }),
  }));
}

/** The same, led by the first that does not leave the peak as high as it was. */
function leadByPeak(candidates: readonly Candidate[]): Candidate[] {
  const lead = candidates.find((candidate) => !leavesPeak(candidate));
  return lead === undefined ? [...candidates] : [lead, ...candidates.filter((candidate) => candidate !== lead)];
}

function leavesPeak({ predicted }: Candidate): boolean {
  return predicted !== undefined && predicted.peakUtilisationAfter >= predicted.peakUtilisationBefore;
}

/** A service of Microsoft's is told by its id, whatever library it uses; of several clients the most frequent speaks. */
function callerClient({ caller }: Cause): Client | null {
  return platformService(caller?.appId ?? null) === null ? clientOf(caller?.client) : 'microsoft-service';
}

/** By load, what each fix would do for each caller: a replay each, and several causes may ask for the same. */
const KNOWN = new WeakMap<WhatIf, Map<string, Candidate[]>>();

function candidateOf(rule: FixRule, cause: Cause, offer: Offer): Candidate[] {
  const { whatIf } = offer;
  if (whatIf === null) return makeCandidate(rule, cause, offer);
  const known = KNOWN.get(whatIf) ?? new Map<string, Candidate[]>();
  KNOWN.set(whatIf, known);
  const key = `${rule.id} ${cause.caller?.id ?? ''}`;
  const candidate = known.get(key) ?? makeCandidate(rule, cause, offer);
  known.set(key, candidate);
  return candidate;
}

function makeCandidate(rule: FixRule, cause: Cause, { resource, whatIf }: Offer): Candidate[] {
  const faithful = whatIf?.faithful === true ? whatIf : null;
  const proposal = rule.propose({ cause, resource, client: callerClient(cause), whatIf: faithful });
  if (proposal === null) return [];
  return [{ rule, proposal, predicted: faithful === null ? undefined : effectOf(faithful, proposal) }];
}

function effectOf(whatIf: WhatIf, { change }: Proposal): Fix['predicted'] {
  if (change === null) return undefined;
  const { throttledBefore, throttledAfter, peakUtilisationBefore, peakUtilisationAfter } = whatIf.predict(change);
  return { throttledBefore, throttledAfter, peakUtilisationBefore, peakUtilisationAfter };
}

/**
 * Share of the refusals that this fix alone takes away, 0..1, whether it is one to offer or not; null where the load could
 * not be replayed, or the fix changes none of it.
 */
export function reliefOf(cause: Cause, rule: FixRule, context: Offer): number | null {
  const [candidate] = candidateOf(rule, cause, context);
  return candidate?.predicted === undefined ? null : relief(candidate.predicted);
}

/** Where nothing is predicted nothing speaks against it. */
function relief(predicted: Fix['predicted']): number {
  if (predicted === undefined || predicted.throttledBefore === 0) return 1;
  return Math.max(0, (predicted.throttledBefore - predicted.throttledAfter) / predicted.throttledBefore);
}
