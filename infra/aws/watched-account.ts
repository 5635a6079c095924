import { CfnParameter, Fn, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import MANIFEST from '../manifest.json' with { type: 'json' };
import type { Options } from './options.ts';

/** The role's name in every watched account, so that one pattern in the installation's own account covers them all. */
const WATCHED_ROLE = 'headroom-reader';

/**
 * What an account that is watched from another one takes: a role that reads what the manifest lists, to be taken on by the
 * functions of the installation alone. It has no parameters of Headroom's besides who that is, so a StackSet can bring it
 * everywhere.
 */
export class WatchedAccountStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, {
      description: 'Headroom: the role that an installation in another account reads this account with',
      ...props,
    });
    const account = new CfnParameter(this, 'InstallationAccount', {
      description: 'Account that Headroom runs in',
      allowedPattern: '\\d{12}',
    });
    const externalId = new CfnParameter(this, 'ExternalId', {
      description: 'A long random word, the same as in the installation',
      noEcho: true,
      minLength: 16,
    });
    const role = new iam.Role(this, 'Reader', {
      roleName: WATCHED_ROLE,
      description: 'Headroom reads alarms, metrics and logs with it, and changes nothing',
      assumedBy: new iam.AccountPrincipal(account.valueAsString).withConditions({
        StringEquals: { 'sts:ExternalId': externalId.valueAsString },
        ArnLike: {
          'aws:PrincipalArn': Fn.join('', [
            'arn:',
            this.partition,
            ':iam::',
            account.valueAsString,
            ':role/Headroom-Functions*',
          ]),
        },
      }),
    });
    role.addToPolicy(new iam.PolicyStatement({ sid: 'Read', actions: actionsOnAnything(), resources: ['*'] }));
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'Lists of alarms and queries of metrics take no resource; every action in it reads.',
    });
  }
}

/** Whether the installation reads these accounts, too: with the external id of their roles. Their alarms come all the same. */
export function readsWatched({ watchedAccounts, secrets }: Options): boolean {
  return watchedAccounts.length > 0 && secrets.includes('HEADROOM_WATCHED_EXTERNAL_ID');
}

/** In the installation: the right to take these roles on, and no other. */
export function mayTakeOn(actions: string[], options: Options, partition: string): iam.PolicyStatement[] {
  if (!readsWatched(options)) return [];
  const resources = options.watchedAccounts.map((account) => `arn:${partition}:iam::${account}:role/${WATCHED_ROLE}`);
  return [new iam.PolicyStatement({ actions, resources })];
}

/** What work and watch ask of things that are not the installation's own. */
function actionsOnAnything(): string[] {
  const { work, watch } = MANIFEST.permissions.aws;
  const actions = [...work, ...watch].flatMap((grant) => (grant.on === '*' ? grant.actions : []));
  return [...new Set(actions)].sort();
}
