import type { Caller, Finding, Impact } from '../model.ts';

/** What the settings call a caller, by object id, app id or ARN; ids in lower case. */
export type Aliases = Readonly<Record<string, { displayName: string; owner?: string }>>;

/** The caller under the name that people know it by, where the settings say one. */
export type NameCaller = <C extends Caller>(caller: C) => C;

export function nameCallerBy(aliases: Aliases): NameCaller {
  return (caller) => {
    const alias = aliasOf(aliases, caller);
    if (alias === undefined) return caller;
    const { displayName, owner } = alias;
    return { ...caller, displayName, ...(owner !== undefined && { owner }) };
  };
}

/** What the settings say of a caller; undefined where they say nothing. */
export function aliasOf<A>(
  aliases: Readonly<Record<string, A>>,
  { id, objectId, appId, arn }: Pick<Caller, 'id' | 'objectId' | 'appId' | 'arn'>,
): A | undefined {
  const ids = [objectId, appId, arn, id].map((each) => idAsInSettings(each));
  const known = ids.find((each) => Object.hasOwn(aliases, each));
  return known === undefined ? undefined : aliases[known];
}

function idAsInSettings(id = ''): string {
  return id.startsWith('arn:') ? id : id.toLowerCase();
}

export function nameInFinding(finding: Finding, nameCaller: NameCaller): Finding {
  const { caller, victims } = finding;
  return {
    ...finding,
    ...(caller !== undefined && { caller: nameCaller(caller) }),
    victims: victims.map((victim) => nameCaller(victim)),
  };
}

export function nameInImpact(impact: Impact, nameCaller: NameCaller): Impact {
  return { ...impact, dependents: impact.dependents.map((dependent) => nameCaller(dependent)) };
}
