import { asHeadroomError, HeadroomError } from '../../errors.ts';

/** Metadata and keys are some ten kilobytes. */
const DOCUMENT_BYTES = 262_144;
/** The sender of an alert waits meanwhile. */
const TIMEOUT_MS = 3_000;

/**
 * One JSON document of an issuer, without redirects.
 *
 * @throws HeadroomError `unavailable` for any failure: only the issuer can mend it
 */
export async function readDocument(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) {
      await response.body?.cancel();
      throw failed(url, `HTTP ${response.status}`);
    }
    return JSON.parse(await readBounded(url, response));
  } catch (error) {
    throw asHeadroomError(error, 'unavailable', failed(url, 'it gave no answer, or none that can be read').message);
  }
}

async function readBounded(url: string, response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > DOCUMENT_BYTES) throw failed(url, `more than ${DOCUMENT_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function failed(url: string, what: string): HeadroomError {
  return new HeadroomError('unavailable', `the signing keys at ${URL.parse(url)?.host} could not be read: ${what}`, {
    nextStep: 'callers are asked to try again; check that this host may reach the issuer',
  });
}
