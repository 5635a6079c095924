import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type Exchange, type Outage, sendJson, startServer } from './http-server.ts';
import { readToken } from './tokens.ts';

export type KeyValue = {
  key: string;
  label?: string | null;
  value: string;
  contentType?: string | null;
  /** RFC 3339; of long ago when absent. */
  lastModified?: string;
};

export type AppConfigurationOptions = {
  /** Changed in place by tests: page etags follow the content. */
  keyValues: KeyValue[];
  /** Connection-string credentials; absent: bearer tokens only. */
  accessKey?: { id: string; secretBase64: string };
  /** Key-values a page. The service sends 100. */
  pageSize?: number;
  /** Requests in a sliding hour before 429. Standard tier: 30,000. */
  requestsPerHour?: number;
  retryAfterMs?: number;
  port?: number;
  now?: () => number;
  /** Told the application id behind each write; `key` for whoever came with the access key. */
  onWrite?: (who: string) => void;
};

export type AppConfigurationServer = {
  origin: string;
  /** For `AppConfigurationClient`, where there is an access key. */
  connectionString: string;
  counts(): { lists: number; notModified: number; throttled: number; writes: number };
  requests(): number;
  setOutage(outage: Outage): void;
  close(): Promise<void>;
};

const KV_SET = 'application/vnd.microsoft.appconfig.kvset+json; charset=utf-8';
const KV = 'application/vnd.microsoft.appconfig.kv+json; charset=utf-8';

/**
 * App Configuration's `/kv`: filters, pages with etags, conditional lists, quota, HMAC and bearer authentication.
 *
 * @see https://learn.microsoft.com/azure/azure-app-configuration/rest-api-key-value
 */
