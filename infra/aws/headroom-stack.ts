import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { addActor } from './actor-role.ts';
import { CredentialAlarms } from './alarms.ts';
import { Entrances } from './entrances.ts';
import { Functions, WORK_VISIBILITY } from './functions.ts';
import type { Options } from './options.ts';
import { OutsideWatch } from './outside-watch.ts';
import { Stores } from './stores.ts';

type Props = StackProps & {
  /** Folder with the bundle of each entry in a folder of its name. */
  bundles: string;
  options: Options;
};

/** Headroom in one account and region; nothing in it names either, so a second region takes the same template. */
export class HeadroomStack extends Stack {
  constructor(scope: Construct, id: string, { bundles, options, ...props }: Props) {
    super(scope, id, props);
    const canaryAlarmName = `${this.stackName}-canary`;
    const stores = new Stores(this, 'Stores', { visibility: WORK_VISIBILITY });
    const functions = new Functions(this, 'Functions', { bundles, stores, options, canaryAlarmName });
    addActor(this, functions.byEntry, options);
    const { receive } = functions.byEntry;
    const { undelivered } = functions;
    const entrances = new Entrances(this, 'Entrances', { receive, key: stores.key, undelivered, options });
    new CredentialAlarms(this, 'CredentialAlarms', { receive, options });
    new OutsideWatch(this, 'OutsideWatch', {
      watchLogs: functions.logGroups.watch,
      receive,
      deadLetters: stores.deadLetters,
      undelivered,
      canaryAlarmName,
      email: options.email,
    });

    const say = (name: string, value: string, description: string) => new CfnOutput(this, name, { value, description });
    const { urls } = functions;
    say('AlertsUrl', urls.receive.url, 'POST api/alerts/{azure|alertmanager|sns} here');
    say(
      'ChatUrl',
      urls.chat.url,
      'api/slack/commands, api/slack/interactions, api/teams/messages, api/pagerduty/webhook',
    );
    say('ReadUrl', urls.read.url, 'GET api/incidents, signed for IAM');
    say('ReadFunction', functions.byEntry.read.functionArn, 'firstRegionReaderArn in the cdk.json of a second region');
    if (options.firstRegionReaderArn !== undefined)
      say(
        'AsksTheFirst',
        rolesOf(functions.byEntry.work, functions.byEntry.watch),
        'secondRegionRoles in the cdk.json of the first',
      );
    say('AlarmAction', receive.functionArn, 'Action of your alarms; ours.alarmActions in headroom.json');
    say('AlarmTopic', entrances.topic.topicArn, 'The same by way of SNS; ours.alarmActions too');
    say('CanaryAlarm', canaryAlarmName, 'canary.alarm in headroom.json');
    say('SecretName', stores.secret.secretName, 'Its fields are the secrets of the functions');
  }
}

function rolesOf(...functions: lambda.IFunction[]): string {
  return functions.flatMap(({ role }) => role?.roleArn ?? []).join(',');
}
