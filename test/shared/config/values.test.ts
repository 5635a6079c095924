import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { limitsChoice } from '../../../shared/config/limits-choice.ts';
import { Secret } from '../../../shared/config/secret.ts';
import { payloads, queue, records } from '../../../shared/config/stores.ts';
import {
  baseUrl,
  choice,
  guid,
  list,
  metadataUrl,
  type Parse,
  roleArn,
  secretUrl,
  text,
  wholeNumber,
  word,
} from '../../../shared/config/values.ts';

function read<T>(parse: Parse<T>, given: string): T | string {
  const parsed = parse(given);
  return parsed.ok ? parsed.value : `refused: ${parsed.problem}`;
}

function refused(parse: Parse<unknown>, given: string): boolean {
  return !parse(given).ok;
}

describe('whole numbers', () => {
  const bodyBytes = wholeNumber(1024, 67_108_864);
  test.each([
    ['1024', 1024],
    ['67108864', 67_108_864],
    ['0001024', 1024],
  ])('%s is taken', (given, number) => {
    expect(read(bodyBytes, given)).toBe(number);
  });

  test.each([
    '1023',
    '67108865',
    '-1',
    '+2048',
    '2048.0',
    '2e3',
    '0x800',
    '2_048',
    '2048 B',
    '٢٠٤٨',
    '9'.repeat(40),
    'NaN',
  ])('%s is refused, and the range is named', (given) => {
    expect(read(bodyBytes, given)).toBe('refused: is not a whole number from 1024 to 67108864');
  });
});

describe('roles', () => {
  test.each([
    'arn:aws:iam::123456789012:role/headroom-actor',
    'arn:aws-us-gov:iam::123456789012:role/ops/chat/Headroom-Actor1A2B3C',
    `arn:aws-cn:iam::123456789012:role/${'r'.repeat(64)}`,
  ])('%s is taken', (given) => {
    expect(read(roleArn, given)).toBe(given);
  });

  test.each([
    'headroom-actor',
    'arn:aws:iam::12345678901:role/headroom-actor',
    'arn:aws:iam::123456789012:user/headroom-actor',
    'arn:aws:iam::123456789012:role/',
    'arn:aws:iam::123456789012:role/two words',
    `arn:aws:iam::123456789012:role/${'r'.repeat(65)}`,
    'arn:aws:sts::123456789012:assumed-role/headroom-actor/session',
    'arn:example:iam::123456789012:role/headroom-actor',
  ])('%s is refused', (given) => {
    expect(read(roleArn, given)).toBe('refused: is not the ARN of a role');
  });
});

describe('words of a choice', () => {
  test('are taken in upper and lower case', () => {
    expect(read(choice(['public', 'usgov']), 'UsGov')).toBe('usgov');
  });

  test('others are refused with the nearest', () => {
    expect(choice(['public', 'usgov', 'china'])('us-gov')).toEqual({
      ok: false,
      problem: 'is none of public, usgov, china',
      nextStep: 'Did you mean usgov?',
    });
  });
});

