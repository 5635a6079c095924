import { isDeepStrictEqual } from 'node:util';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { readOptions } from '../../../infra/aws/options.ts';
import { mayTakeOn, readsWatched } from '../../../infra/aws/watched-account.ts';
import { ENTRIES } from '../../../infra/entries.ts';
import { manifest } from '../../../infra/manifest.ts';
import { EVERYTHING } from './synthesized.ts';
import { ACTOR_ARN, stack, takenOnBy, watched } from './templates.ts';

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

  test('is read by work and watch, which alone may take its role on, and no role beside it', () => {
    // The role that acts is another matter: actor-role.test.ts.
    const taken = (entry: string) => takenOnBy(entry).filter((role) => !isDeepStrictEqual(role, ACTOR_ARN));
    const taking = ENTRIES.filter((entry) => taken(entry).length > 0);
    expect(taking).toEqual(['work', 'watch']);
    for (const entry of taking) {
      expect(taken(entry)).toEqual([
        { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::210987654321:role/headroom-reader']] },
      ]);
    }
  });

  test('is named to the functions only where the external id of its role is', () => {
    stack.allResourcesProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ HEADROOM_WATCHED_ACCOUNTS: '210987654321' }) },
    });
    const { secrets, ...others } = EVERYTHING;
    const without = readOptions({ ...others, secrets: secrets.slice(0, 2) });
    expect([readsWatched(readOptions(EVERYTHING)), readsWatched(without)]).toEqual([true, false]);
    expect(mayTakeOn(['sts:AssumeRole'], without, 'aws')).toEqual([]);
  });
});
