import type { Clock } from '../../ports.ts';
import { type AwsCredentials, takenRole } from './taken-role.ts';

/** Accounts that are read by a role of theirs, each with who this process is there. */
export type WatchedAccounts = ReadonlyMap<string, AwsCredentials>;

/** What the role of this process needs: the role of each watched account, which lets nobody else in. */
export const permissions = {
  iam: [{ actions: ['sts:AssumeRole'], resources: ['the roles of the watched accounts'] }],
} as const;

/** Its name in each watched account. @see infra/aws/watched-account.ts */
const ROLE = 'headroom-reader';

type Choices = {
  watchedAccounts: readonly string[];
  watchedExternalId: { reveal(): string } | undefined;
  partition: string;
  endpoints: { STS?: string | undefined };
};

/** The role of Headroom in each watched account; none where no external id is known. */
export function watchedAccounts(
  { watchedAccounts: accounts, watchedExternalId, partition, endpoints }: Choices,
  { clock }: { clock: Clock },
): WatchedAccounts {
  if (watchedExternalId === undefined) return new Map();
  return new Map(
    accounts.map((account) => {
      const role = {
        arn: `arn:${partition}:iam::${account}:role/${ROLE}`,
        externalId: watchedExternalId.reveal(),
        what: `the role in ${account}`,
        nextStep: `deploy HeadroomWatchedAccount in ${account}, with the number of this account and the external id that HEADROOM_WATCHED_EXTERNAL_ID has`,
      };
      return [account, takenRole(role, { clock, endpoint: endpoints.STS })];
    }),
  );
}
