import { Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { ENTRIES, type Entry } from '../entries.ts';
import MANIFEST from '../manifest.json' with { type: 'json' };
import type { Options } from './options.ts';

/**
 * Who changes something in this account, where actions are on, and nobody otherwise: the functions that act take it on, and
 * may change nothing as themselves.
 *
 * @param functions are told of it in HEADROOM_ACTOR_ROLE, all of them: they read one configuration
 */
export function addActor(scope: Construct, functions: Record<Entry, lambda.Function>, { environment }: Options): void {
  if (environment['HEADROOM_ACTIONS']?.trim().toLowerCase() !== 'on') return;
  const { awsActions, awsActor } = MANIFEST.permissions;
  const taking = ENTRIES.flatMap((entry) =>
    awsActions[entry].map(({ actions }) => ({ fn: functions[entry], actions })),
  );
  const takers = taking.flatMap(({ fn }) => fn.role?.roleArn ?? []).map((arn) => new iam.ArnPrincipal(arn));
  const actor = new iam.Role(scope, 'Actor', {
    description: 'Headroom: changes what people approved; chat and work alone take it on',
    assumedBy: new iam.CompositePrincipal(...takers),
  });
  for (const { on, actions } of awsActor) actor.addToPolicy(new iam.PolicyStatement({ actions, resources: [on] }));
  Validations.of(actor).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'A mute rule is put on each alarm that it mutes, and any alarm of the account may call Headroom.',
  });
  for (const { fn, actions } of taking)
    fn.addToRolePolicy(new iam.PolicyStatement({ actions, resources: [actor.roleArn] }));
  for (const fn of Object.values(functions)) fn.addEnvironment('HEADROOM_ACTOR_ROLE', actor.roleArn);
}
