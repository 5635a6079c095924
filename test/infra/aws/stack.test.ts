/** All that synthesizes is here: a process takes four seconds to load what the first synthesis needs. */
import { App, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addActor } from '../../../infra/aws/actor-role.ts';
import { readOptions } from '../../../infra/aws/options.ts';
import { ENTRIES } from '../../../infra/entries.ts';
import { EVERYTHING, type Synthesized, synthesize } from './synthesized.ts';

/** Five seconds of work where nothing else runs; on a machine that is busy with ten other files, many times that. */
const SYNTHESIS_MS = 240_000;

const READER = 'arn:aws:lambda:eu-west-1:123456789012:function:Headroom-Read';
const ROLES = ['Work', 'Watch'].map((name) => `arn:aws:iam::210987654321:role/Headroom-Functions${name}Role-1A2B`);

let made: Synthesized;
/** One that is the second of one installation and the first of another: both halves in one synthesis. */
let region: Synthesized['headroom'];
beforeAll(() => {
  made = synthesize(EVERYTHING);
  const both = synthesize({ ...EVERYTHING, firstRegionReaderArn: READER, secondRegionRoles: ROLES });
  region = both.headroom;
  both.remove();
}, SYNTHESIS_MS);
afterAll(() => made.remove());

describe('the synthesized template', () => {
  test('breaks no rule of cdk-nag, and is the one that was looked through', async () => {
    await expect(`${JSON.stringify(made.headroom, null, 2)}\n`).toMatchFileSnapshot(
      '../../golden/infra/headroom.template.json',
    );
    await expect(`${JSON.stringify(made.watched, null, 2)}\n`).toMatchFileSnapshot(
      '../../golden/infra/headroom-watched-account.template.json',
    );
  });

  test('names no account and no region, so that a second region takes it as it is', () => {
    const text = JSON.stringify(made.headroom).replaceAll('210987654321', '');
    expect(text).not.toMatch(/\b\d{12}\b/);
    expect(text).not.toMatch(/\b(?:us|eu|ap|sa|ca|me|af)-[a-z]+-\d\b/);
  });

  test('a violation that nobody acknowledged stops the synthesis', () => {
    const app = new App({ analyticsReporting: false });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const role = new iam.Role(new Stack(app, 'Seeded'), 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    role.addToPolicy(new iam.PolicyStatement({ actions: ['s3:*'], resources: ['*'] }));
    expect(() => app.synth()).toThrow('AwsSolutions-IAM5[Action::s3:*]');
  });
});

describe('a second region', () => {
  test('lets work and watch alone ask the reader of the first, by its URL, and nothing but that one function', () => {
    const granted = Object.entries(region.Resources).flatMap(([name, { Type, Properties }]) =>
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
    expect(Object.keys(region.Outputs ?? {})).toContain('AsksTheFirst');
  });

  test('is let in by the first, role by role, to the function that reads and by its URL alone', () => {
    const permissions = Object.values(region.Resources).filter(
      ({ Type, Properties }) => Type === 'AWS::Lambda::Permission' && ROLES.includes(String(Properties['Principal'])),
    );
    const read = Object.keys(region.Resources).find((name) => /^FunctionsRead[0-9A-F]{8}$/.test(name));
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

describe('the role that acts', () => {
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
