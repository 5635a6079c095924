import type { PipelinePolicy } from '@azure/core-rest-pipeline';

/** Read in either case, as the SDK does it. */
const NAMES = ['HTTPS_PROXY', 'ALL_PROXY', 'HTTP_PROXY'].flatMap((name) => [name, name.toLowerCase()]);

/** Goes through the proxy that the environment names, save to hosts of NO_PROXY; straight where it names none. */
export function environmentProxy(): PipelinePolicy {
  let loading: Promise<PipelinePolicy> | undefined;
  return {
    name: 'environmentProxy',
    async sendRequest(request, next) {
      if (!NAMES.some((name) => process.env[name])) return next(request);
      loading ??= import('./sdk-proxy.ts').then(({ proxyPolicy }) => proxyPolicy());
      return (await loading).sendRequest(request, next);
    },
  };
}
