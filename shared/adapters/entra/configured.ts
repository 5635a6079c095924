import type { Clock, Log, TokenVerifier } from '../../ports.ts';
import { createActionGroupVerifier, createReaderVerifier, type EntraTenant } from './verifiers.ts';

/** The part of the configuration that says which tokens of Entra are believed. */
export type EntraChoices = {
  tenantId: string | undefined;
  alertAudience: readonly string[] | undefined;
  alertCaller: string;
  readAudience: readonly string[] | undefined;
  /** Base URLs in place of the services' own. */
  endpoints: { ENTRA?: string | undefined };
};

type Hosts = { authority: string; issuers: { v1: string; v2: string } };
type Deps = { clock: Clock; log: Log };

/** Checks the tokens of action groups; undefined unless an audience is configured. */
export function alertVerifier(choices: EntraChoices, hosts: Hosts, deps: Deps): TokenVerifier | undefined {
  const { alertAudience: audiences, alertCaller: appId } = choices;
  const tenant = tenantOf(choices, hosts);
  return audiences && tenant && createActionGroupVerifier(tenant, { audiences, appId }, deps);
}

/** Checks the tokens of who reads incidents; undefined unless an audience is configured. */
export function readVerifier(choices: EntraChoices, hosts: Hosts, deps: Deps): TokenVerifier | undefined {
  const { readAudience: audiences } = choices;
  const tenant = tenantOf(choices, hosts);
  return audiences && tenant && createReaderVerifier(tenant, { audiences }, deps);
}

function tenantOf({ tenantId, endpoints }: EntraChoices, { authority, issuers }: Hosts): EntraTenant | undefined {
  return tenantId === undefined ? undefined : { tenantId, authority: endpoints.ENTRA ?? authority, issuers };
}
