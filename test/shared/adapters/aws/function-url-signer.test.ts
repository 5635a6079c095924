import { createHash, createHmac } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { functionUrlSigner } from '../../../../shared/adapters/aws/function-url-signer.ts';

afterEach(() => vi.unstubAllEnvs());

/** The signature as the documentation derives it, written a second time. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function signatureOf(url: URL, headers: Readonly<Record<string, string>>, secret: string): string {
  const [, signed = ''] = /SignedHeaders=([^,]+)/.exec(headers['authorization'] ?? '') ?? [];
  const all: Record<string, string> = { ...headers, host: url.host };
  const canonical = [
    'GET',
    url.pathname,
    'alert=a%20b',
    ...signed.split(';').map((name) => `${name}:${all[name] ?? ''}`),
    '',
    signed,
    createHash('sha256').update('').digest('hex'),
  ].join('\n');
  const at = headers['x-amz-date'] ?? '';
  const scope = ['eu-central-1', 'lambda', 'aws4_request'];
  const text = [
    'AWS4-HMAC-SHA256',
    at,
    [at.slice(0, 8), ...scope].join('/'),
    createHash('sha256').update(canonical).digest('hex'),
  ];
  const key = [at.slice(0, 8), ...scope].reduce<Buffer>(
    (last, part) => createHmac('sha256', last).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  );
  return createHmac('sha256', key).update(text.join('\n')).digest('hex');
}

test('a GET of a function URL is signed for the region that its name tells, as the documentation says', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'a-secret');
  vi.stubEnv('AWS_SESSION_TOKEN', 'a-session');
  const url = new URL('https://abc123.lambda-url.eu-central-1.on.aws/api/incidents?alert=a%20b');
  const headers = await functionUrlSigner({ AWS_REGION: 'eu-west-1' })(url);
  expect(headers['authorization']).toContain('/eu-central-1/lambda/aws4_request');
  expect(headers['x-amz-security-token']).toBe('a-session');
  expect(headers['authorization']).toContain(`Signature=${signatureOf(url, headers, 'a-secret')}`);
  expect(headers['host']).toBeUndefined();
});
