import { HeadroomError } from '../../errors.ts';
import type { SnsAuthority } from '../../ports.ts';

const TIMEOUT_MS = 3_000;
const CERTIFICATE_BYTES = 16_384;

/** SNS signs with one certificate a region for months; more than this many URLs is somebody trying. */
const KEPT_CERTIFICATES = 40;

/**
 * Reads signing certificates and confirms subscriptions over HTTPS, without redirects.
 *
 * @param options.endpoint base URL in place of SNS's own hosts (HEADROOM_SNS_ENDPOINT), for emulators
 */
export function createSnsAuthority(options: { endpoint?: string } = {}): SnsAuthority {
  const certificates = new Map<string, Promise<string>>();
  const at = (url: string): string => {
    const { pathname, search } = new URL(url);
    return options.endpoint === undefined ? url : new URL(pathname + search, options.endpoint).href;
  };
  return {
    certificate(url) {
      const known = certificates.get(url);
      if (known) return known;
      const read = get(at(url), 'reading the signing certificate of SNS');
      // A failed read is not remembered as an answer.
      read.catch(() => certificates.delete(url));
      const oldest = certificates.keys().next();
      if (certificates.size >= KEPT_CERTIFICATES && !oldest.done) certificates.delete(oldest.value);
      certificates.set(url, read);
      return read;
    },
    async confirm(url) {
      await get(at(url), 'confirming the SNS subscription');
    },
  };
}

async function get(url: string, what: string): Promise<string> {
  const response = await request(url, what);
  if (!response.ok)
    throw new HeadroomError('unavailable', `${what} failed: HTTP ${response.status}`, { nextStep: NEXT_STEP });
  const text = await response.text();
  if (text.length > CERTIFICATE_BYTES)
    throw new HeadroomError('too-large', `${what} gave more than ${CERTIFICATE_BYTES} characters`);
  return text;
}

const NEXT_STEP = 'SNS tries again by itself; check that this host may reach sns.<region>.amazonaws.com';

async function request(url: string, what: string): Promise<Response> {
  try {
    return await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    throw failure(error, what);
  }
}

function failure(error: unknown, what: string): HeadroomError {
  const timedOut = error instanceof Error && error.name === 'TimeoutError';
  return new HeadroomError(timedOut ? 'timed-out' : 'unavailable', `${what} failed`, {
    cause: error,
    nextStep: NEXT_STEP,
  });
}