describe('base URLs', () => {
  test.each([
    ['https://a.example', 'https://a.example'],
    ['https://a.example/', 'https://a.example'],
    ['HTTPS://A.example/v1//', 'https://a.example/v1'],
    ['http://localhost:9000/x/', 'http://localhost:9000/x'],
    ['http://127.0.0.1:1', 'http://127.0.0.1:1'],
    ['http://127.9.8.7', 'http://127.9.8.7'],
    ['http://2130706433', 'http://127.0.0.1'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ])('%s is taken as %s', (given, url) => {
    expect(read(baseUrl, given)).toBe(url);
  });

  test.each([
    'a.example',
    '//a.example',
    'http://a.example',
    'http://127.0.0.1.a.example',
    'http://localhost.a.example',
    'http://0.0.0.0:80',
    'http://10.0.0.1',
    'http://169.254.169.254',
    'ftp://127.0.0.1',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'https://user@a.example',
    'https://user:pass@a.example',
    'https://a.example?token=1',
    'https://a.example/#x',
    'https://a.example/a b',
    'https://a.example/\nx',
    `https://a.example/${'x'.repeat(5000)}`,
    'https://',
  ])('%j is refused', (given) => {
    expect(refused(baseUrl, given)).toBe(true);
  });
});

describe('the metadata service', () => {
  test.each(['http://169.254.169.254', 'http://[fd00:ec2::254]', 'http://127.0.0.1:9000', 'https://imds.example'])(
    'may be at %s',
    (given) => {
      expect(read(metadataUrl, given)).toBe(given);
    },
  );

  test.each(['http://169.255.169.254', 'http://u:p@169.254.169.254', 'http://imds.example', 'ftp://169.254.169.254'])(
    'may not be at %s',
    (given) => {
      expect(refused(metadataUrl, given)).toBe(true);
    },
  );
});

describe('secret URLs', () => {
  test('keep their query, as a signed webhook needs it', () => {
    const parsed = secretUrl('https://w.example/hooks/1?sig=abc&sv=1.0');
    expect(parsed.ok && parsed.value.reveal()).toBe('https://w.example/hooks/1?sig=abc&sv=1.0');
  });

  test('are refused where what they carry would go out unencrypted', () => {
    expect(secretUrl('http://w.example/?sig=abc')).toMatchObject({ ok: false, nextStep: 'Use https.' });
  });
});

describe('comma lists', () => {
  test.each([
    ['a.json', ['a.json']],
    [' a/*.json , b/**/*.gz ', ['a/*.json', 'b/**/*.gz']],
  ])('%j gives %j', (given, members) => {
    expect(read(list(text), given)).toEqual(members);
  });

  test.each([
    ['a,,b', 'refused: member 2 is empty'],
    ['a,', 'refused: member 2 is empty'],
    ['https://a.example,b', 'refused: member 2 is not a URL'],
  ])('%j is %s', (given, problem) => {
    expect(read(list(given.startsWith('https') ? baseUrl : text), given)).toBe(problem);
  });
});

describe('texts', () => {
  test.each([
    [text, 'a\nb'],
    [text, 'a\u0000'],
    [text, 'x'.repeat(4097)],
    [word(3), 'abcd'],
    [word(9), 'a b'],
    [guid, '6f1b3c6e-0d3c-4d0e-9a53'],
    [guid, '6f1b3c6e0d3c4d0e9a532f1f5f0e8a11'],
  ])('%# is refused', (parse, given) => {
    expect(refused(parse, given)).toBe(true);
  });

  test('a GUID is compared in lower case', () => {
    expect(read(guid, '6F1B3C6E-0D3C-4D0E-9A53-2F1F5F0E8A11')).toBe('6f1b3c6e-0d3c-4d0e-9a53-2f1f5f0e8a11');
  });
});

describe('stores', () => {
  test.each([
    [records, 'sqlite', { kind: 'sqlite' }],
    [records, 'memory', { kind: 'memory' }],
    [records, 'table:https://a.table.example/headroom', { kind: 'table', url: 'https://a.table.example/headroom' }],
    [records, 'table:http://127.0.0.1:10002/dev', { kind: 'table', url: 'http://127.0.0.1:10002/dev' }],
    [records, 'dynamodb:headroom', { kind: 'dynamodb', table: 'headroom' }],
    [queue, 'sqlite', { kind: 'sqlite' }],
    [queue, 'memory', { kind: 'memory' }],
    [queue, 'storage:https://a.queue.example/work', { kind: 'storage', url: 'https://a.queue.example/work' }],
    [queue, 'sqs:https://sqs.example/1/work', { kind: 'sqs', url: 'https://sqs.example/1/work' }],
    [payloads, 'file', { kind: 'file' }],
    [payloads, 'memory', { kind: 'memory' }],
    [payloads, 'blob:https://a.blob.example/p', { kind: 'blob', url: 'https://a.blob.example/p' }],
    [payloads, 's3:headroom-payloads', { kind: 's3', bucket: 'headroom-payloads' }],
  ])('%# %s is understood', (parse, given, choice) => {
    expect(read<unknown>(parse, given)).toEqual(choice);
  });

  test.each([
    [records, 'sqlite:x'],
    [records, 'SQLITE'],
    [records, 'table'],
    [records, 'table:'],
    [records, 'table:a.example'],
    [records, 'dynamodb:a'],
    [records, 'dynamodb:arn:aws:dynamodb:eu-west-1:123456789012:table/x'],
    [records, 'sqs:https://a.example'],
    [queue, 'table:https://a.example'],
    [queue, 'sqs:http://a.example'],
    [payloads, 'sqlite'],
    [payloads, 's3:UPPER'],
    [payloads, 's3:ab'],
    [payloads, ''],
  ])('%# %s is refused', (parse, given) => {
    expect(refused(parse, given)).toBe(true);
  });
});

describe('limits', () => {
  test.each([
    ['published', { kind: 'profile', name: 'published' }],
    ['2000', { kind: 'profile', name: '2000' }],
    ['./mine.json', { kind: 'file', path: './mine.json' }],
    ['C:\\limits', { kind: 'file', path: 'C:\\limits' }],
  ])('%s is %j', (given, choice) => {
    expect(read(limitsChoice, given)).toEqual(choice);
  });

  test('a misspelt profile is no file', () => {
    expect(limitsChoice('publised')).toMatchObject({ ok: false, nextStep: expect.stringContaining('published?') });
  });
});

describe('a secret', () => {
  const secret = new Secret('hunter2');
  test.each([
    ['text', String(secret)],
    ['a template', `${secret}`],
    ['a joined list', [secret, secret].join()],
    ['JSON', JSON.stringify({ secret })],
    ['inspection', inspect(secret, { showHidden: true, depth: null })],
    ['inspection inside another object', inspect({ deep: [{ secret }] }, { depth: null })],
    ['its own properties', JSON.stringify([Object.entries(secret), Object.getOwnPropertyNames(secret)])],
    ['a clone', inspect(structuredClone({ ...secret }))],
    ['an error message', new Error(`token ${secret}`).message],
  ])('does not show in %s', (_, shown) => {
    expect(shown).not.toContain('hunter2');
  });

  test('is given out when asked for', () => {
    expect(secret.reveal()).toBe('hunter2');
  });
});
