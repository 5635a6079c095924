import type { Caller, Incident, Privacy } from '../model.ts';
import { cleanLine, OUTSIDE_TEXT_MAX } from './plain.ts';
import { callerKindWords, isGuid } from './words.ts';

/** What a destination may show unless its route says otherwise. */
export const DEFAULT_PRIVACY: Privacy = 'masked';

/** Whatever names the people and objects that may have to be hidden. */
export type Spoken = Pick<Incident, 'findings' | 'impact'> & { callers?: readonly Caller[] };

/** Says outside text and identities as one destination may show them. */
export type Mask = {
  /** One clean line, with addresses, people and secret names as this destination may show them. */
  text(text: string, max?: number): string;
  /** The caller as a reader names it: display name, else what kind it is with its shortened id. */
  caller(caller: Caller): string;
  /** Who acknowledged or owns something; undefined where no person may be shown. */
  person(name: string): string | undefined;
  secretNames: boolean;
};

/** It begins where no letter stands before it, which also keeps the search linear in long words. */
const EMAIL = /(?<![\p{L}\p{N}._%+-])([\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]*@([\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+)/gu;
const IPV4 = /(?<![\d.])(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}(?![\d.]*\d)/g;
const COLON_GROUPS = /(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi;
/** No name of a secret has a dot: `azsdk-net-Security.KeyVault.Secrets/4.7.0` is a library and its version. */
const OBJECT_PATH = /(?<![\w-])(secrets|keys|certificates)\/(?!\d+\.\d)[\w-]+(?:\/[0-9a-f]{32})?/gi;
const HIDDEN = '[hidden]';

/**
 * `masked`: user names and addresses shortened, secret names hidden outside the incident's own thread. `minimal`: none
 * of them. `full`: as they are. Application and role names are shown in all three; people who acted in chat are not
 * hidden from that chat unless `minimal` says so.
 */
export function createMask(incident: Spoken, privacy: Privacy, inThread: boolean): Mask {
  const secretNames = privacy === 'full' || (privacy === 'masked' && inThread);
  const objects = anyOf(secretNames ? [] : objectNames(incident));
  const people = anyOf(privacy === 'full' ? [] : userNames(incident));
  const maskPerson = privacy === 'minimal' ? () => '[person]' : shortenPerson;

  function text(raw: string, max = OUTSIDE_TEXT_MAX): string {
    // Cut last: a name cut in two would no longer be recognised and would slip through.
    let line = cleanLine(raw, max + 1000);
    if (!secretNames) line = line.replace(OBJECT_PATH, `$1/${HIDDEN}`).replace(objects, HIDDEN);
    if (privacy !== 'full') {
      line = line.replace(people, maskPerson);
      line = privacy === 'minimal' ? line.replace(EMAIL, '[person]') : line.replace(EMAIL, '$1…@$2');
      line = privacy === 'minimal' ? line.replace(IPV4, '[address]') : line.replace(IPV4, '$1.0/24');
      line = line.replace(COLON_GROUPS, (match) => maskIpv6(match, privacy));
    }
    return cleanLine(line, max);
  }

  function caller(who: Caller): string {
    if (who.kind === 'user') {
      if (privacy === 'minimal') return 'a user';
      const name = who.displayName ?? who.id;
      if (isGuid(name)) return `user ${shortId(name)}`;
      return privacy === 'full' ? cleanLine(name) : cleanLine(shortenPerson(name));
    }
    if (who.displayName !== undefined && who.displayName.trim() !== '' && !isGuid(who.displayName))
      return text(who.displayName);
    if (who.arn !== undefined) return `role ${text(roleName(who.arn))}`;
    const id = who.appId ?? who.objectId ?? who.id;
    if (id === '') return callerKindWords(who.kind);
    return `${callerKindWords(who.kind)} ${isGuid(id) ? shortId(id) : text(id)}`;
  }

  return {
    text,
    caller,
    secretNames,
    person: (name) => (privacy === 'minimal' ? undefined : cleanLine(name, 60)),
  };
}

/** An IPv6 address is cut to its site; a time of day (`14:03:22`) has the same letters but neither `::` nor eight groups. */
function maskIpv6(match: string, privacy: Privacy): string {
  const groups = match.split(':');
  if (!match.includes('::') && groups.length !== 8) return match;
  if (privacy === 'minimal') return '[address]';
  const site = groups.slice(0, 3);
  const gap = site.indexOf('');
  return `${(gap < 0 ? site : site.slice(0, gap)).join(':')}::/48`;
}

/** `3f2a9c1e…`: enough to tell two apart in a sentence; the whole id stands among the facts. */
export function shortId(id: string): string {
  return `${id.trim().slice(0, 8)}…`;
}

/** `d…@contoso.com`, `D… S…`: who acts in it can recognise themselves, a stranger cannot. */
function shortenPerson(name: string): string {
  if (name.includes('@')) return name.replace(EMAIL, '$1…@$2');
  return name
    .split(/[\s._-]+/)
    .filter((part) => part !== '')
    .map((part) => `${[...part][0]}…`)
    .join(' ');
}

/** The role's name; the session of an assumed role may be a person's and is left out. */
function roleName(arn: string): string {
  const parts = arn.split(':').at(-1)?.split('/') ?? [arn];
  return (parts[0] === 'assumed-role' ? parts[1] : parts.at(-1)) ?? arn;
}

function userNames(incident: Spoken): string[] {
  const callers = incident.findings.flatMap((finding) => [finding.caller, ...finding.victims]);
  return [...callers, ...(incident.impact?.dependents ?? []), ...(incident.callers ?? [])]
    .filter((who): who is Caller => who?.kind === 'user')
    .flatMap((who) => [who.displayName ?? '', isGuid(who.id) ? '' : who.id]);
}

/** Names of secrets, keys and certificates that the findings speak of: values of the evidence column `target`. */
function objectNames({ findings }: Spoken): string[] {
  const values = findings
    .flatMap((finding) => finding.facts)
    .flatMap(({ from, value }) => (from.column === 'target' && typeof value === 'string' ? value.split(/[,;]/) : []));
  return values.flatMap((name) => [name.trim(), name.trim().split('/').at(-1) ?? '']);
}

const NAMES_MAX = 200;
const MATCHES_NOTHING = /(?!)/g;

/** Matches any of the names where it stands as a whole word, the longest first. */
function anyOf(names: readonly string[]): RegExp {
  const clean = names.map((name) => cleanLine(name)).filter((name) => name.length >= 2 && !/^[\d.,%]+$/.test(name));
  const distinct = [...new Set(clean)].sort((a, b) => b.length - a.length).slice(0, NAMES_MAX);
  if (distinct.length === 0) return MATCHES_NOTHING;
  const edge = '[\\p{L}\\p{N}_-]';
  const any = distinct.map((name) => name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|');
  return new RegExp(`(?<!${edge})(?:${any})(?!${edge})`, 'giu');
}
