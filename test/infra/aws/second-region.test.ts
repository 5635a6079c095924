import { expect, test } from 'vitest';
import { readOptions } from '../../../infra/aws/options.ts';
import { EVERYTHING, synthesize } from './synthesized.ts';

const READER = 'arn:aws:lambda:eu-west-1:123456789012:function:Headroom-Read';

test('in a second region work and watch alone may ask the reader of the first, and nothing but that one function', () => {
  const { headroom, remove } = synthesize({ ...EVERYTHING, firstRegionReaderArn: READER });
  remove();
  const granted = Object.entries(headroom.Resources).flatMap(([name, { Type, Properties }]) =>
    Type === 'AWS::IAM::Policy' && JSON.stringify(Properties).includes('lambda:InvokeFunctionUrl')
      ? [[name.replace(/^Functions(\w+?)Role.*$/, '$1'), JSON.stringify(Properties)] as const]
      : [],
  );
  expect(granted.map(([name]) => name).sort()).toEqual(['Watch', 'Work']);
  for (const [, policy] of granted)
    expect(policy).toContain(`{"Action":"lambda:InvokeFunctionUrl","Effect":"Allow","Resource":"${READER}"}`);
}, 240_000);

test('what is no function cannot be the reader of the first region', () => {
  expect(() => readOptions({ firstRegionReaderArn: 'https://abc.lambda-url.eu-west-1.on.aws' })).toThrow(
    'context.headroom.firstRegionReaderArn: must be the ARN of a function',
  );
});
