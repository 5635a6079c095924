import { Match } from 'aws-cdk-lib/assertions';
import { describe, test } from 'vitest';
import { manifest } from '../../../infra/manifest.ts';
import { watched } from './templates.ts';

describe('a watched account', () => {
  test('lets the functions of the installation read what the manifest lists, by a word that both know', () => {
    watched.hasResourceProperties('AWS::IAM::Role', {
      RoleName: 'headroom-reader',
      AssumeRolePolicyDocument: {
        Statement: [
          Match.objectLike({
            Condition: Match.objectLike({ StringEquals: { 'sts:ExternalId': { Ref: 'ExternalId' } } }),
          }),
        ],
      },
    });
    const { work, watch } = manifest().permissions.aws;
    const listed = [...work, ...watch].flatMap(({ on, actions }) => (on === '*' ? actions : []));
    watched.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [Match.objectLike({ Action: [...new Set(listed)].sort() })] },
    });
  });
});
