import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseArmId, parseArn, resourcesOf, ruleName, ruleResource } from '../../../shared/sources/resource.ts';

const SUB = '/subscriptions/00000000-0000-0000-0000-000000000000';

describe('parseArmId', () => {
  test.each([
    [SUB, SUB.slice(15), 'microsoft.resources/subscriptions'],
    [`${SUB}/resourceGroups/RG`, 'rg', 'microsoft.resources/subscriptions/resourcegroups'],
    [
      `${SUB}/resourceGroups/RG/providers/Microsoft.KeyVault/vaults/KV-Contoso`,
      'kv-contoso',
      'microsoft.keyvault/vaults',
    ],
    [`${SUB}/resourceGroups/rg/providers/Microsoft.Sql/servers/s/databases/d`, 'd', 'microsoft.sql/servers/databases'],
    [
      `${SUB}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/v/providers/Microsoft.Insights/diagnosticSettings/x`,
      'x',
      'microsoft.insights/diagnosticsettings',
    ],
    [`${SUB}/providers/Microsoft.AlertsManagement/alerts/a`, 'a', 'microsoft.alertsmanagement/alerts'],
    [`${SUB}/resourceGroups/Gruppe (süd)/providers/a.b/c/d`, 'd', 'a.b/c'],
  ])('reads %s', (text, name, type) => {
    const scope = '00000000-0000-0000-0000-000000000000';
    expect(parseArmId(text)).toEqual({ cloud: 'azure', id: text.toLowerCase(), name, type, scope });
  });

  test('drops trailing slashes', () => {
    expect(parseArmId(`${SUB}//`)?.id).toBe(SUB);
  });

  test('knows no subscription of a management group', () => {
    expect(parseArmId('/providers/Microsoft.Management/managementGroups/mg')).toMatchObject({
      name: 'mg',
      scope: 'unknown',
    });
  });

  test.each([
    ['nothing', ''],
    ['a slash', '/'],
    ['no leading slash', SUB.slice(1)],
    ['another path', '/etc/passwd'],
    ['no subscription', '/subscriptions/'],
    ['a placeholder', '/subscriptions/<subscription ID>/resourcegroups/rg'],
    ['an odd number of parts', `${SUB}/resourceGroups`],
    ['a part that is no resource group', `${SUB}/vaults/kv-contoso`],
    ['a provider without a name', `${SUB}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults`],
    ['an empty part', `${SUB}//providers/a/b/c`],
    ['a step up', `${SUB}/resourceGroups/../providers/a/b/c`],
    ['a quote', `${SUB}/resourceGroups/rg'/providers/a/b/c`],
    ['a wildcard', `${SUB}/resourceGroups/*/providers/a/b/c`],
    ['a query', `${SUB}/resourceGroups/rg/providers/a/b/c?x=1`],
    ['a control character', `${SUB}/resourceGroups/r\u0000g/providers/a/b/c`],
    ['blanks at an end', `${SUB}/resourceGroups/rg /providers/a/b/c`],
    ['a foreign root', '/tenants/t/providers/a/b/c'],
    ['an ARN', 'arn:aws:s3:::b'],
    ['a number', 7],
    ['over 1,000 characters', `${SUB}/resourceGroups/rg/providers/a/b/${'c/'.repeat(500)}c`],
  ])('refuses %s', (_what, text) => {
    expect(parseArmId(text)).toBeNull();
  });
});

