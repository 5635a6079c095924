import type { ControlPlane } from '../../ports.ts';
import type { TokenCredential } from '../../secrets/token.ts';
import type { ArmHost } from './arm.ts';
import type { CallOptions } from './calls.ts';
import { createAlertStates } from './close-alert.ts';
import type { Environment } from './found-identity.ts';
import { createLeverStore } from './levers.ts';
import { createProcessingRules } from './processing-rule.ts';

/** The part of the configuration that says what may be changed in Azure. */
export type AzurePlaneChoices = {
  actions: 'on' | 'off';
  settings: { scopes: readonly string[] };
  endpoints: { ARM?: string | undefined };
  leversEndpoint: string | undefined;
  actorClientId: string | undefined;
};

/** The environment in which the actor's identity is found, where it has one of its own. */
export function actorEnvironment(
  environment: Environment,
  { actorClientId }: { actorClientId: string | undefined },
): Environment {
  return actorClientId === undefined ? environment : { ...environment, AZURE_CLIENT_ID: actorClientId };
}

/** What can be changed in Azure, with the actor's identity alone; nothing where actions are off. */
export function azurePlanes(
  { actions, settings, endpoints, leversEndpoint, actorClientId }: AzurePlaneChoices,
  hosts: { appConfiguration: { scope: string }; arm: ArmHost },
  { actor, ...calls }: CallOptions & { actor: () => TokenCredential },
): ControlPlane[] {
  if (actions === 'off') return [];
  const shared = { credential: actor(), actor: actorClientId, calls };
  const { scope } = hosts.appConfiguration;
  const levers = leversEndpoint === undefined ? [] : [createLeverStore({ ...shared, scope, endpoint: leversEndpoint })];
  // Without a scope in Azure there is nothing whose alerts could be changed.
  if (!settings.scopes.some((one) => one.startsWith('/'))) return levers;
  const host = { ...hosts.arm, url: endpoints.ARM ?? hosts.arm.url };
  return [...levers, createAlertStates({ ...shared, host }), createProcessingRules({ ...shared, host })];
}
