import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';

/**
 * Takes the place of DNS and TLS: the real clients keep the real names (`https://kv.vault.azure.net`), and requests to a
 * named host reach its simulated server. A host without a route is refused, so nothing leaves the machine.
 */
export function createRoutedHttpClient(origins: Readonly<Record<string, string>>): HttpClient {
  const inner = createDefaultHttpClient();
  return {
    async sendRequest(request) {
      const url = new URL(request.url);
      const origin = origins[url.host];
      if (origin === undefined) throw new Error(`no simulated server stands behind ${url.host}`);
      request.url = `${origin}${url.pathname}${url.search}`;
      request.allowInsecureConnection = true;
      request.headers.set('host', url.host); // signatures cover it
      try {
        return await inner.sendRequest(request);
      } finally {
        request.url = url.href;
      }
    },
  };
}