describe('parseArn', () => {
  test.each([
    ['arn:aws:lambda:eu-west-1:111122223333:function:f', 'f', 'AWS::Lambda::Function', '111122223333', 'eu-west-1'],
    [
      'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:My alarm: a/b',
      'My alarm: a/b',
      'AWS::CloudWatch::Alarm',
      '111122223333',
      'eu-west-1',
    ],
    [
      'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:Bob\'s "5*" why?',
      'Bob\'s "5*" why?',
      'AWS::CloudWatch::Alarm',
      '111122223333',
      'eu-west-1',
    ],
    ['arn:aws-cn:dynamodb:cn-north-1:111122223333:table/t', 't', 'AWS::DynamoDB::Table', '111122223333', 'cn-north-1'],
    ['arn:aws:sqs:eu-west-1:111122223333:jobs', 'jobs', 'AWS::SQS::Queue', '111122223333', 'eu-west-1'],
    ['arn:aws:s3:::bucket', 'bucket', 'AWS::S3::Bucket', 'unknown', undefined],
    ['arn:aws:iam::111122223333:role/path/Role', 'path/Role', 'iam:role', '111122223333', undefined],
    ['arn:aws:elasticache:eu-west-1:111122223333:cluster:c', 'c', 'elasticache:cluster', '111122223333', 'eu-west-1'],
  ])('reads %s', (id, name, type, scope, region) => {
    expect(parseArn(id)).toEqual({ cloud: 'aws', id, name, type, scope, ...(region ? { region } : {}) });
  });

  test.each([
    ['nothing', ''],
    ['another scheme', 'urn:aws:s3:::b'],
    ['a foreign partition', 'arn:azure:s3:::b'],
    ['too few parts', 'arn:aws:s3:b'],
    ['a short account', 'arn:aws:sqs:eu-west-1:1111:jobs'],
    ['a placeholder account', 'arn:aws:sqs:REGION:ACCOUNT:jobs'],
    ['no name', 'arn:aws:lambda:eu-west-1:111122223333:function:'],
    ['a wildcard', 'arn:aws:s3:::b*'],
    ['a quote', "arn:aws:s3:::b'"],
    ['a control character', 'arn:aws:s3:::b\nc'],
    ['blanks at an end', 'arn:aws:s3:::b '],
    ['an ARM id', SUB],
    ['no text', null],
    ['over 1,000 characters', `arn:aws:s3:::${'b'.repeat(1_000)}`],
  ])('refuses %s', (_what, text) => {
    expect(parseArn(text)).toBeNull();
  });
});

describe('both parsers', () => {
  test('keep the id of what they read: parsing it again gives the same resource', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    const texts = fc.oneof(
      fc.tuple(name, name).map(([a, b]) => `${SUB}/resourceGroups/${a}/providers/Microsoft.KeyVault/vaults/${b}`),
      name.map((a) => `arn:aws:lambda:eu-west-1:111122223333:function:${a}`),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        for (const parse of [parseArmId, parseArn]) {
          const resource = parse(text);
          if (resource !== null) expect(parse(resource.id)).toEqual(resource);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('resourcesOf', () => {
  const rule = ruleResource('azure', 's', 'rule');
  const [a, b] = ['a', 'b'].map((name) => parseArmId(`${SUB}/resourceGroups/rg/providers/p/t/${name}`));
  if (!a || !b) throw new Error('no resources');

  test.each([
    ['dimensions before all else', { dimensions: [a, a], targets: [b.id], custom: b.id }, [a]],
    [
      'targets, in any case, without dimensions',
      { dimensions: [], targets: [b.id.toUpperCase(), 'x'], custom: a.id },
      [b],
    ],
    ['each target once', { dimensions: [], targets: [a.id, `${a.id}/`, b.id], custom: undefined }, [a, b]],
    ['the custom property without targets', { dimensions: [], targets: ['x'], custom: a.id }, [a]],
    ['the rule where nothing parses', { dimensions: [], targets: ['x'], custom: 'x' }, [rule]],
  ])('believes %s', (_what, claims, expected) => {
    expect(resourcesOf({ ...claims, rule: () => rule })).toEqual(expected);
  });
});

describe('the names of what has none', () => {
  test('a rule without a scope stands under unknown', () => {
    expect(ruleResource('other', '', 'r')).toEqual({
      cloud: 'other',
      id: 'other:unknown:r',
      name: 'r',
      type: 'unknown',
      scope: 'unknown',
    });
  });

  test('the first usable name is taken, cleaned', () => {
    expect(ruleName(null, ' \u0000', undefined, 'a\tb')).toBe('a b');
    expect(ruleName(null)).toBe('unnamed rule');
  });
});
