import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';

export type ApplicationInsightsServer = {
  /** `http://127.0.0.1:<port>`; the exporter itself speaks TLS alone. */
  origin: string;
  requests(): { name: string; properties: Record<string, string> }[];
  /** What callers showed, each once. */
  authorizations(): string[];
  /** Names of metrics that came. */
  metrics(): string[];
  close(): Promise<void>;
};

type Envelope = {
  data?: {
    baseType?: string;
    baseData?: { name?: string; properties?: Record<string, string>; metrics?: { name: string }[] };
  };
};

/**
 * The ingestion of Application Insights: `/v2.1/track`, envelopes one a line or in an array, gzipped or not.
 *
 * @see https://github.com/microsoft/ApplicationInsights-Home/tree/master/EndpointSpecs
 */
export async function startApplicationInsights(): Promise<ApplicationInsightsServer> {
  const envelopes: Envelope[] = [];
  const shown = new Set<string>();
  const server = createServer((request, response) => {
    shown.add(request.headers.authorization ?? 'nothing');
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const bytes = Buffer.concat(chunks);
      const text = String(request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes);
      const came = readEnvelopes(text).filter(({ data }) => data !== undefined);
      envelopes.push(...came);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ itemsReceived: came.length, itemsAccepted: came.length, errors: [] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was bound');
  const ofType = (type: string): NonNullable<NonNullable<Envelope['data']>['baseData']>[] =>
    envelopes.flatMap(({ data }) => (data?.baseType === type && data.baseData !== undefined ? [data.baseData] : []));

  return {
    origin: `http://127.0.0.1:${address.port}`,
    authorizations: () => [...shown],
    requests: () => ofType('RequestData').map(({ name = '', properties = {} }) => ({ name, properties })),
    metrics: () => [...new Set(ofType('MetricData').flatMap(({ metrics = [] }) => metrics.map(({ name }) => name)))],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function readEnvelopes(text: string): Envelope[] {
  const trimmed = text.trim();
  if (trimmed.startsWith('[')) return JSON.parse(trimmed);
  return trimmed.split('\n').map((line): Envelope => JSON.parse(line));
}
