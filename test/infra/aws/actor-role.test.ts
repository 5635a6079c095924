import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ENTRIES } from '../../../infra/entries.ts';
import { manifest } from '../../../infra/manifest.ts';
import { ACTOR_ARN, ACTOR_ID, functionId, idOf, policyOf, stack, takenOnBy, titled } from './templates.ts';

describe('the role that acts', () => {
  test('trusts the roles of chat and work, and nobody else', () => {
    const trusted = ['chat', 'work'].map((entry) => ({
      'Fn::GetAtt': [idOf('AWS::IAM::Role', `Functions${titled(entry)}Role`), 'Arn'],
    }));
    const trust = stack.findResources('AWS::IAM::Role')[ACTOR_ID]?.['Properties'].AssumeRolePolicyDocument;
    expect(trust?.Statement).toEqual(
      trusted.map((AWS) => ({ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { AWS } })),
    );
  });

  test('may do exactly what the manifest lists for it', () => {
    const policies = stack.findResources('AWS::IAM::Policy', { Properties: { Roles: [{ Ref: ACTOR_ID }] } });
    const [{ actions } = { actions: [] }] = manifest().permissions.awsActor;
    expect(Object.values(policies).map(({ Properties }) => Properties['PolicyDocument'].Statement)).toEqual([
      [{ Action: actions, Effect: 'Allow', Resource: '*' }],
    ]);
  });

  test('is taken on by chat and work alone, which change nothing as themselves', () => {
    const mayTake = (entry: string) => takenOnBy(entry).some((role) => isDeepStrictEqual(role, ACTOR_ARN));
    expect(ENTRIES.filter(mayTake)).toEqual(['chat', 'work']);
    expect(ENTRIES.filter((entry) => JSON.stringify(policyOf(entry)).includes('AlarmMuteRule"'))).toEqual([]);
  });

  test('is named to every function', () => {
    const named = (entry: string) =>
      stack.findResources('AWS::Lambda::Function')[functionId(entry)]?.['Properties'].Environment.Variables
        .HEADROOM_ACTOR_ROLE;
    expect(ENTRIES.map(named)).toEqual(ENTRIES.map(() => ACTOR_ARN));
  });
});
