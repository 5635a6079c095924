import { createSnsAuthority } from '../shared/adapters/aws/sns-authority.ts';
import { alertVerifier, botVerifier, readVerifier } from '../shared/adapters/entra/configured.ts';
import { noteDepth, tellAnswer, tellMessage } from '../shared/adapters/telemetry/attributes.ts';
import type { Recorder } from '../shared/adapters/telemetry/recorder.ts';
import { AZURE_CLOUDS } from '../shared/config/clouds.ts';
import { type Exposure, exposure } from '../shared/config/exposure.ts';
import type { Config } from '../shared/config.ts';
import { HeadroomError } from '../shared/errors.ts';
import { isCanaryInTime } from '../shared/pipeline/canary.ts';
import { timeNow } from '../shared/pipeline/deps.ts';
import { handleDelivery } from '../shared/pipeline/handle-delivery.ts';
import { watch } from '../shared/pipeline/watch.ts';
import type { Log } from '../shared/ports.ts';
import { alertsRoute } from '../shared/routes/alerts.ts';
import { type Access, accessBy } from '../shared/routes/auth.ts';
import { chatRoute } from '../shared/routes/chat.ts';
import { commandPortsOf } from '../shared/routes/command-ports.ts';
import type { Route } from '../shared/routes/http.ts';
import { readRoute } from '../shared/routes/read.ts';
import { type LocalDeps, type LocalOverrides, openLocalDeps } from './deps.ts';
import { type HttpServer, serveHttp } from './http-server.ts';
import { lambdasRoute } from './lambdas.ts';
import { guardLoopback, type Mounted, routerOf } from './router.ts';
import { observeLocal } from './telemetry.ts';
import { startTimer } from './timer.ts';
import { startWorkers, WORKERS, type WorkersOptions } from './workers.ts';

export type LocalOptions = LocalOverrides & {
  host: string;
  /** 0: any free port. */
  port: number;
  log: Log;
  /** Where the terminal destination writes. */
  out(text: string): void;
  colour: boolean;
  workers?: WorkersOptions;
};

export type Local = { url: string; destinations: string[]; deps: LocalDeps; close(): Promise<void> };

/** What stopping may take longer so that the last measurements are sent. */
const FLUSH_MS = 2_000;

/** As in the clouds: every minute. */
const WATCH_EVERY_MS = 60_000;

/**
 * The whole flow on one machine: routes, workers and the minute's watch over one store.
 *
 * @throws HeadroomError `configuration` when the address would let in anyone, or the port is taken
 */
export async function startLocal(config: Config, options: LocalOptions): Promise<Local> {
  const access = exposure(config, options.host);
  if (access.startRefused !== undefined)
    throw new HeadroomError('configuration', 'the server would be open to others', { nextStep: access.startRefused });
  const { deps, telemetry } = observeLocal(await openLocalDeps(config, options, options));
  const mounted = mount(config, deps, access, telemetry);
  const http = await listen(routerOf(mounted), options, deps);
  const handle = (message: unknown): Promise<void> =>
    telemetry.call(
      'work',
      () => handleDelivery(deps, message),
      () => tellMessage(message),
    );
  const workers = startWorkers(deps.queue, handle, {
    ...(options.workers ?? WORKERS),
    sleep: deps.clock.sleep,
    log: deps.log,
  });
  const timer = startTimer(() => telemetry.call('watch', () => watchOnce(deps, telemetry)), {
    everyMs: WATCH_EVERY_MS,
    log: deps.log,
  });
  deps.log.info('started', { url: http.url, at: timeNow(deps.clock) });
  return {
    url: http.url,
    destinations: deps.senders.map((sender) => sender.key),
    deps,
    async close() {
      await http.close();
      await timer.stop();
      await workers.stop();
      await telemetry.flush(FLUSH_MS);
      await deps.close();
    },
  };
}

async function watchOnce(deps: LocalDeps, telemetry: Recorder): Promise<void> {
  await watch(deps);
  if (telemetry.on) await noteDepth(telemetry, deps.queue);
}

function mount(config: Config, deps: LocalDeps, access: Exposure, telemetry: Recorder): Mounted[] {
  const alerts = {
    ...deps,
    ...deps.receiving,
    access: accessOf(access.alerts, {
      token: config.alertToken,
      verifier: alertVerifier(config, AZURE_CLOUDS[config.cloud], deps),
      nextStep: 'set HEADROOM_ALERT_TOKEN or HEADROOM_ALERT_AUDIENCE',
    }),
    bodyBytes: config.bodyBytes,
    sns: { topics: config.settings.snsTopics, authority: createSnsAuthority(snsEndpoint(config)) },
  };
  const read = {
    ...deps,
    access: accessOf(access.reads, {
      token: config.readToken,
      verifier: readVerifier(config, AZURE_CLOUDS[config.cloud], deps),
      nextStep: 'set HEADROOM_READ_TOKEN or HEADROOM_READ_AUDIENCE',
    }),
    healthy: async () => (await deps.queue.depth()) !== null && isCanaryInTime(deps, deps.canary),
  };
  const chatDeps = {
    config,
    ports: commandPortsOf(config, deps, deps.desk),
    desk: deps.desk,
    botVerifier: botVerifier(config, AZURE_CLOUDS[config.cloud], deps),
    exposure: access,
  };
  const chat = chatRoute(chatDeps);
  const mounted = [
    { path: '/api/alerts', route: guarded(access.alerts, measured(telemetry, 'receive', alertsRoute(alerts))) },
    { path: '/api/incidents', route: guarded(access.reads, readRoute(read)) },
    { path: '/api/health', route: readRoute(read) },
    { path: '/api/slack', route: guarded(access.slack, chat) },
    { path: '/api/teams/messages', route: guarded(access.teamsMessages, chat) },
    { path: '/api/teams', route: guarded(access.teamsWebhook, chat) },
    { path: '/api/pagerduty', route: chat },
  ];
  if (!access.open) return mounted;
  return [
    ...mounted,
    { path: '/2015-03-31/functions', route: guardLoopback(lambdasRoute(deps, alerts, read, chatDeps)) },
  ];
}

function measured(telemetry: Recorder, entry: string, route: Route): Route {
  return (request) => telemetry.call(entry, () => route(request), tellAnswer);
}

/** What asks for no credential is guarded by where the call comes from, also beside routes that do ask for one. */
function guarded(access: Exposure['reads'], route: Route): Route {
  return access === 'open' ? guardLoopback(route) : route;
}

function snsEndpoint({ endpoints }: Config): { endpoint?: string } {
  return endpoints.SNS === undefined ? {} : { endpoint: endpoints.SNS };
}

function accessOf(access: Exposure['reads'], credentials: Parameters<typeof accessBy>[0]): Access {
  return access === 'open' ? { kind: 'open' } : accessBy(credentials);
}

async function listen(
  route: Parameters<typeof serveHttp>[0],
  options: LocalOptions,
  deps: LocalDeps,
): Promise<HttpServer> {
  try {
    return await serveHttp(route, options);
  } catch (error) {
    await deps.close();
    throw listenFailure(error, options);
  }
}

function listenFailure(error: unknown, { host, port }: LocalOptions): HeadroomError {
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const nextStep = taken ? 'the port is taken: choose another with --port' : 'check --host and --port';
  return new HeadroomError('configuration', `cannot listen on ${host}:${port}`, { cause: error, nextStep });
}
