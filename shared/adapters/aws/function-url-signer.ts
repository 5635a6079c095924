import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { SignatureV4 } from '@smithy/signature-v4';
import type { FirstRegionOptions } from '../first-region.ts';

/** @see https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html */
export const permissions = {
  // Both, since October 2025; the second holds for calls by the URL alone.
  iam: [
    { actions: ['lambda:InvokeFunction', 'lambda:InvokeFunctionUrl'], resources: ['the reader of the first region'] },
  ],
} as const;

/** `<id>.lambda-url.<region>.on.aws`: a function URL is signed for its own region, which is another one than here. */
const REGION_OF = /\.lambda-url\.([a-z0-9-]+)\.on\.aws(?:\.cn)?$/;

/**
 * Signs a GET of a function URL that answers IAM callers, with the credentials of this process.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
 */
export function functionUrlSigner(
  environment: Readonly<Record<string, string | undefined>>,
): FirstRegionOptions['sign'] {
  const credentials = defaultProvider();
  return async (url) => {
    const region = REGION_OF.exec(url.hostname)?.[1] ?? environment['AWS_REGION'] ?? 'us-east-1';
    const signer = new SignatureV4({ service: 'lambda', region, credentials, sha256: Sha256 });
    const { headers } = await signer.sign({
      method: 'GET',
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { host: url.host },
    });
    const { host: _sentByFetch, ...signed } = headers;
    return signed;
  };
}

type Key = string | ArrayBuffer | ArrayBufferView;

/** SHA-256 as the signer asks for it: plain, or keyed. */
class Sha256 {
  #hash: Hash | Hmac;
  readonly #key: Key | undefined;

  constructor(key?: Key) {
    this.#key = key;
    this.#hash = begin(key);
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  reset(): void {
    this.#hash = begin(this.#key);
  }
}

function begin(key: Key | undefined): Hash | Hmac {
  if (key === undefined) return createHash('sha256');
  if (typeof key === 'string') return createHmac('sha256', key);
  const bytes = ArrayBuffer.isView(key)
    ? new Uint8Array(key.buffer, key.byteOffset, key.byteLength)
    : new Uint8Array(key);
  return createHmac('sha256', bytes);
}
