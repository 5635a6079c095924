import type { Client } from '../evidence/client-language.ts';
import type { Cause, Fix, Resource } from '../model.ts';
import type { Change, Whose } from './what-if/change.ts';
import type { WhatIf } from './what-if.ts';

export type FixContext = {
  /** Of which a fix looks at the caller alone: for one caller it is the same whatever the cause. */
  cause: Pick<Cause, 'caller'>;
  resource: Resource;
  /** Of the caller; null when it does not say, or when the cause has no one caller. */
  client: Client | null;
  /** Null where the load cannot be replayed; numbers that a fix would take from it are then the usual ones. */
  whatIf: WhatIf | null;
};

type Settings = { seconds?: number; perSecond?: number; factor?: number };

export type Snippet = NonNullable<Fix['snippet']>;

/** A fix made for one cause: what to do, ready to paste, and how it would have changed the load. */
export type Proposal = {
  title: string;
  snippet?: Snippet;
  /** Null where the load would stay as it is, or nothing is known of how it would change: no effect is promised then. */
  change: Change | null;
  /** The numbers that were chosen, for whoever carries it out. */
  settings?: Settings;
  /** The action that does the same without a deployment, for callers that obey it. */
  action?: NonNullable<Fix['action']>;
};

/** One thing that can be done. Pure; null where it does not apply to the cause. */
export type FixRule = {
  id: string;
  invasiveness: Fix['invasiveness'];
  /** The caller's own code or settings change, which neither a person at the portal nor a Microsoft service can do. */
  changesCaller: boolean;
  propose(context: FixContext): Proposal | null;
};

export type Snippets = Readonly<Partial<Record<Client, Snippet>>>;

/** The one for the caller's client, as a part of a proposal; nothing where there is none. */
export function snippetFor({ client }: FixContext, snippets: Snippets): { snippet?: Snippet } {
  const snippet = client === null ? undefined : snippets[client];
  return snippet === undefined ? {} : { snippet };
}

/** The caller's id as the load names it; null where the cause is nobody's alone. */
export function callerId({ cause }: FixContext): Whose {
  return cause.caller?.id ?? null;
}

/** @see https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates (vault names) */
const VAULT_NAME = /^[a-z][a-z0-9-]{1,22}[a-z0-9]$/i;

/** The vault's name for use inside code; a placeholder where the alert's name is none that a vault can have. */
export function vaultName({ resource }: FixContext): string {
  return VAULT_NAME.test(resource.name) ? resource.name.toLowerCase() : '<vault>';
}

export function vaultUrl(context: FixContext): string {
  return `https://${vaultName(context)}.vault.azure.net`;
}

/** `45 s`, `5 min`, `2 h`: the largest unit that says it in whole numbers. */
export function durationText(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  if (seconds % 60 === 0) return `${seconds / 60} min`;
  return `${seconds} s`;
}
