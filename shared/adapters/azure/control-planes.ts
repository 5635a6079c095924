import type { ControlPlane } from '../../ports.ts';
import type { TokenCredential } from '../../secrets/token.ts';
import type { CallOptions } from './calls.ts';
import type { Environment } from './found-identity.ts';
import { createLeverStore } from './levers.ts';

/** The part of the configuration that says what may be changed in Azure. */
export type AzurePlaneChoices = {
  actions: 'on' | 'off';
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
  { actions, leversEndpoint, actorClientId }: AzurePlaneChoices,
  hosts: { appConfiguration: { scope: string } },
  { actor, ...calls }: CallOptions & { actor: () => TokenCredential },
): ControlPlane[] {
  if (actions === 'off') return [];
  return leversEndpoint === undefined
    ? []
    : [
        createLeverStore({
          endpoint: leversEndpoint,
          scope: hosts.appConfiguration.scope,
          credential: actor(),
          actor: actorClientId,
          calls,
        }),
      ];
}
