import type { Clock } from '../../ports.ts';
import { type AwsCredentials, takenRole } from './taken-role.ts';

/** What the role of this process needs: to become the one that acts, which lets nobody else in. */
export const permissions = {
  iam: [{ actions: ['sts:AssumeRole'], resources: ['the role that acts'] }],
} as const;

/**
 * Who this process is where it changes something in AWS; what it reads, it reads as itself.
 *
 * @param choices.actorRole HEADROOM_ACTOR_ROLE
 * @returns undefined where no role is named
 */
export function actorRole(
  { actorRole: arn, endpoints }: { actorRole: string | undefined; endpoints: { STS?: string | undefined } },
  { clock }: { clock: Clock },
): AwsCredentials | undefined {
  if (arn === undefined) return undefined;
  const role = {
    arn,
    what: 'the role that acts',
    nextStep: `deploy the stack with HEADROOM_ACTIONS on, which makes the role; or let ${arn}, HEADROOM_ACTOR_ROLE, trust the role of this process, and grant this one sts:AssumeRole on it`,
  };
  return takenRole(role, { clock, endpoint: endpoints.STS });
}
