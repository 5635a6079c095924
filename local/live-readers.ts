import { awsReaders } from '../shared/adapters/aws/evidence-readers.ts';
import { azureReaders } from '../shared/adapters/azure/evidence-readers.ts';
import { processIdentity } from '../shared/adapters/azure/identity.ts';
import { AZURE_CLOUDS } from '../shared/config/clouds.ts';
import type { Config } from '../shared/config.ts';
import type { Clock, EvidenceReader, Random } from '../shared/ports.ts';

/**
 * The stores of both clouds that one machine asks, each with what its SDK finds (environment, command line, machine): those
 * of a cloud of which the configuration names anything. A machine that is given files asks nobody else unless it is told whom: a
 * scope alone says what is ours, not that there is an identity to ask with.
 */
export function liveReaders(config: Config, timing: { clock: Clock; random: Random }): EvidenceReader[] {
  return [
    ...(namesAzure(config)
      ? azureReaders(config, AZURE_CLOUDS[config.cloud], {
          credential: processIdentity(process.env, timing),
          ...timing,
        })
      : []),
    ...(namesAws(config) ? awsReaders(config, timing) : []),
  ];
}

function namesAzure({ workspaceId, endpoints, settings, logs }: Config): boolean {
  const resources = Object.values(settings.resources);
  return (
    [workspaceId, endpoints.LOGS, endpoints.METRICS].some((given) => given !== undefined) ||
    (logs.length === 0 && settings.scopes.some((scope) => scope.startsWith('/'))) ||
    resources.some((resource) => resource.workspaceId !== undefined)
  );
}

function namesAws({ endpoints, settings, logs }: Config): boolean {
  const resources = Object.values(settings.resources);
  return (
    [endpoints.CLOUDWATCH, endpoints.CLOUDWATCH_LOGS].some((given) => given !== undefined) ||
    (logs.length === 0 && settings.scopes.some((scope) => !scope.startsWith('/'))) ||
    resources.some(({ logGroups }) => logGroups !== undefined)
  );
}
