import type { ClientLanguage } from '../evidence/client-language.ts';
import type { Cause, Fix, Resource } from '../model.ts';
import type { Change } from './what-if/change.ts';
import type { WhatIf } from './what-if.ts';

export type FixContext = {
  cause: Cause;
  resource: Resource;
  /** Of the caller's client; null when it does not say. */
  language: ClientLanguage | null;
  /** Null where the load cannot be replayed; numbers that a fix would take from it are then the usual ones. */
  whatIf: WhatIf | null;
};

/** A fix made for one cause: what to do, ready to paste, and how it would have changed the load. */
export type Proposal = { title: string; snippet?: NonNullable<Fix['snippet']>; change: Change };

/** One thing that can be done. Pure; null where it does not apply to the cause. */
export type FixRule = {
  id: string;
  invasiveness: Fix['invasiveness'];
  propose(context: FixContext): Proposal | null;
};

export type Snippets = Readonly<Partial<Record<ClientLanguage, NonNullable<Fix['snippet']>>>>;

/** The caller's id as the load names it. */
export function callerId({ cause }: FixContext): string | null {
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
