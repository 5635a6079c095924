import { asHeadroomError, HeadroomError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import { awsFailure } from './failure.ts';
import type { AssumeRole, RoleCredentials } from './watched-accounts-client.ts';

/** Who this process is in another account; the clients of the SDK ask for it before each call. */
export type AwsCredentials = () => Promise<RoleCredentials>;

/** Accounts that are read by a role of theirs, each with who this process is there. */
export type WatchedAccounts = ReadonlyMap<string, AwsCredentials>;

/** What the role of this process needs: the role of each watched account, which lets nobody else in. */
export const permissions = {
  iam: [{ actions: ['sts:AssumeRole'], resources: ['the roles of the watched accounts'] }],
} as const;

/** Its name in each watched account. @see infra/aws/watched-account.ts */
const ROLE = 'headroom-reader';

/** A session lives an hour; what has less left than a long query of logs takes is replaced. */
const FRESH_FOR_MS = 5 * 60_000;

/** An account that let nobody in is asked again no sooner: AssumeRole has a limit that cannot be raised. */
const PAUSE_MS = 60_000;

type Choices = {
  watchedAccounts: readonly string[];
  watchedExternalId: { reveal(): string } | undefined;
  partition: string;
  endpoints: { STS?: string | undefined };
};

/**
 * The role of Headroom in each watched account, taken on when it is first needed and kept until shortly before it ends. One
 * question at a time and account; a refusal holds for a minute.
 */
export function watchedAccounts(
  { watchedAccounts: accounts, watchedExternalId, partition, endpoints }: Choices,
  { clock, assume = openedLater(endpoints.STS) }: { clock: Clock; assume?: AssumeRole },
): WatchedAccounts {
  if (watchedExternalId === undefined) return new Map();
  return new Map(
    accounts.map((account) => {
      const role = { arn: `arn:${partition}:iam::${account}:role/${ROLE}`, externalId: watchedExternalId.reveal() };
      return [account, kept(() => assume(role).catch((error: unknown) => refused(error, account)), clock)];
    }),
  );
}

function openedLater(endpoint: string | undefined): AssumeRole {
  return async (role) => (await import('./watched-accounts-client.ts')).openAssumeRole(endpoint)(role);
}

function kept(ask: AwsCredentials, clock: Clock): AwsCredentials {
  let held: { answer: Promise<RoleCredentials>; untilMs: number } | undefined;
  return () => {
    if (held && clock.now() < held.untilMs) return held.answer;
    const answer = ask();
    const mine = { answer, untilMs: Number.POSITIVE_INFINITY };
    held = mine;
    answer.then(
      ({ expiration }) => {
        mine.untilMs = expiration.getTime() - FRESH_FOR_MS;
      },
      () => {
        mine.untilMs = clock.now() + PAUSE_MS;
      },
    );
    return answer;
  };
}

function refused(error: unknown, account: string): never {
  const known = asHeadroomError(
    awsFailure(error, 'sts', `taking on the role in ${account}`, Date.now()),
    'unavailable',
    '',
  );
  if (known.kind !== 'denied') throw known;
  throw new HeadroomError('denied', known.message, {
    cause: known,
    nextStep: `deploy HeadroomWatchedAccount in ${account}, with the number of this account and the external id that HEADROOM_WATCHED_EXTERNAL_ID has`,
  });
}
