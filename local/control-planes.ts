import { actorRole } from '../shared/adapters/aws/actor-role.ts';
import { openMuteRules } from '../shared/adapters/aws/alarms.ts';
import { actorEnvironment, azurePlanes } from '../shared/adapters/azure/control-planes.ts';
import { processIdentity } from '../shared/adapters/azure/identity.ts';
import { issuePlanes } from '../shared/adapters/issues.ts';
import { AZURE_CLOUDS } from '../shared/config/clouds.ts';
import type { Config } from '../shared/config.ts';
import type { Clock, ControlPlane, Random } from '../shared/ports.ts';

/** What one machine may change outside: with the identity or the role of the actor where one is named, else with the developer's own. */
export function localPlanes(config: Config, timing: { clock: Clock; random: Random }): ControlPlane[] {
  const actor = () => processIdentity(actorEnvironment(process.env, config), timing);
  return [
    ...azurePlanes(config, AZURE_CLOUDS[config.cloud], { actor, ...timing }),
    ...(config.settings.scopes.some((scope) => !scope.startsWith('/'))
      ? openMuteRules(config, { endpoint: config.endpoints.CLOUDWATCH, credentials: actorRole(config, timing) })
      : []),
    ...issuePlanes(config),
  ];
}
