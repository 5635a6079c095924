/** What the manifest grants to each adapter, and a call of everything that an adapter can do. */

import type { CloudCall } from '../../infra/permission-table.ts';
import { AWS_NEEDS, AZURE_NEEDS } from '../../infra/permissions.ts';
import { type Compared, compareCalls, recordCalls, type Services } from './permissions-recorder.ts';

/** One adapter before its server: `run` calls each of its methods, in whatever way makes it send all that it may send. */
export type Opened = { services: Services; run(): Promise<unknown>; close(): Promise<void> };
export type CallsOf = Readonly<Record<string, () => Promise<Opened>>>;

/** By the names of `infra/permissions.ts`; those whose services no server of ours is. */
export const ON_EMULATORS = {
  azure: ['azure/records.ts', 'azure/queue.ts', 'azure/payloads.ts'],
  aws: ['aws/records.ts', 'aws/queue.ts', 'aws/payloads.ts', 'aws/secrets.ts'],
} as const;

/** Of AWS with the place: `sqs:SendMessage on the work queue`. */
export function grantedTo(adapter: string): string[] {
  const aws = AWS_NEEDS.filter((need) => need.adapter === adapter).flatMap(({ iam }) =>
    iam.flatMap(({ actions, resources }) => resources.flatMap((on) => actions.map((action) => `${action} on ${on}`))),
  );
  const azure = AZURE_NEEDS.filter((need) => need.adapter === adapter).flatMap(({ actions = [], dataActions = [] }) => [
    ...actions,
    ...dataActions,
  ]);
  return [...aws, ...azure];
}

/** Calls everything of an adapter once. @returns what it sent */
export async function callAll(open: () => Promise<Opened>): Promise<CloudCall[]> {
  const { services, run, close } = await open();
  try {
    return await recordCalls(services, run);
  } finally {
    await close();
  }
}

/** @param granted what the adapter may do, unless told otherwise that of the manifest */
export function compareWithGrants(
  adapter: string,
  calls: readonly CloudCall[],
  granted: readonly string[] = grantedTo(adapter),
): Compared {
  return compareCalls(calls, granted, placeIn(adapter));
}

/** Of an adapter with one place all is there; a queue and a bucket have two. */
function placeIn(adapter: string): (permission: string, call: CloudCall) => string {
  const places = [
    ...new Set(
      AWS_NEEDS.filter((need) => need.adapter === adapter).flatMap(({ iam }) => iam.flatMap((one) => one.resources)),
    ),
  ];
  return (permission, { service, path, body }) => {
    if (places.length <= 1) return [permission, ...places].join(' on ');
    if (service === 's3')
      return `${permission} on ${/^\/[^/?]+\/[^/?]/.test(path) ? 'the objects of the bucket' : 'the bucket'}`;
    return `${permission} on ${/-dead"/.test(body) ? 'the dead-letter queue' : 'the work queue'}`;
  };
}
