/** A bundle of its own, loaded where the environment names a proxy: few do, and a start would wait 3 ms for it. */
export { proxyPolicy } from '@azure/core-rest-pipeline';
