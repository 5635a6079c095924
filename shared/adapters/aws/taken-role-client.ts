/** A bundle of its own, loaded at the first question: most installations take on no role. */
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { HeadroomError } from '../../errors.ts';
import { clientOptions } from './client-options.ts';

export type RoleCredentials = { accessKeyId: string; secretAccessKey: string; sessionToken: string; expiration: Date };

/** The external id is the word that a role in another account asks for; one in this account asks for none. */
export type AssumeRole = (role: { arn: string; externalId?: string }) => Promise<RoleCredentials>;

/** Shown in the trails of the account whose role it is. */
const SESSION = 'headroom';

/** Metrics wait for it, and have 12 s themselves. */
const LIMITS = { tryMs: 3_000 };

/**
 * In the region of this process, so that an outage elsewhere does not reach it.
 *
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export function openAssumeRole(endpoint: string | undefined): AssumeRole {
  const client = new STSClient(clientOptions(endpoint, LIMITS));
  return async ({ arn, externalId }) => {
    const command = new AssumeRoleCommand({
      RoleArn: arn,
      RoleSessionName: SESSION,
      ...(externalId === undefined ? {} : { ExternalId: externalId }),
    });
    const { Credentials: given } = await client.send(command);
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = given ?? {};
    if (!accessKeyId || !secretAccessKey || !sessionToken || !given?.Expiration)
      throw new HeadroomError('invalid', 'STS gave no credentials');
    return { accessKeyId, secretAccessKey, sessionToken, expiration: given.Expiration };
  };
}
