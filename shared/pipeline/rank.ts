import type { Cause, Role } from '../model.ts';

/** A cause whose cure would take away less than this share of the refusals is not what is to be told. */
export const EXPLAINS_MIN = 0.1;
/** Nor is one whose whole load, taken away, would leave more than four fifths of them. */
export const REMOVAL_MIN = 0.2;
/** A trigger of little weight beside one of much is only how things are. */
const MINOR_WEIGHT = 0.2;
const MAJOR_WEIGHT = 0.6;
/** Triggers that began within this time of each other began together: then what they explain decides. */
const TOGETHER_MS = 30_000;
/**
 * What is over and hurt nobody: likely so, it is only told where nothing else is; confirmed, so little was refused that
 * nothing else that is only likely is worth a word.
 */
const PASSING = 'transient';
/**
 * Refused far below the vault's own limit: what the vault itself was asked cannot be why, so that whatever else can be said
 * of its callers is how they are.
 */
const ELSEWHERE = 'subscription-limit';

const ROLE_ORDER: Readonly<Record<Role, number>> = { trigger: 0, amplifier: 1, condition: 2 };

/** A cause, and what it weighs: what it explains, or what would go with its load where that is more, 0..1. */
export type Weighed = { cause: Cause; weight: number };

/**
 * Causes in the order in which they are told: triggers by onset, then amplifiers, then conditions, each by what they
 * explain; what is inconclusive last (field-notes 13). Ties are broken by caller and kind, so that the order never
 * depends on that of the input.
 */
export function rank<T extends Weighed>(told: readonly T[]): T[] {
  const most = Math.max(0, ...told.map(({ cause, weight }) => (cause.role === 'trigger' ? weight : 0)));
  const elsewhere = told.some(({ cause }) => cause.kind === ELSEWHERE);
  const ordered = withoutOther(told)
    .map((each) => {
      const { cause, weight } = each;
      const minor = weight < MINOR_WEIGHT && most >= MAJOR_WEIGHT;
      const isOnly = cause.role === 'trigger' && cause.kind !== ELSEWHERE && (elsewhere || minor);
      return isOnly ? { ...each, cause: { ...cause, role: 'condition' as const } } : each;
    })
    .sort(({ cause: a }, { cause: b }) => group(a) - group(b) || byWeight(a, b));
  const triggers = ordered.filter(({ cause }) => group(cause) === 0);
  return [...byOnset(triggers), ...ordered.slice(triggers.length)];
}

function withoutOther<T extends Weighed>(told: readonly T[]): readonly T[] {
  const passing = told.find(({ cause }) => cause.kind === PASSING);
  if (passing === undefined || told.some(({ cause }) => cause.kind === ELSEWHERE)) return told;
  const others = told.filter((each) => each !== passing);
  const isWorthIt = ({ cause }: T): boolean =>
    isSure(cause) &&
    cause.explains >= EXPLAINS_MIN &&
    (passing.cause.verdict !== 'confirmed' || cause.verdict === 'confirmed');
  return others.some(isWorthIt) ? others : [passing, ...others.filter(({ cause }) => !isSure(cause))];
}

function isSure({ verdict }: Cause): boolean {
  return verdict === 'confirmed' || verdict === 'likely';
}

function group(cause: Cause): number {
  if (cause.kind === ELSEWHERE) return ROLE_ORDER.trigger;
  return isSure(cause) ? ROLE_ORDER[cause.role] : Object.keys(ROLE_ORDER).length;
}

function byWeight(a: Cause, b: Cause): number {
  return (
    b.explains - a.explains ||
    b.confidence - a.confidence ||
    compare(a.caller?.id ?? '', b.caller?.id ?? '') ||
    compare(a.kind, b.kind)
  );
}

/** The earliest first, with those that began together with it in the order of what they explain; then the next. */
function byOnset<T extends Weighed>(triggers: readonly T[]): T[] {
  const left = [...triggers];
  const ordered: T[] = [];
  while (left.length > 0) {
    const earliest = Math.min(...left.map(({ cause }) => onsetMs(cause)));
    const next = left.findIndex(({ cause }) => onsetMs(cause) <= earliest + TOGETHER_MS);
    ordered.push(...left.splice(Math.max(0, next), 1));
  }
  return ordered;
}

function onsetMs({ onset }: Cause): number {
  return onset === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(onset);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
