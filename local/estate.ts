import { type ArmClient, createArmClient } from '../shared/adapters/azure/arm.ts';
import { createEstateReader } from '../shared/adapters/azure/estate.ts';
import { readReceivers } from '../shared/adapters/azure/estate-rules.ts';
import { processIdentity } from '../shared/adapters/azure/identity.ts';
import { READER_ACTIONS } from '../shared/adapters/azure/reader-actions.ts';
import { createResourceGraph, serverTime } from '../shared/adapters/azure/resource-graph-client.ts';
import { systemClock, systemRandom } from '../shared/adapters/system/clock.ts';
import { AZURE_CLOUDS } from '../shared/config/clouds.ts';
import type { Config } from '../shared/config.ts';
import type { DeploymentPorts } from '../shared/doctor/deployment.ts';
import { HeadroomError } from '../shared/errors.ts';
import type { Estate } from '../shared/model/estate.ts';
import type { TokenCredential } from '../shared/secrets/token.ts';

type Environment = Readonly<Record<string, string | undefined>>;

type Asked = { scopes: readonly string[]; managementGroup?: string | undefined; reader?: string | undefined };

/** Reads an estate as whoever is signed in on this machine, in the cloud that HEADROOM_CLOUD names. */
export function readEstate(config: Config, environment: Environment, asked: Asked): Promise<Estate> {
  const arm = openArm(config, environment);
  return estateOf(arm, asked);
}

/** What the checks of a deployment look at, as whoever is signed in; each is read once. */
export async function openDeployment(
  config: Config,
  environment: Environment,
  { reader, host }: { reader?: string | undefined; host?: string | undefined },
): Promise<DeploymentPorts> {
  const { scopes, ours = { actionGroups: [], alarmActions: [] } } = config.settings;
  const inAzure = scopes.filter((scope) => scope.startsWith('/'));
  const { alarmActions, actionGroups } = ours;
  const arm = inAzure.length === 0 ? null : openArm(config, environment);
  const aws = alarmActions.length === 0 ? null : await import('../shared/adapters/aws/alarms.ts');
  const cloudwatch = { endpoint: config.endpoints.CLOUDWATCH };
  return {
    ...{ ours, host, clock: systemClock },
    azure: arm && azureOf(arm, { scopes: inAzure, reader }, actionGroups),
    alarms: aws?.openAlarmActions(alarmActions, cloudwatch) ?? null,
    clocks: [
      ...(arm ? [{ of: 'Azure' as const, time: () => serverTime(arm) }] : []),
      ...(aws ? [{ of: 'AWS' as const, time: aws.openServerTime(cloudwatch) }] : []),
    ],
  };
}

function azureOf(arm: ArmClient, asked: Asked, actionGroups: readonly string[]): DeploymentPorts['azure'] {
  return {
    estate: once(() => estateOf(arm, asked)),
    receivers: once(() => Promise.all(actionGroups.map((id) => readReceivers(arm, id)))),
  };
}

function estateOf(arm: ArmClient, asked: Asked): Promise<Estate> {
  const graph = createResourceGraph({ arm, clock: systemClock });
  return createEstateReader({ arm, graph, clock: systemClock }).read({ ...asked, actions: READER_ACTIONS });
}

function openArm(config: Config, environment: Environment): ArmClient {
  const { url, scope } = AZURE_CLOUDS[config.cloud].arm;
  const timing = { clock: systemClock, random: systemRandom };
  const host = { url: config.endpoints.ARM ?? url, scope };
  return createArmClient({ host, credential: signedIn(processIdentity(environment, timing)), calls: timing });
}

/** Who reads an estate sits at a terminal: what mends a missing token is a sign-in, not the patience of a service. */
function signedIn(credential: TokenCredential): TokenCredential {
  return {
    async getToken(scopes, options) {
      try {
        return await credential.getToken(scopes, options);
      } catch (error) {
        options?.abortSignal?.throwIfAborted();
        throw notSignedIn(error);
      }
    },
  };
}

function notSignedIn(cause: unknown): HeadroomError {
  const nextStep = 'sign in with `az login`, or run this where a managed identity is (AZURE_CLIENT_ID names it)';
  return new HeadroomError('configuration', 'nobody is signed in to Azure here', { cause, nextStep });
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => {
    reading ??= read();
    return reading;
  };
}
