import type { Settings } from '../config.ts';
import type { Estate, ReceiverGroup } from '../model/estate.ts';
import type { Clock } from '../ports.ts';
import type { Check, Examined } from './check.ts';
import { deploymentAlarms } from './deployment-alarms.ts';
import { deploymentClock } from './deployment-clock.ts';
import { deploymentLogs } from './deployment-logs.ts';
import { deploymentReceiver } from './deployment-receiver.ts';
import { deploymentRoles } from './deployment-roles.ts';
import { deploymentRules } from './deployment-rules.ts';
import { deploymentSchema } from './deployment-schema.ts';
import { runChecks } from './examine.ts';

/** What a check of the deployment may look at; each reading is made once, by whoever asks first. */
export type DeploymentPorts = {
  ours: NonNullable<Settings['ours']>;
  clock: Clock;
  /** Null: no scope is one of Azure. */
  azure: {
    estate(): Promise<Estate>;
    /** The action groups of the settings. */
    receivers(): Promise<ReceiverGroup[]>;
  } | null;
  /** How many alarms call each of the settings' alarm actions; null: the settings name none. */
  alarms: (() => Promise<{ action: string; enabled: number; disabled: string[] }[]>) | null;
  /** Clocks of the clouds that are asked, epoch ms. */
  clocks: readonly { of: 'Azure' | 'AWS'; time(): Promise<number> }[];
  /** Host that Headroom answers at; undefined: any. */
  host: string | undefined;
};

export type DeploymentCheck = Check<DeploymentPorts>;

/** In the order in which they are told. */
const CHECKS: readonly DeploymentCheck[] = [
  deploymentRoles,
  deploymentLogs,
  deploymentRules,
  deploymentReceiver,
  deploymentSchema,
  deploymentAlarms,
  deploymentClock,
];

/** An estate of thousands is asked about one by one. */
const CHECK_MS = 300_000;

/** Looks a deployment over, as whoever is signed in: what is missing in the watched subscriptions and accounts. */
export function examineDeployment(ports: DeploymentPorts): Promise<Examined> {
  return runChecks(ports, CHECKS, CHECK_MS);
}
