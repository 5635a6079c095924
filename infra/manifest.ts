import { ALL_NAMES } from '../shared/config/names.ts';
import { environmentName, fieldName } from '../shared/config/setting.ts';
import { ENTRIES, type Entry, SCHEDULES, TRIGGERS } from './entries.ts';
import {
  type AwsGrant,
  type AzureGrant,
  type AzurePlace,
  awsActorGrants,
  awsGrants,
  azureGrants,
  HOST_ROLES,
} from './permissions.ts';

/**
 * What has to be deployed: the entries and what starts them, the settings that they take from the environment, and what each
 * may do. Bicep loads it, the CDK imports it.
 */
export type Manifest = {
  schema: 'headroom.manifest/2';
  entries: { name: Entry; azure: Record<string, unknown>; aws: readonly string[] }[];
  schedules: { entry: Entry; everySeconds: number; azure: string; aws: string }[];
  /** Names in the environment; a secret one is given as a Key Vault reference or from a secret store. */
  settings: { plain: string[]; secret: { name: string; field: string; vaultSecret: string }[] };
  permissions: {
    aws: Record<Entry, AwsGrant[]>;
    /** Added to these where actions are on. */
    awsActions: Record<Entry, AwsGrant[]>;
    /** Of the role that acts, which exists only where actions are on. */
    awsActor: AwsGrant[];
    /** Added in a second region. */
    awsSecondRegion: Record<Entry, AwsGrant[]>;
    /** Added where other accounts are read by roles of theirs. */
    awsWatchedAccounts: Record<Entry, AwsGrant[]>;
    azure: Record<AzurePlace, AzureGrant>;
    /** Built-in roles that the Functions host needs, by name. */
    azureHost: Record<string, { id: string; why: string }>;
  };
};

/** `infra/manifest.json` as it has to stand in the tree; `npm run build` writes it. */
export function manifest(): Manifest {
  const names = (secret: boolean) => ALL_NAMES.filter((setting) => setting.secret === secret).map(({ name }) => name);
  return {
    schema: 'headroom.manifest/2',
    entries: ENTRIES.map((name) => ({ name, ...TRIGGERS[name] })),
    schedules: [...SCHEDULES],
    settings: {
      plain: names(false).map(environmentName),
      secret: names(true).map((name) => ({
        name: environmentName(name),
        field: fieldName(name),
        vaultSecret: name.toLowerCase().replaceAll('_', '-'),
      })),
    },
    permissions: {
      aws: awsGrants(),
      awsActions: awsGrants('actions'),
      awsActor: awsActorGrants(),
      awsSecondRegion: awsGrants('secondRegion'),
      awsWatchedAccounts: awsGrants('watchedAccounts'),
      azure: azureGrants(),
      azureHost: HOST_ROLES,
    },
  };
}
