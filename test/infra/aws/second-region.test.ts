import { beforeAll, describe, expect, test } from 'vitest';
import { readOptions } from '../../../infra/aws/options.ts';
import { EVERYTHING, type Synthesized, synthesize } from './synthesized.ts';

const READER = 'arn:aws:lambda:eu-west-1:123456789012:function:Headroom-Read';
const ROLES = ['Work', 'Watch'].map((name) => `arn:aws:iam::210987654321:role/Headroom-Functions${name}Role-1A2B`);

/** One that is the second of one installation and the first of another: both halves in one synthesis. */
let headroom: Synthesized['headroom'];
beforeAll(() => {
  const made = synthesize({ ...EVERYTHING, firstRegionReaderArn: READER, secondRegionRoles: ROLES });
  headroom = made.headroom;
  made.remove();
}, 240_000);

describe('a second region', () => {
  test('lets work and watch alone ask the reader of the first, by its URL, and nothing but that one function', () => {
    const granted = Object.entries(headroom.Resources).flatMap(([name, { Type, Properties }]) =>
      Type === 'AWS::IAM::Policy' && JSON.stringify(Properties).includes('lambda:InvokeFunctionUrl')
        ? [[name.replace(/^Functions(\w+?)Role.*$/, '$1'), JSON.stringify(Properties)] as const]
        : [],
    );
    expect(granted.map(([name]) => name).sort()).toEqual(['Watch', 'Work']);
    for (const [, policy] of granted) {
      expect(policy).toContain(`{"Action":"lambda:InvokeFunctionUrl","Effect":"Allow","Resource":"${READER}"}`);
      expect(policy).toContain(
        `{"Action":"lambda:InvokeFunction","Condition":{"Bool":{"lambda:InvokedViaFunctionUrl":"true"}},"Effect":"Allow","Resource":"${READER}"}`,
      );
    }
    expect(Object.keys(headroom.Outputs ?? {})).toContain('AsksTheFirst');
  });

  test('is let in by the first, role by role, to the function that reads and by its URL alone', () => {
    const permissions = Object.values(headroom.Resources).filter(
      ({ Type, Properties }) => Type === 'AWS::Lambda::Permission' && ROLES.includes(String(Properties['Principal'])),
    );
    const read = Object.keys(headroom.Resources).find((name) => /^FunctionsRead[0-9A-F]{8}$/.test(name));
    const FunctionName = { 'Fn::GetAtt': [read, 'Arn'] };
    expect(permissions.map(({ Properties }) => Properties)).toEqual(
      ROLES.flatMap((Principal) => [
        { Action: 'lambda:InvokeFunctionUrl', FunctionName, FunctionUrlAuthType: 'AWS_IAM', Principal },
        { Action: 'lambda:InvokeFunction', FunctionName, InvokedViaFunctionUrl: true, Principal },
      ]),
    );
  });

  test.each([
    [
      'firstRegionReaderArn',
      'https://abc.lambda-url.eu-west-1.on.aws',
      '.firstRegionReaderArn: must be the ARN of a function',
    ],
    ['secondRegionRoles', ['210987654321'], '.secondRegionRoles.0: must be the ARN of a role'],
    ['secondRegionRoles', ['arn:aws:iam::210987654321:role/*'], '.secondRegionRoles.0: must be the ARN of a role'],
  ])('%s refuses %o', (name, given, problem) => {
    expect(() => readOptions({ [name]: given })).toThrow(`context.headroom${problem}`);
  });
});
