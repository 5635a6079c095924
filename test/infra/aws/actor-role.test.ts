import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { describe, expect, test } from 'vitest';
import { addActor } from '../../../infra/aws/actor-role.ts';
import { readOptions } from '../../../infra/aws/options.ts';
import { ENTRIES } from '../../../infra/entries.ts';
import { manifest } from '../../../infra/manifest.ts';
import { functionId, idOf, policyOf, stack, titled } from './templates.ts';

const ID = idOf('AWS::IAM::Role', 'Actor');
const ARN = { 'Fn::GetAtt': [ID, 'Arn'] };

describe('the role that acts', () => {
  test('trusts the roles of chat and work, and nobody else', () => {
    const trusted = ['chat', 'work'].map((entry) => ({
      'Fn::GetAtt': [idOf('AWS::IAM::Role', `Functions${titled(entry)}Role`), 'Arn'],
    }));
    const trust = stack.findResources('AWS::IAM::Role')[ID]?.['Properties'].AssumeRolePolicyDocument;
    expect(trust?.Statement).toEqual(
      trusted.map((AWS) => ({ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { AWS } })),
    );
  });

  test('may do exactly what the manifest lists for it', () => {
    const policies = stack.findResources('AWS::IAM::Policy', { Properties: { Roles: [{ Ref: ID }] } });
    const [{ actions } = { actions: [] }] = manifest().permissions.awsActor;
    expect(Object.values(policies).map(({ Properties }) => Properties['PolicyDocument'].Statement)).toEqual([
      [{ Action: actions, Effect: 'Allow', Resource: '*' }],
    ]);
  });

  test('is taken on by chat and work alone, which change nothing as themselves', () => {
    const mayTake = (entry: string) =>
      policyOf(entry).Statement.some(
        ({ Action, Resource }) => Action === 'sts:AssumeRole' && JSON.stringify(Resource) === JSON.stringify(ARN),
      );
    expect(ENTRIES.filter(mayTake)).toEqual(['chat', 'work']);
    expect(ENTRIES.filter((entry) => JSON.stringify(policyOf(entry)).includes('AlarmMuteRule"'))).toEqual([]);
  });

  test('is named to every function', () => {
    const named = (entry: string) =>
      stack.findResources('AWS::Lambda::Function')[functionId(entry)]?.['Properties'].Environment.Variables
        .HEADROOM_ACTOR_ROLE;
    expect(ENTRIES.map(named)).toEqual(ENTRIES.map(() => ARN));
  });

  test.each([
    ['on', 1],
    ['ON', 1],
    ['off', 0],
    [undefined, 0],
  ])('where HEADROOM_ACTIONS is %s, there are %i', (said, count) => {
    const environment = said === undefined ? {} : { HEADROOM_ACTIONS: said };
    const small = new Stack(new App({ analyticsReporting: false }), 'Small');
    const role = new iam.Role(small, 'Own', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const fn = (entry: string) =>
      new lambda.Function(small, entry, {
        runtime: lambda.Runtime.NODEJS_24_X,
        handler: 'index.handler',
        code: lambda.Code.fromInline('exports.handler = async () => {}'),
        role,
      });
    const functions = {
      receive: fn('receive'),
      chat: fn('chat'),
      read: fn('read'),
      work: fn('work'),
      watch: fn('watch'),
    };
    addActor(small, functions, readOptions({ environment }));
    const template = Template.fromStack(small);
    template.resourceCountIs('AWS::IAM::Role', 1 + count);
    template.resourcePropertiesCountIs('AWS::Lambda::Function', { Environment: {} }, count * ENTRIES.length);
  });
});