export async function startAppConfigurationServer(options: AppConfigurationOptions): Promise<AppConfigurationServer> {
  const now = options.now ?? (() => performance.timeOrigin + performance.now());
  const pageSize = options.pageSize ?? 100;
  const counts = { lists: 0, notModified: 0, throttled: 0, writes: 0 };
  let hour: number[] = [];

  const withinQuota = (): boolean => {
    if (options.requestsPerHour === undefined) return true;
    const since = now() - 3_600_000;
    if ((hour[0] ?? since) < since) hour = hour.filter((at) => at >= since);
    hour.push(now());
    return hour.length <= options.requestsPerHour;
  };

  const handle = (exchange: Exchange): void => {
    const { request, response } = exchange;
    if (!isAuthentic(exchange, options.accessKey, now())) {
      sendJson(response, 401, { title: 'Unauthorized', status: 401 }, { 'www-authenticate': 'HMAC-SHA256, Bearer' });
      return;
    }
    if (!withinQuota()) {
      counts.throttled++;
      const body = {
        type: 'https://azconfig.io/errors/too-many-requests',
        title: 'Resource utilization has surpassed the assigned quota',
        policy: 'Total Requests',
        status: 429,
      };
      sendJson(response, 429, body, {
        'content-type': 'application/problem+json',
        'retry-after-ms': String(options.retryAfterMs ?? 10_000),
      });
      return;
    }
    if (exchange.url.pathname.replace(/\/$/, '') === '/kv') list(exchange);
    else if (request.method === 'PUT') put(exchange);
    else if (request.method === 'DELETE') remove(exchange);
    else get(exchange);
  };

  const wrote = ({ request }: Exchange): void => {
    counts.writes++;
    options.onWrite?.(readToken(request.headers.authorization, now())?.appId ?? 'key');
  };

  const placeOf = ({ url }: Exchange) => {
    const key = decodeURIComponent(url.pathname.slice('/kv/'.length));
    const label = url.searchParams.get('label');
    return { key, label, index: options.keyValues.findIndex((kv) => kv.key === key && (kv.label ?? null) === label) };
  };

  /** Whether what stands there is what the request expects. */
  const isExpected = ({ request }: Exchange, standing: KeyValue | undefined): boolean => {
    const { 'if-match': match, 'if-none-match': none } = request.headers;
    if (none === '*' && standing) return false;
    return match === undefined || (standing !== undefined && [`"${etagOf(standing)}"`, '*'].includes(match));
  };

  const get = (exchange: Exchange): void => {
    const standing = options.keyValues[placeOf(exchange).index];
    if (!standing) sendJson(exchange.response, 404, undefined);
    else sendJson(exchange.response, 200, item(standing), { 'content-type': KV, etag: `"${etagOf(standing)}"` });
  };

  const remove = (exchange: Exchange): void => {
    const { index } = placeOf(exchange);
    const standing = options.keyValues[index];
    if (!isExpected(exchange, standing)) {
      sendJson(exchange.response, 412, undefined);
      return;
    }
    wrote(exchange);
    if (standing) options.keyValues.splice(index, 1);
    sendJson(exchange.response, standing ? 200 : 204, standing && item(standing), { 'content-type': KV });
  };

  const put = (exchange: Exchange): void => {
    const { response, body } = exchange;
    const { key, label, index } = placeOf(exchange);
    if (!isExpected(exchange, options.keyValues[index])) {
      sendJson(response, 412, undefined);
      return;
    }
    wrote(exchange);
    const sent: { value?: string; content_type?: string | null } = JSON.parse(body);
    const kept: KeyValue = {
      key,
      label,
      value: sent.value ?? '',
      contentType: sent.content_type ?? null,
      lastModified: new Date(now()).toISOString(),
    };
    if (index === -1) options.keyValues.push(kept);
    else options.keyValues[index] = kept;
    sendJson(response, 200, item(kept), { 'content-type': KV, etag: `"${etagOf(kept)}"` });
  };

  const list = ({ request, response, url }: Exchange): void => {
    counts.lists++;
    const matching = options.keyValues.filter(
      (kv) => matches(url.searchParams.get('key'), kv.key) && matches(url.searchParams.get('label'), kv.label ?? '\0'),
    );
    const after = Number(url.searchParams.get('after') ?? 0);
    const items = matching.slice(after, after + pageSize).map(item);
    const etag = `"${createHash('sha256').update(JSON.stringify(items)).digest('base64url').slice(0, 22)}"`;
    const more = after + pageSize < matching.length;
    const next = new URLSearchParams(url.searchParams);
    next.delete('after'); // it comes last: the client finds it only behind another parameter
    next.append('after', String(after + pageSize));
    const link = `/kv?${next}`;
    const headers = {
      etag,
      'sync-token': 'zAJw6V16=MDoxMCMyODk3;sn=2897',
      ...(more ? { link: `<${link}>; rel="next"` } : {}),
    };
    const unchanged = request.headers['if-none-match'];
    if (unchanged !== undefined && unchanged.replace(/^W\//, '') === etag) {
      counts.notModified++;
      response.writeHead(304, headers);
      response.end();
      return;
    }
    sendJson(
      response,
      200,
      { etag, items, ...(more ? { '@nextLink': link } : {}) },
      { 'content-type': KV_SET, ...headers },
    );
  };

  const server = await startServer(handle, options.port === undefined ? {} : { port: options.port });
  const key = options.accessKey ?? { id: 'none', secretBase64: '' };
  return {
    ...server,
    connectionString: `Endpoint=${server.origin};Id=${key.id};Secret=${key.secretBase64}`,
    counts: () => counts,
  };
}

function etagOf(kv: KeyValue): string {
  return createHash('sha256').update(JSON.stringify(kv)).digest('base64url').slice(0, 22);
}

function item(kv: KeyValue): Record<string, unknown> {
  return {
    etag: etagOf(kv),
    key: kv.key,
    label: kv.label ?? null,
    content_type: kv.contentType ?? null,
    value: kv.value,
    last_modified: kv.lastModified ?? '2026-01-05T09:00:00+00:00',
    locked: false,
    tags: {},
  };
}

/** One filter of up to five comma-separated values, each exact or a prefix that ends in `*`. */
function matches(filter: string | null, value: string): boolean {
  if (filter === null || filter === '' || filter === '*') return true;
  return filter.split(/(?<!\\),/).some((part) => {
    const plain = part.replace(/\\(.)/g, '$1');
    return part.endsWith('*') && !part.endsWith('\\*') ? value.startsWith(plain.slice(0, -1)) : plain === value;
  });
}

function isAuthentic({ request, body }: Exchange, key: AppConfigurationOptions['accessKey'], nowMs: number): boolean {
  const authorization = request.headers.authorization;
  if (readToken(authorization, nowMs) !== null) return true;
  const signature = /^HMAC-SHA256 Credential=([^&]+)&SignedHeaders=[^&]+&Signature=(.+)$/.exec(authorization ?? '');
  if (signature === null || key === undefined || signature[1] !== key.id) return false;
  const contentHash = createHash('sha256').update(body).digest('base64');
  const signed = `${request.method}\n${request.url}\n${request.headers['x-ms-date']};${request.headers.host};${contentHash}`;
  const expected = createHmac('sha256', Buffer.from(key.secretBase64, 'base64')).update(signed).digest();
  const given = Buffer.from(signature[2] ?? '', 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
